"""Real processes and a real kill -9, with a shell in the place of spark-submit's JVM."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from include.orchestration.watchdog import EXIT_CODE

APPLICATION = """
import pathlib, sys, time
from include.orchestration.watchdog import watch_parent
watch_parent()
pathlib.Path(sys.argv[1]).touch()
time.sleep(60)
"""
# Starts a "JVM" that starts the application and waits for it, as spark-submit does.
LAUNCHER = """
import os, subprocess, sys
from include.orchestration.watchdog import mark_launcher
mark_launcher()
jvm = [sys.executable, "-c", "import subprocess, sys; subprocess.call(sys.argv[1:])"]
subprocess.call([*jvm, sys.executable, "-c", *sys.argv[1:]], env=os.environ | {"PYSPARK_GATEWAY_PORT": "1"})
"""


@pytest.fixture
def family(tmp_path: Path):
    """Launcher, JVM and application, once the application is up."""
    up = tmp_path / "up"
    launcher = psutil.Popen([sys.executable, "-c", LAUNCHER, APPLICATION, str(up)])
    while not up.exists():
        assert launcher.poll() is None
        psutil.wait_procs([], timeout=0)
    members = [launcher, *launcher.children(recursive=True)]
    assert len(members) == 3
    yield members
    for process in members:
        if process.is_running():
            process.kill()
    launcher.wait()


def test_a_killed_launcher_ends_the_jvm_and_the_application(family: list[psutil.Process]):
    launcher, *others = family
    launcher.send_signal(signal.SIGKILL)
    launcher.wait()
    _, alive = psutil.wait_procs(others, timeout=10)
    assert alive == []


def test_a_killed_jvm_ends_the_application(family: list[psutil.Process]):
    _, jvm, application = family
    jvm.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs([application], timeout=10)
    assert alive == []


def test_a_launcher_that_is_only_stopped_ends_nothing(family: list[psutil.Process]):
    launcher, *others = family
    launcher.send_signal(signal.SIGSTOP)
    _, alive = psutil.wait_procs(others, timeout=2)
    launcher.send_signal(signal.SIGCONT)
    assert len(alive) == 2


def test_a_launcher_that_died_while_spark_started_is_noticed_at_once(tmp_path: Path):
    """Its number may belong to another process by now: this test's own stands for that."""
    environment = os.environ | {"PORTRAIT_LAUNCHER": f"{os.getpid()} 1"}
    command = [sys.executable, "-c", APPLICATION, str(tmp_path / "up")]
    assert subprocess.call(command, env=environment, timeout=30) == EXIT_CODE
    assert not (tmp_path / "up").exists()


def test_without_a_named_launcher_nothing_is_watched(tmp_path: Path):
    environment = {name: value for name, value in os.environ.items() if name != "PORTRAIT_LAUNCHER"}
    quick = APPLICATION.replace("time.sleep(60)", "time.sleep(1)")
    assert subprocess.call([sys.executable, "-c", quick, str(tmp_path / "up")], env=environment, timeout=30) == 0
