"""Faults of runs in the real scheduler: of the task, its application, the scheduler and Postgres.

A history is one run of `profiles_daily` on a lake of the first day. The DAG's own retries take over; where all of them
were used up, the task is cleared, as a person would.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any

import psutil

from include.setup import postgres
from include.setup.airflow import COMPONENTS
from include.tables import APPLICATIONS
from tests.airflow.installation import Installation
from tests.faults.builds import History, Say, require_known, settle
from tests.faults.halted import PHASES, arm
from tests.faults.world import END, HALT, TWO, World

DAG = "profiles_daily"
_OF_A_HISTORY = 9
_MOST_SECONDS = 600
_ENDED = ("success", "failed")


def environment(world: World) -> dict[str, str]:
    """What an installation needs, beyond what every one has, to work on the sources of `world` and to lose no time."""
    inputs = world.root
    return {
        "PORTRAIT_SOURCES": str(inputs / "sources"), "PORTRAIT_DATA": str(inputs / "data"),
        "PORTRAIT_KEY_FILE": str(inputs / "key"), "PORTRAIT_ENCODER": str(inputs / "encoder"), "PYTHONPATH": str(HALT),
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "10",
    }  # fmt: skip


@dataclass
class Halted:
    """A task's application at a phase. spark-submit (JVM) is the driver's parent, the task is its parent."""

    installation: Installation
    run: str
    application: str
    driver: psutil.Process

    def __post_init__(self) -> None:
        self.jvm = self.driver.parent() or self.driver
        self.task = self.jvm.parent() or self.jvm

    def go_on(self) -> None:
        (self.installation.folder / "go").touch()

    def state(self) -> tuple[str, int]:
        """The state of the task and the number of its attempt."""
        tasks = {t["task_id"]: t for t in self.installation.api.tasks(DAG, self.run)}
        task = tasks[self.application]
        return str(task["state"]), int(task["try_number"])


Act = Callable[[Halted], None]


def kill_task(halted: Halted) -> None:
    halted.task.kill()


def kill_jvm(halted: Halted) -> None:
    halted.jvm.kill()


def kill_driver(halted: Halted) -> None:
    halted.driver.kill()


def kill_workers(halted: Halted) -> None:
    for process in halted.jvm.children(recursive=True):
        with suppress(psutil.Error):
            if "pyspark.daemon" in " ".join(process.cmdline()):
                process.kill()
    halted.go_on()


def kill_scheduler(halted: Halted) -> None:
    """And start another one."""
    pid = int((halted.installation.airflow.home / "run" / "scheduler.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    halted.go_on()
    time.sleep(2)
    revive(halted.installation)


def kill_postgres(halted: Halted) -> None:
    """And start it again. What else of Airflow ends because of it is started again, too, while we wait."""
    folder = halted.installation.airflow.postgres
    os.kill(int((folder / "postmaster.pid").read_text().split("\n")[0]), signal.SIGKILL)
    halted.go_on()
    time.sleep(3)
    postgres.start(folder)
    revive(halted.installation)


def sleep_and_wake(halted: Halted) -> None:
    """The attempt and its supervisor sleep until another attempt has done the work, and wake up after that."""
    supervisor = halted.task.parent()
    assert supervisor is not None
    asleep = [supervisor, halted.task, halted.jvm, *halted.jvm.children(recursive=True)]
    for process in asleep:
        with suppress(psutil.NoSuchProcess):
            process.suspend()
    _, attempt = halted.state()
    end = time.monotonic() + _MOST_SECONDS
    try:
        while not ((now := halted.state())[0] in _ENDED and now[1] > attempt):
            if now == ("failed", attempt):  # it was the last one
                halted.installation.api.clear_failed(DAG, halted.run)
            assert time.monotonic() < end, f"no other attempt of {halted.application} has ended: {now}"
            time.sleep(1)
    finally:
        halted.go_on()
        for process in reversed(asleep):
            with suppress(psutil.NoSuchProcess):
                process.resume()


ACTS: dict[str, Act] = {
    "task killed": kill_task, "JVM killed": kill_jvm, "driver killed": kill_driver, "workers killed": kill_workers,
    "scheduler killed": kill_scheduler, "Postgres killed": kill_postgres, "asleep": sleep_and_wake,
}  # fmt: skip


def revive(installation: Installation) -> None:
    """Start again every component that has ended, as a service manager does."""
    while name := installation.airflow.broken():
        installation.airflow.spawn(name, COMPONENTS[name])


def end_orphans(installation: Installation) -> None:
    """What a killed scheduler left: its executor's processes wait for work that never comes."""
    mine = str(installation.airflow.home)
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get("AIRFLOW_HOME") == mine:
                process.kill()


def live(installation: Installation, world: World, seed: int, number: int, say: Say) -> History:
    """One history, drawn from the seed and its number."""
    rng, history = Random(f"{seed} scheduler {number}"), History(number)
    place = world.first.copied(installation.folder)
    run = installation.api.trigger(DAG, {"start": TWO, "end": END, "sources": ["corner", "letters"]})
    try:
        for application, phase, act in _drawn(rng):
            driver = _halted(installation, run, f"{application} {phase}")
            if driver is None:
                continue
            name = f"{application} {phase}, {act}"
            require_known(world, place, name)
            ACTS[act](Halted(installation, run, application, driver))
            history.tried += 1
            say(f"scheduler {number}: {name}")
            require_known(world, place, name)
        _finish(installation, run, say)
        settle(world, place, history)
    except Exception as error:  # of the faults themselves, too: the others go on
        history.problems.append(f"in the scheduler: {error!r}")
        say(f"scheduler {number}: WRONG: {error!r}")
        installation.api.end_leftovers(DAG)
    for part in installation.folder.glob("lake*"):
        shutil.rmtree(part)
    return history


def _drawn(rng: Random) -> Iterator[tuple[str, str, str]]:
    """Some of the phases of each application, in their order."""
    for application in APPLICATIONS:
        for point in sorted(rng.sample(range(len(PHASES)), _OF_A_HISTORY // len(APPLICATIONS))):
            yield application, PHASES[point], rng.choice(list(ACTS))


def _halted(installation: Installation, run: str, where: str) -> psutil.Process | None:
    """The driver that has come there; None if the run went past it."""
    folder = installation.folder
    arm(folder, where)
    application, end = where.split()[0], time.monotonic() + _MOST_SECONDS
    while not (folder / "reached").exists():
        revive(installation)
        tasks = _tasks(installation, run)
        if tasks.get(application) in ("success", "upstream_failed"):
            return None
        if "failed" in tasks.values():
            installation.api.clear_failed(DAG, run)
        assert time.monotonic() < end, f"{where} was not reached in {_MOST_SECONDS} s: {tasks}"
        time.sleep(0.5)
    return psutil.Process(int((folder / "reached").read_text()))


def _finish(installation: Installation, run: str, say: Say) -> None:
    """Wait for a good end; what failed for good is cleared, twice at most."""
    (installation.folder / "stop").unlink(missing_ok=True)
    cleared, end = 0, time.monotonic() + _MOST_SECONDS
    while (state := str(installation.api.run(DAG, run)["state"])) != "success":
        revive(installation)
        assert time.monotonic() < end, f"run {run} has not ended: {_tasks(installation, run)}"
        if state == "failed":
            assert cleared < 2, f"run {run} fails whenever it is cleared: {_tasks(installation, run)}"
            cleared += 1
            say("every attempt was used up; the task is cleared")
            installation.api.clear_failed(DAG, run)
        time.sleep(1)


def _tasks(installation: Installation, run: str) -> dict[str, Any]:
    return {str(t["task_id"]): t["state"] for t in installation.api.tasks(DAG, run)}
