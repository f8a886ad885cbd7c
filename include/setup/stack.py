"""`make up`, `make down`, `make logs`: Portrait as services in containers.

Standard library only, and no `.venv`: what runs is in the image. Secrets are made once, in `.env` and `.secrets`; the
volumes are bound to them.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from include.errors import BadInput, PortraitError
from include.setup import stack_env
from include.setup.stack_env import PORTS, REQUIRED
from include.setup.telling import telling

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = ROOT / "build" / "data"  # where containers look for files, if no other folder is named
_PAGES = {"AIRFLOW_PORT": "Airflow", "SPARK_PORT": "Spark's master", "MLFLOW_PORT": "MLflow", "PAGES_PORT": "checks"}
_GIB_NEEDED = 11  # a machine of 12, less what its kernel keeps
_START_SECONDS = 600
_MOST_RESTARTS = 2
_SERVICE = re.compile(r"[a-z0-9-]+")
_EVERY_SECONDS = 2.0
_PATIENCE_SECONDS = 30.0  # a word of progress after so long


@dataclass(frozen=True)
class Stack:
    """The services of docker-compose.yaml. Another `project` has volumes, ports and secrets of its own."""

    project: str = "portrait"
    secrets: Path = ROOT
    given: Mapping[str, str] = field(default_factory=dict)  # ports and folders, where they are not the usual ones
    files: Sequence[str] = field(default_factory=lambda: os.environ.get("STACK_FILES", "").split())

    @property
    def env_file(self) -> Path:
        return self.secrets / ".env"

    @property
    def key_file(self) -> Path:
        return self.secrets / ".secrets" / "pseudonym.key"

    def up(self) -> None:
        """Build the image, start every service, wait until all are healthy. PortraitError names the one that is not."""
        check_engine()
        self.prepare()
        self._check_ports()
        self.build()
        with self._going("up", "--detach", "--remove-orphans") as starting:
            self.wait(starting)

    def build(self) -> None:
        """The one image of ours; quick where nothing changed."""
        with self._going("build", "--quiet", "init") as building:
            started = time.monotonic()
            while building.goes_on(_PATIENCE_SECONDS):
                print(f"  the image is built, {time.monotonic() - started:.0f} s", flush=True)
            building.require("the image was not built")

    def prepare(self) -> None:
        """Make the secrets, if this is the first start. BadInput if something is not as it must be."""
        missing = next((file for file in (self.env_file, self.key_file) if not file.exists()), None)
        if missing and _output("docker", "volume", "ls", "--quiet", "--filter", f"name=^{self.project}_postgres$"):
            raise BadInput(
                f"{missing}: is missing, but volumes made with its secrets are here; put it back, or give up "
                f"what is in them: docker volume rm $(docker volume ls -q -f name=^{self.project}_)"
            )
        stack_env.make(self.env_file, self.key_file, self.key_file.with_name("spark-defaults.conf"), self.project)
        if Path(self.values()["STACK_DATA"]) == DATA:
            DATA.mkdir(parents=True, exist_ok=True)

    def values(self) -> dict[str, str]:
        """What .env says, and the environment before it, as for Compose. BadInput if something is not as it must be."""
        return stack_env.checked(self._given(), self.env_file, ROOT)

    def wait(self, starting: Going | None = None) -> None:
        """Until all services are healthy; says when each is. `starting` is Compose, while it starts them."""
        began, told, wanted = datetime.now(UTC), set[str](), self.services()
        before = {one["Id"]: int(one["RestartCount"]) for one in self.containers()}
        while True:
            goes_on = starting is not None and starting.goes_on(0)
            gave_up = starting is not None and starting.failed
            states = dict.fromkeys(wanted, "starting")
            for one in self.containers():
                service, state = one["service"], _state(one, began if goes_on or gave_up else None)
                states[service] = state
                if int(one["RestartCount"]) - before.get(one["Id"], 0) >= _MOST_RESTARTS:
                    raise PortraitError(f"{service}: ends whenever it is started: {self.last_words(service)}")
                if not goes_on and (state.startswith("ended") or (state == "unhealthy" and gave_up)):
                    raise PortraitError(f"{service}: {state}: {self.last_words(service)}")
                if state == "healthy" and service not in told:
                    told.add(service)
                    print(f"  {service:16s} healthy", flush=True)
            if starting and gave_up:
                starting.require("the services did not start")
            ill = [service for service, state in states.items() if state not in ("healthy", "done")]
            if not ill and not goes_on:
                return
            if (datetime.now(UTC) - began).total_seconds() > _START_SECONDS:
                if starting and goes_on:
                    raise PortraitError(f"Compose has not ended after {_START_SECONDS} s: {starting.last_words()}")
                raise PortraitError(f"{ill[0]}: not healthy after {_START_SECONDS} s: {self.last_words(ill[0])}")
            time.sleep(_EVERY_SECONDS)

    def services(self) -> list[str]:
        with self._going("config", "--services") as asked:
            lines = asked.require("docker-compose.yaml is not understood").splitlines()
        return sorted(line for line in lines if _SERVICE.fullmatch(line))  # and not warnings, which come among them

    def containers(self) -> list[dict[str, Any]]:
        """What Docker says of the container of each service, with its service's name."""
        labels = [f"com.docker.compose.{label}" for label in (f"project={self.project}", "oneoff=False")]
        ids = _output("docker", "ps", "--all", "--quiet", *(f"--filter=label={label}" for label in labels)).split()
        found = json.loads(_output("docker", "inspect", *ids) or "[]") if ids else []
        return [one | {"service": one["Config"]["Labels"]["com.docker.compose.service"]} for one in found]

    def logs(self, service: str, lines: str = "all") -> str:
        with self._going("logs", "--no-color", "--tail", lines, service) as asked:
            return asked.words()

    def last_words(self, service: str) -> str:
        """The last line of a service that tells of an error, else its last line."""
        lines = self.logs(service, "50").splitlines()
        return telling(line.partition("|")[2].strip() or line for line in lines)

    def pages(self) -> list[str]:
        """Where a person looks."""
        values = self.values()
        return [f"  {what:16s} http://127.0.0.1:{values[port]}" for port, what in _PAGES.items()]

    def run(self, *arguments: str) -> int:
        """Any command of Compose, its words shown; its exit status."""
        return subprocess.call(self._command(*arguments), cwd=ROOT, env=self._environment())

    @contextmanager
    def _going(self, *arguments: str) -> Iterator[Going]:
        """A command of Compose that goes on meanwhile, and is ended with what is done meanwhile."""
        with tempfile.TemporaryFile("w+") as said:
            process = subprocess.Popen(
                self._command(*arguments), cwd=ROOT, env=self._environment(), stdin=subprocess.DEVNULL,
                stdout=said, stderr=subprocess.STDOUT,
            )  # fmt: skip
            try:
                yield Going(process, said)
            finally:
                if process.poll() is None:
                    process.terminate()
                process.wait()

    def _command(self, *arguments: str) -> list[str]:
        files = [word for name in self.files for word in ("--file", name)]
        env_file = ["--env-file", str(self.env_file)] if self.env_file.exists() else []
        return [*_compose_client(), "--project-name", self.project, *env_file, *files, *arguments]

    def _environment(self) -> dict[str, str]:
        """For Compose: what we have read, and not what it would read itself. Where .env has mistakes there are values
        as well, so that services can be looked at and ended."""
        given = self._given()
        try:
            values = stack_env.checked(given, self.env_file, ROOT)
        except BadInput:
            values = dict.fromkeys(REQUIRED, "0") | given | PORTS | {"STACK_DATA": str(DATA)}
        return os.environ | values | {"STACK_SECRETS": str(self.secrets / ".secrets")}

    def _given(self) -> dict[str, str]:
        """What .env says, if it is there, and the environment before it."""
        values = stack_env.read(self.env_file) if self.env_file.exists() else {}
        ours = ("STACK_DATA", *PORTS, *REQUIRED)
        return values | {name: os.environ[name] for name in ours if os.environ.get(name)} | dict(self.given)

    def _check_ports(self) -> None:
        """A port that something else listens on is told before anything starts."""
        values, ours = self.values(), _published(self.containers())
        for name in PORTS:
            if values[name] in ours:
                continue
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", int(values[name])))
                except OSError as error:
                    if error.errno != errno.EADDRINUSE:
                        continue  # a port below 1024, say, which is the engine's to open
                    why = f"127.0.0.1:{values[name]} cannot be had ({error.strerror})"
                    raise BadInput(f"{self.env_file}: {name}: {why}; set another port there") from None


@dataclass(frozen=True)
class Going:
    """A command of Compose, while it goes on and after it."""

    process: subprocess.Popen[bytes]
    said: Any  # the file that its words go to

    def goes_on(self, seconds: float) -> bool:
        """Whether it has not ended, after at most so many seconds of waiting for that."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return True
        return False

    @property
    def failed(self) -> bool:
        """Whether it has ended, and not well."""
        return self.process.poll() not in (None, 0)

    def words(self) -> str:
        """All that it said, once it has ended."""
        self.process.wait()
        self.said.seek(0)
        return str(self.said.read())

    def last_words(self) -> str:
        """The line that tells most of what it has said until now."""
        self.said.seek(0)
        return telling(str(self.said.read()).splitlines())

    def require(self, what: str) -> str:
        """Its words; PortraitError with the one that tells most if it failed."""
        words = self.words()
        if self.process.returncode != 0:
            raise PortraitError(f"{what}: {telling(words.splitlines())}")
        return words


def _published(containers: Iterable[Mapping[str, Any]]) -> set[str]:
    """Ports of this machine that these containers have."""
    bound = (one for c in containers for one in (c.get("NetworkSettings", {}).get("Ports") or {}).values())
    return {str(port["HostPort"]) for ports in bound for port in ports or ()}


def check_engine() -> None:
    """Docker and Compose answer, and there is memory enough. BadInput says which does not."""
    answer = _asked_engine()
    if (memory := int(answer["MemTotal"])) < _GIB_NEEDED * 2**30:
        raise BadInput(f"Docker: it has {memory / 2**30:.1f} GiB of memory, but the stack needs a machine of 12")
    _compose_client()


def _asked_engine() -> dict[str, Any]:
    """What Docker's engine says of itself."""
    if not shutil.which("docker"):
        raise BadInput("Docker: no `docker` on the PATH; install Docker Engine, or use `make demo`, which needs none")
    answer = subprocess.run(["docker", "info", "--format", "{{json .}}"], capture_output=True, text=True)
    try:
        said = dict(json.loads(answer.stdout))
    except ValueError:
        said = {}
    if not said.get("MemTotal"):
        raise BadInput("Docker: its engine does not answer; start it, or ask to be let in (group `docker`)")
    return said


def _compose_client() -> list[str]:
    if subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0:
        return ["docker", "compose"]
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    raise BadInput("Docker: neither `docker compose` nor `docker-compose` is there; install Docker Compose")


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True).stdout


def _state(container: Mapping[str, Any], began: datetime | None = None) -> str:
    """`healthy`, `done` (it had one thing to do), `starting`, `unhealthy`, or `ended with N`.

    What ended before `began` is about to be started.
    """
    state = container["State"]
    one_thing = container.get("HostConfig", {}).get("RestartPolicy", {}).get("Name", "no") in ("", "no")
    if state["Status"] == "running":
        return str(state.get("Health", {}).get("Status", "starting" if one_thing else "healthy"))
    if state["Status"] in ("created", "restarting"):
        return "starting"
    if began and datetime.fromisoformat(state["FinishedAt"][:19] + "+00:00") < began:
        return "starting"
    return "done" if state["ExitCode"] == 0 and one_thing else f"ended with {state['ExitCode']}"


def main(command: str, *arguments: str) -> int:
    """Exit status; what cannot be done is said in one line."""
    stack = Stack()
    try:
        if command == "up":
            print("Portrait as services: the first time the image takes some minutes", flush=True)
            stack.up()
            print("\n".join(["up:", *stack.pages(), f"Accounts and passwords are in {stack.env_file}"]))
            return 0
        _asked_engine()
        if not stack.containers():
            print("stack: no service runs; start them with make up", file=sys.stderr)
            return 0 if command == "down" else BadInput.exit_code
        return stack.run(command, *arguments)
    except PortraitError as error:
        print(f"stack: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
