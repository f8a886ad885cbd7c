"""Airflow on this machine: Postgres, scheduler, DAG processor and API server, each in a process group of its own.

Configuration is by environment, all of it here. Everything listens on 127.0.0.1 or on a Unix socket: the API server on
its port, Postgres on a socket. The log server, which Airflow can only bind to every interface, is not started: the API
server reads the log files itself.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import httpx
import psutil

from include.errors import BadInput, PortraitError
from include.settings import ROOT
from include.setup import postgres

HOME = ROOT / "build" / "airflow"
_LOOPBACK = "127.0.0.1"
_BIN = Path(sys.executable).parent
_START_SECONDS = 120
_GRACE_SECONDS = 8  # a scheduler with running tasks waits for them; a person who stops it does not
_LAUNCHER = "launcher"
COMPONENTS = {
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "api-server": ("api-server",),
}


@dataclass
class Airflow:
    """One Airflow home. `extra` are further environment variables, for the components and so for their tasks."""

    home: Path = HOME
    port: int = 0  # 0: any free port
    dags: Path = ROOT / "dags"
    extra: dict[str, str] = field(default_factory=dict)
    _database: str = ""

    @property
    def postgres(self) -> Path:
        return self.home / "postgres"

    @property
    def password_file(self) -> Path:
        return self.home / "passwords.json"

    @property
    def secret_file(self) -> Path:
        """What tokens are signed with; not in the environment, which tasks inherit."""
        return self.home / "jwt.secret"

    @property
    def url(self) -> str:
        return f"http://{_LOOPBACK}:{self.port}"

    def password(self) -> str:
        """The password of the user `admin`."""
        return str(json.loads(self.password_file.read_text())["admin"])

    def environment(self) -> dict[str, str]:
        """What each Airflow process gets."""
        given = dict(os.environ)
        if "AIRFLOW_CONN_SPARK_DEFAULT" not in given:
            given["AIRFLOW_CONN_SPARK_DEFAULT"] = json.dumps({"conn_type": "spark", "host": "local[2]"})
            given["SPARK_LOCAL_IP"] = _LOOPBACK
        fixed = {
            "PATH": f"{_BIN}{os.pathsep}{given.get('PATH', '')}",
            "PYSPARK_PYTHON": sys.executable,
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": self._database,
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.dags),
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self.password_file),
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "AIRFLOW__API__HOST": _LOOPBACK,
            "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__API_AUTH__JWT_SECRET_CMD": f"cat {shlex.quote(str(self.secret_file))}",
            "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "false",
        }
        return given | _everywhere() | fixed | self.extra

    def open_database(self) -> None:
        """Start Postgres, if it does not run."""
        self._database = postgres.start(self.postgres)

    def command(self, *arguments: str) -> str:
        """Run one `airflow` command to its end; what it printed."""
        answer = subprocess.run(
            [str(_BIN / "airflow"), *arguments], env=self.environment(), cwd=self.home, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        if answer.returncode != 0:
            last = (answer.stdout.strip().splitlines() or ["no word"])[-1]
            raise PortraitError(f"airflow {' '.join(arguments[:2])} ended with {answer.returncode}: {last[:200]}")
        return answer.stdout

    def __enter__(self) -> Self:
        """Start everything and wait until the API answers."""
        self._refuse_second()
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # an impatient second Ctrl-C must leave nothing behind
        try:
            self.stop()
        finally:
            signal.signal(signal.SIGINT, before)

    def _start(self) -> None:
        for folder in ("run", "logs"):
            (self.home / folder).mkdir(exist_ok=True)
        _write_pid(self._pid_file(_LAUNCHER), os.getpid())
        self.port = self.port or free_port()
        _refuse_taken(self.port)
        self.open_database()
        for name, arguments in COMPONENTS.items():
            self.spawn(name, arguments)
        self._wait_until_healthy()

    def stop(self) -> None:
        """End every process that was started, their tasks and their Spark applications, then Postgres."""
        running = [process for name in COMPONENTS if (process := self._process(name))]
        family = {child for process in running for child in [process, *_children(process)]}
        for process in running:
            _signal(process, signal.SIGTERM)
        psutil.wait_procs(running, timeout=_GRACE_SECONDS)
        # Tasks run in sessions of their own: a signal to the scheduler's group would miss them.
        family |= {child for process in list(family) for child in _children(process)}
        for process in family:
            _signal(process, signal.SIGKILL)
        psutil.wait_procs(list(family), timeout=_GRACE_SECONDS)
        for name in (*COMPONENTS, _LAUNCHER):
            self._pid_file(name).unlink(missing_ok=True)
        postgres.stop(self.postgres)

    def broken(self) -> str | None:
        """The name of a component that has ended by itself, None while all run."""
        return next((name for name in COMPONENTS if not self._process(name)), None)

    def watch(self) -> None:
        """PortraitError if a component has ended by itself: which, and why, as far as its log tells."""
        if not (component := self.broken()):
            return
        log = self.home / "logs" / f"{component}.log"
        lines = log.read_text(errors="replace").strip().splitlines()
        why = lines[-1][:200] if lines else "no word"
        raise PortraitError(f"Airflow: the {component} ended by itself: {why} (all of it: {log})")

    def spawn(self, name: str, arguments: tuple[str, ...]) -> None:
        """Start one component."""
        with (self.home / "logs" / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [str(_BIN / "airflow"), *arguments], env=self.environment(), cwd=self.home,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        _write_pid(self._pid_file(name), process.pid)

    def _wait_until_healthy(self) -> None:
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            self.watch()
            try:
                health = httpx.get(f"{self.url}/api/v2/monitor/health", timeout=5).json()
                if all(health[part]["status"] == "healthy" for part in ("metadatabase", "scheduler", "dag_processor")):
                    return
            except (httpx.HTTPError, ValueError):
                pass
            time.sleep(0.5)
        raise PortraitError(f"Airflow: not healthy after {_START_SECONDS} s; see {self.home / 'logs'}")

    def _refuse_second(self) -> None:
        """Two schedulers of one home would share its port and log files. What a killed launcher left is ended."""
        if not any(self._process(name) for name in COMPONENTS):
            return
        if launcher := self._process(_LAUNCHER):
            raise BadInput(f"Airflow: {self.home} is in use by process {launcher.pid}; stop it there (Ctrl-C)")
        self.stop()

    def _pid_file(self, name: str) -> Path:
        return self.home / "run" / f"{name}.pid"

    def _process(self, name: str) -> psutil.Process | None:
        """The component's process, if it lives. A number used again by another process does not count."""
        try:
            pid, started = self._pid_file(name).read_text().split()
            process = psutil.Process(int(pid))
            alive = process.create_time() == float(started) and process.status() != psutil.STATUS_ZOMBIE
        except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
            return None
        return process if alive else None


def _everywhere() -> dict[str, str]:
    """The settings that Airflow as services has, too."""
    lines = Path(__file__).with_name("airflow.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def _write_pid(file: Path, pid: int) -> None:
    file.write_text(f"{pid} {psutil.Process(pid).create_time()}")


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)  # psutil checks that the number still names the same process


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_LOOPBACK, port))
        except OSError as error:
            why = f"cannot listen on {_LOOPBACK}:{port} ({error.strerror})"
            raise BadInput(f"Airflow: {why}; choose another port: make airflow PORT=8090") from None
