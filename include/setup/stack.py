"""`make up`, `make down`, `make logs`: Portrait as services in containers.

Standard library only, and no `.venv`: what runs is in the image. Secrets are made once, in `.env` and `.secrets`; the
volumes are bound to them.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from include.errors import BadInput, PortraitError
from include.privacy import write_secret

ROOT = Path(__file__).resolve().parent.parent.parent
_NOBODY = 50000  # who runs in the containers where root starts them
_PORTS = {"AIRFLOW_PORT": "8080", "SPARK_PORT": "8081", "MLFLOW_PORT": "5000", "PAGES_PORT": "8090"}
_PAGES = {"AIRFLOW_PORT": "Airflow", "SPARK_PORT": "Spark's master", "MLFLOW_PORT": "MLflow", "PAGES_PORT": "checks"}
_TYPED = ("AIRFLOW_ADMIN_PASSWORD", "AIRFLOW_ENGINEER_PASSWORD", "AIRFLOW_ANALYST_PASSWORD", "MLFLOW_PASSWORD")
_FERNET = "AIRFLOW_FERNET_KEY"
_SECRETS = (*_TYPED, _FERNET, "POSTGRES_PASSWORD", "AIRFLOW_DB_PASSWORD", "MLFLOW_DB_PASSWORD", "AIRFLOW_SECRET_KEY",
            "AIRFLOW_JWT_SECRET", "MLFLOW_SECRET_KEY")  # fmt: skip
_GIB_NEEDED = 12
_START_SECONDS = 600
_MOST_RESTARTS = 2
_SERVICE = re.compile(r"[a-z0-9-]+")
_TELLING = re.compile(r"error:|fatal|denied|refused|failed|not set", re.IGNORECASE)
_EVERY_SECONDS = 2.0


@dataclass(frozen=True)
class Stack:
    """The services of docker-compose.yaml. Another `project` has volumes, ports and secrets of its own."""

    project: str = "portrait"
    secrets: Path = ROOT
    given: Mapping[str, str] = field(default_factory=dict)  # ports and folders, where they are not the usual ones

    @property
    def env_file(self) -> Path:
        return self.secrets / ".env"

    @property
    def key_file(self) -> Path:
        return self.secrets / ".secrets" / "pseudonym.key"

    def up(self) -> None:
        """Build the image, start every service, wait until all are healthy. PortraitError names the one that is not."""
        _check_engine()
        self.prepare()
        self._check_ports()
        self.build()
        self._compose("up", "--detach", "--remove-orphans", what="the services did not start", must=False)
        self.wait()

    def build(self) -> None:
        """The one image of ours; quick where nothing changed."""
        self._compose("build", "--quiet", "init", what="the image was not built")

    def prepare(self) -> None:
        """Make the secrets, if this is the first start, and the folder of data that containers look into."""
        missing = next((file for file in (self.env_file, self.key_file) if not file.exists()), None)
        if missing and _output("docker", "volume", "ls", "--quiet", "--filter", f"name=^{self.project}_postgres$"):
            raise BadInput(
                f"{missing}: is missing, but volumes made with its secrets are here; put it back, or give up "
                f"what is in them: docker volume rm $(docker volume ls -q -f name=^{self.project}_)"
            )
        if not self.env_file.exists():
            _write_owned(self.env_file, _fresh(self.project))
        values = self.values()
        owner = int(values["PORTRAIT_UID"])
        spark = self.key_file.with_name("spark-defaults.conf")
        if not self.key_file.exists():
            _write_owned(self.key_file, secrets.token_hex(32) + "\n", owner)
        if not spark.exists():
            _write_owned(spark, f"spark.authenticate true\nspark.authenticate.secret {secrets.token_hex(32)}\n", owner)
        _data(values).mkdir(parents=True, exist_ok=True)

    def values(self) -> dict[str, str]:
        """What .env says, and the environment before it, as for Compose. BadInput if something is not there."""
        lines = (line.partition("=") for line in self.env_file.read_text().splitlines() if not line.startswith("#"))
        values = {name.strip(): value.strip() for name, _, value in lines if value.strip()}
        ours = ("PORTRAIT_UID", "STACK_DATA", *_PORTS, *_SECRETS)
        values |= {name: os.environ[name] for name in ours if os.environ.get(name)} | dict(self.given)
        if missing := [name for name in ("PORTRAIT_UID", *_SECRETS) if name not in values]:
            raise BadInput(f"{self.env_file}: {missing[0]} is missing; put it back: the volumes are bound to it")
        return values

    def wait(self) -> None:
        """Until all services are healthy; says when each is."""
        end, told = time.monotonic() + _START_SECONDS, set[str]()
        before = self._restarts()
        while True:
            states = self.states()
            for service, restarts in self._restarts().items():
                if restarts - before.get(service, 0) >= _MOST_RESTARTS:
                    raise PortraitError(f"{service}: ends whenever it is started: {self.last_words(service)}")
            for service, state in states.items():
                if state == "healthy" and service not in told:
                    told.add(service)
                    print(f"  {service:16s} healthy", flush=True)
                if state.startswith("ended"):
                    raise PortraitError(f"{service}: {state}: {self.last_words(service)}")
            if all(state in ("healthy", "done") for state in states.values()):
                return
            if time.monotonic() > end:
                ill = [service for service, state in states.items() if state not in ("healthy", "done")]
                raise PortraitError(f"{ill[0]}: not healthy after {_START_SECONDS} s: {self.last_words(ill[0])}")
            time.sleep(_EVERY_SECONDS)

    def states(self) -> dict[str, str]:
        """Each service: `healthy`, `done` (it had one thing to do), `starting`, or `ended with N`."""
        found = {container["service"]: _state(container) for container in self.containers()}
        return {service: found.get(service, "starting") for service in self.services()}

    def _restarts(self) -> dict[str, int]:
        """How often Docker has started each service again."""
        return {container["service"]: int(container["RestartCount"]) for container in self.containers()}

    def services(self) -> list[str]:
        lines = self._compose("config", "--services", what="docker-compose.yaml is not understood").splitlines()
        return sorted(line for line in lines if _SERVICE.fullmatch(line))  # and not warnings, which come among them

    def containers(self) -> list[dict[str, Any]]:
        """What Docker says of each container, with its service's name."""
        label = f"label=com.docker.compose.project={self.project}"
        ids = _output("docker", "ps", "--all", "--quiet", "--filter", label).split()
        found = json.loads(_output("docker", "inspect", *ids)) if ids else []
        return [one | {"service": one["Config"]["Labels"]["com.docker.compose.service"]} for one in found]

    def logs(self, service: str, lines: str = "all") -> str:
        return self._compose("logs", "--no-color", "--tail", lines, service, what="no logs", must=False)

    def last_words(self, service: str) -> str:
        """The last line of a service that tells of an error, else its last line."""
        lines = self.logs(service, "50").splitlines()
        said = [line.partition("|")[2].strip() or line.strip() for line in lines if line.strip()]
        telling = [line for line in said if _TELLING.search(line)]
        return (telling or said or ["no word"])[-1][:300]

    def pages(self) -> list[str]:
        """Where a person looks."""
        values = _PORTS | self.values()
        return [f"  {what:16s} http://127.0.0.1:{values[port]}" for port, what in _PAGES.items()]

    def run(self, *arguments: str) -> int:
        """Any command of Compose, its words shown; its exit status."""
        return subprocess.call(self._command(*arguments), cwd=ROOT, env=self._environment())

    def _compose(self, *arguments: str, what: str, must: bool = True) -> str:
        answer = subprocess.run(
            self._command(*arguments), cwd=ROOT, env=self._environment(), text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        if must and answer.returncode != 0:
            lines = [line.strip() for line in answer.stdout.splitlines() if line.strip()]
            raise PortraitError(f"{what}: {lines[-1][:300] if lines else 'no word'}")
        return answer.stdout

    def _command(self, *arguments: str) -> list[str]:
        files = [word for name in os.environ.get("STACK_FILES", "").split() for word in ("--file", name)]
        named = ["--project-name", self.project, "--env-file", str(self.env_file)]
        return [*_compose_client(), *named, *files, *arguments]

    def _environment(self) -> dict[str, str]:
        folders = {"STACK_SECRETS": str(self.secrets / ".secrets"), "STACK_DATA": str(_data(self.values()))}
        return os.environ | dict(self.given) | folders

    def _check_ports(self) -> None:
        """A port that something else listens on is told before anything starts."""
        if self.containers():
            return  # it is most likely ours
        values = _PORTS | self.values()
        for name in _PORTS:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", int(values[name])))
                except OSError as error:
                    why = f"127.0.0.1:{values[name]} cannot be had ({error.strerror})"
                    raise BadInput(f"{self.env_file}: {name}: {why}; set another port there") from None


def _data(values: Mapping[str, str]) -> Path:
    """The folder of data, in full: Compose would take a relative one for the name of a volume."""
    return ROOT / values.get("STACK_DATA", "build/data")


def _fresh(project: str) -> str:
    """The first .env of a stack."""
    owner = os.getuid() or _NOBODY
    made = {name: secrets.token_urlsafe(12) if name in _TYPED else secrets.token_hex(32) for name in _SECRETS}
    made[_FERNET] = urlsafe_b64encode(secrets.token_bytes(32)).decode()
    head = "# Made by `make up`. Keep it, and keep it to yourself: the volumes are bound to these secrets.\n"
    lines = {"COMPOSE_PROJECT_NAME": project, "PORTRAIT_UID": str(owner), **_PORTS, **made}
    return head + "".join(f"{name}={value}\n" for name, value in lines.items())


def _write_owned(file: Path, text: str, owner: int | None = None) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    write_secret(file, text)
    if owner is not None and owner != os.getuid():
        os.chown(file, owner, -1)


def _check_engine() -> None:
    """Docker, Compose and memory enough."""
    if not shutil.which("docker"):
        raise BadInput("Docker: no `docker` on the PATH; install Docker Engine, or use `make demo`, which needs none")
    answer = subprocess.run(["docker", "info", "--format", "{{json .}}"], capture_output=True, text=True)
    try:
        memory = int(json.loads(answer.stdout)["MemTotal"])
    except (ValueError, KeyError):
        memory = 0
    if not memory:
        raise BadInput("Docker: its engine does not answer; start it, or ask to be let in (group `docker`)")
    if memory < _GIB_NEEDED * 2**30:
        raise BadInput(f"Docker: it has {memory / 2**30:.1f} GiB of memory, but the stack needs {_GIB_NEEDED}")
    _compose_client()


def _compose_client() -> list[str]:
    if subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0:
        return ["docker", "compose"]
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    raise BadInput("Docker: neither `docker compose` nor `docker-compose` is there; install Docker Compose")


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True).stdout


def _state(container: Mapping[str, Any]) -> str:
    state = container["State"]
    if state["Status"] == "running":
        return str(state.get("Health", {}).get("Status", "healthy"))
    if state["Status"] == "exited" and state["ExitCode"] == 0:
        return "done"
    return "starting" if state["Status"] in ("created", "restarting") else f"ended with {state['ExitCode']}"


def main(command: str, *arguments: str) -> int:
    """Exit status; what cannot be done is said in one line."""
    stack = Stack()
    try:
        match command:
            case "up":
                print("Portrait as services: the first time the image takes some minutes", flush=True)
                stack.up()
                print("\n".join(["up:", *stack.pages(), f"Accounts and passwords are in {stack.env_file}"]))
                return 0
            case _:
                stack.values()
                return stack.run(command, *arguments)
    except FileNotFoundError:
        print(f"stack: {stack.env_file} is missing; run make up", file=sys.stderr)
        return BadInput.exit_code
    except PortraitError as error:
        print(f"stack: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
