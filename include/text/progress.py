"""How far Spark is with the partitions of one write, told while it works."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_EVERY_SECONDS = 5.0


class Progress:
    """A context around a write of `total` texts in `partitions` of like size: done, texts per second, time left."""

    def __init__(
        self, spark: SparkSession, group: str, total: int, partitions: int, say: Callable[[str], None]
    ) -> None:
        self._context, self._group = spark.sparkContext, group
        self._total, self._partitions, self._say = total, partitions, say
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="progress", daemon=True)

    def __enter__(self) -> Progress:
        self._context.setJobGroup(self._group, self._group)
        self._started = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._context.setLocalProperty("spark.jobGroup.id", "")
        if kind is None:
            self._say(progress_line(self._total, self._total, time.monotonic() - self._started))

    def _watch(self) -> None:
        told = 0
        while not self._ended.wait(_EVERY_SECONDS):
            done = self._total * self._completed() // self._partitions
            if done > told:
                told = done
                self._say(progress_line(done, self._total, time.monotonic() - self._started))

    def _completed(self) -> int:
        """Tasks that ended, of the stage that embeds: the newest with as many tasks as there are partitions."""
        tracker = self._context.statusTracker()
        jobs = [job for number in tracker.getJobIdsForGroup(self._group) if (job := tracker.getJobInfo(number))]
        stages = [tracker.getStageInfo(number) for job in jobs for number in sorted(job.stageIds)]
        mine = [stage for stage in stages if stage and stage.numTasks == self._partitions]
        return min(mine[-1].numCompletedTasks, self._partitions) if mine else 0


def progress_line(done: int, total: int, seconds: float) -> str:
    """One line for a log: how many, how fast, how long still."""
    speed = done / seconds if seconds > 0 else 0.0
    left = f", {_time((total - done) / speed)} left" if 0 < done < total and speed else ""
    return f"embedded {done:,} of {total:,} texts, {speed:,.0f} a second{left}"


def _time(seconds: float) -> str:
    minutes = int(seconds) // 60
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min {int(seconds) % 60:02d} s"
