"""Faults of a run that is halted at a phase: what is done to its processes."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import psutil

from tests.faults.halt.sitecustomize import BETWEEN, CLAIMED, COMMITTED, GATED, STAGED
from tests.faults.world import Place
from tests.helpers import last_line

PHASES = (CLAIMED, STAGED, GATED, BETWEEN, COMMITTED)
_MOST_SECONDS = 600
_LOST = "lost its turn"


@dataclass
class Halted:
    """A run of `place` at a phase; `driver` is the Python that halted."""

    place: Place
    run: subprocess.Popen[str]
    driver: psutil.Process
    younger: list[str] = field(default_factory=list)  # what a younger run said, where there was one

    @property
    def machines(self) -> list[psutil.Process]:
        """The driver's JVM."""
        return self._family(lambda process: process.name() == "java")

    @property
    def workers(self) -> list[psutil.Process]:
        """Spark's Python workers."""
        return self._family(lambda process: "pyspark.daemon" in " ".join(process.cmdline()))

    def go_on(self) -> None:
        (self.place.folder / "go").touch()

    def _family(self, kind: Callable[[psutil.Process], bool]) -> list[psutil.Process]:
        found = []
        for process in self.driver.children(recursive=True):
            with suppress(psutil.Error):  # many of them end at once
                if kind(process):
                    found.append(process)
        return found


Act = Callable[[Halted], None]


def kill_driver(halted: Halted) -> None:
    halted.driver.kill()


def kill_jvm(halted: Halted) -> None:
    for machine in halted.machines:
        machine.kill()
    halted.go_on()


def kill_workers(halted: Halted) -> None:
    """Those there are, or the first ones that come."""
    workers = halted.workers
    halted.go_on()
    end = time.monotonic() + 10
    while not workers and time.monotonic() < end and halted.run.poll() is None:
        with suppress(psutil.Error):
            workers = halted.workers
        time.sleep(0.02)
    for worker in workers:
        with suppress(psutil.NoSuchProcess):
            worker.kill()


def kill_all(halted: Halted) -> None:
    """As the machine would."""
    os.killpg(halted.run.pid, signal.SIGKILL)


def fill_disk(halted: Halted) -> None:
    """No file can grow any more, for this run: what a full disk does to it, without filling one."""
    for process in [halted.driver, *halted.machines]:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, 0))
    halted.go_on()


def take_rights(halted: Halted) -> None:
    """All folders of the lake become read-only, until the run has ended."""
    with _read_only([f for part in halted.place.folder.glob("lake*") for f in [part, *part.rglob("*/")] if f.is_dir()]):
        halted.go_on()
        _ended(halted.run)


def sleep_and_wake(halted: Halted) -> None:
    """It sleeps while a younger run does the work, and wakes up after that."""
    asleep = [halted.driver, *halted.driver.children(recursive=True)]
    for process in asleep:
        with suppress(psutil.NoSuchProcess):
            process.suspend()
    try:
        younger = halted.place.build()
        said, _ = younger.communicate(timeout=_MOST_SECONDS)
        halted.younger.append("" if younger.returncode == 0 else last_line(said))
    finally:
        for process in reversed(asleep):
            with suppress(psutil.NoSuchProcess):
                process.resume()
    halted.go_on()


ACTS: dict[str, Act] = {
    "driver killed": kill_driver, "JVM killed": kill_jvm, "workers killed": kill_workers, "all killed": kill_all,
    "disk full": fill_disk, "read-only": take_rights, "asleep": sleep_and_wake,
}  # fmt: skip


def arm(folder: Path, where: str) -> None:
    """Have the next run halt there."""
    for name in ("stop", "taken", "reached", "go"):
        (folder / name).unlink(missing_ok=True)
    (folder / "stop").write_text(where)


def disturb(place: Place, application: str, phase: str, act: str) -> str | None:
    """Run, halt, act, wait for the end. What became of it in a few words; None if it never came to that phase.

    AssertionError if it ended otherwise than a run may.
    """
    arm(place.folder, f"{application} {phase}")
    run = place.build()
    with _said_by(run) as said:
        driver = _halted(place, run)
        if driver is None:
            assert run.returncode == 0, f"a run that was not disturbed ended with {run.returncode}: {last_line(said())}"
            return None
        halted = Halted(place, run, driver)
        ACTS[act](halted)
        _ended(run)
    (place.folder / "said").write_text(said())  # for whoever looks at a lake where something was wrong
    return outcome(run.returncode, said(), halted.younger)


def outcome(status: int, said: str, younger: list[str]) -> str:
    """What a run may say: killed, one clear line and a status, or nothing because it did not matter."""
    assert younger in ([], [""]), f"the younger run failed: {younger[0]}"
    if status < 0:
        return f"ended by signal {-status}"
    assert "Traceback (most recent call last)" not in said, f"a trace instead of a line: {last_line(said)}"
    if younger:
        assert status != 0, "an elder that woke up late ended well"
        assert _LOST in last_line(said), f"an elder that woke up late said: {last_line(said)}"
    if status:
        assert last_line(said).startswith("portrait: "), f"no line for a person: {last_line(said)}"
    return f"exit {status}" + (f", {last_line(said)[:150]}" if status else "")


@contextmanager
def _said_by(run: subprocess.Popen[str]) -> Iterator[Callable[[], str]]:
    """Reads what a run says while it runs, so that it never waits for a reader."""
    lines: list[str] = []
    assert run.stdout is not None
    reader = Thread(target=lambda: lines.extend(run.stdout or ()), daemon=True)
    reader.start()
    try:
        yield lambda: "".join(lines)
    finally:
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        reader.join(timeout=30)


def _halted(place: Place, run: subprocess.Popen[str]) -> psutil.Process | None:
    reached, end = place.folder / "reached", time.monotonic() + _MOST_SECONDS
    while not reached.exists():
        if run.poll() is not None:
            return None
        assert time.monotonic() < end, f"a run has neither halted nor ended after {_MOST_SECONDS} s"
        time.sleep(0.05)
    return psutil.Process(int(reached.read_text()))


def _ended(run: subprocess.Popen[str]) -> None:
    try:
        run.wait(timeout=_MOST_SECONDS)
    except subprocess.TimeoutExpired:
        raise AssertionError(f"a run has not ended {_MOST_SECONDS} s after its fault") from None


@contextmanager
def _read_only(folders: list[Path]) -> Iterator[None]:
    modes = [(folder, folder.stat().st_mode) for folder in folders]
    for folder, mode in modes:
        folder.chmod(mode & ~0o222)
    try:
        yield
    finally:
        for folder, mode in modes:
            if folder.exists():
                folder.chmod(mode)
