"""Follows runs of a DAG and says what happens, one line a change."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from include.errors import PortraitError
from include.setup.rest import Api

_EVERY_SECONDS = 1.0
_TOLD = ("running", "success", "failed", "skipped", "up_for_retry")
Say = Callable[[str, str], None]  # task, state


def follow(
    api: Api, dag: str, run: str, say: Say, watch: Callable[[], None] = lambda: None, most_seconds: float = math.inf
) -> dict[str, float]:
    """Wait for the end of one run. Seconds by task; PortraitError if the run failed, with the reason of its first
    failed task, or if it takes longer than `most_seconds`. `watch` is called at each look, and may raise."""
    told: dict[str, str] = {}
    end = time.monotonic() + most_seconds
    while True:
        state = str(api.run(dag, run)["state"])  # before its tasks, so that the last round tells all of them
        tasks = api.tasks(dag, run)
        for task in sorted(tasks, key=lambda task: str(task["start_date"] or "9")):
            name, now = str(task["task_id"]), str(task["state"])
            if now in _TOLD and told.get(name) != now:
                told[name] = now
                say(name, now)
                if now == "up_for_retry":
                    say(name, _first_line(api.error(dag, run, name, int(task["try_number"]))))
        if state == "success":
            return {str(task["task_id"]): float(task["duration"] or 0) for task in tasks}
        if state == "failed":
            raise PortraitError(f"{dag}: run {run} failed: {_reason(api, dag, run)}")
        if time.monotonic() > end:
            raise PortraitError(f"{dag}: run {run} has not ended after {most_seconds:.0f} s: {told}")
        watch()
        time.sleep(_EVERY_SECONDS)


def _reason(api: Api, dag: str, run: str) -> str:
    """What ended the first task that failed by itself."""
    failed = [task for task in api.tasks(dag, run) if task["state"] == "failed"]
    if not failed:
        return "its state was set by hand"
    task = min(failed, key=lambda task: str(task["end_date"]))
    error = api.error(dag, run, str(task["task_id"]), int(task["try_number"]))
    return f"{task['task_id']}: {error or 'killed; see its log'}"


def _first_line(error: str | None) -> str:
    return error.splitlines()[0][:200] if error else "killed; see its log"
