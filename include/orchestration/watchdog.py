"""Ends a Spark application whose launcher is gone.

A killed Airflow task leaves its spark-submit alive, and that goes on to commit. So the task names itself in the
environment, and the application's driver watches it: task runner > spark-submit (JVM) > driver (Python).
"""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

_LAUNCHER = "PORTRAIT_LAUNCHER"  # "<process id> <start time in clock ticks since boot>": ids are used again
_EVERY_SECONDS = 0.5
EXIT_CODE = 70


def mark_launcher() -> None:
    """Name this process as the launcher of the applications it starts."""
    os.environ[_LAUNCHER] = f"{os.getpid()} {_born(os.getpid())}"


def watch_parent() -> None:
    """Watch the launcher from now on, and end driver and JVM when it is gone. Nothing happens where none was named.

    Call it first in an application: a launcher that died while Spark was starting is noticed at once.
    """
    launcher = os.environ.get(_LAUNCHER)
    if not launcher:
        return
    # spark-submit starts the driver's Python, and tells it the port of its JVM.
    jvm = os.getppid() if "PYSPARK_GATEWAY_PORT" in os.environ else None
    _end_if_alone(launcher, jvm)
    threading.Thread(target=_watch, args=(launcher, jvm), name="watchdog", daemon=True).start()


def _watch(launcher: str, jvm: int | None) -> None:
    while True:
        time.sleep(_EVERY_SECONDS)
        _end_if_alone(launcher, jvm)


def _end_if_alone(launcher: str, jvm: int | None) -> None:
    pid, born = launcher.split()
    jvm_lives = jvm is None or os.getppid() == jvm
    if _born(int(pid)) == born and jvm_lives:
        return
    if jvm is not None and jvm_lives:
        os.kill(jvm, signal.SIGKILL)  # it is the JVM that commits
    os._exit(EXIT_CODE)  # sys.exit would only end this thread; nobody is left to read a message


def _born(pid: int) -> str | None:
    """When a process was started; None if there is no such process, or it is dead and only waits to be reaped."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()  # the name before it may hold spaces
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, started = fields[0], fields[19]
    return None if state in "ZX" else started
