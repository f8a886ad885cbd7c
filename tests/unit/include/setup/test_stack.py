from __future__ import annotations

import socket
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from include.errors import BadInput, PortraitError
from include.privacy import read_key
from include.setup import stack, stack_env
from include.setup.airflow import free_port
from include.setup.stack import Stack


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """A stack that was never started, on a machine without volumes of it."""
    monkeypatch.setattr(stack, "_output", lambda *_command: "")
    (tmp_path / "data").mkdir()
    return Stack("tried", tmp_path, {"STACK_DATA": str(tmp_path / "data")})


def free() -> dict[str, str]:
    """Ports that nothing listens on."""
    return {name: str(free_port()) for name in stack_env.PORTS}


def says(monkeypatch: pytest.MonkeyPatch, words: str, status: int = 0) -> None:
    """Compose that says so and ends."""
    script = f"import sys; print({words!r}); sys.exit({status})"
    monkeypatch.setattr(stack, "_compose_client", lambda: [sys.executable, "-c", script])


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_the_first_start_makes_secrets_that_are_read_by_their_owner_alone(fresh: Stack) -> None:
    fresh.prepare()
    values = fresh.values()
    secret = [values[name] for name in stack_env.SECRETS]
    assert len(set(secret)) == len(secret)
    assert min(map(len, secret)) >= 16
    assert len(values["AIRFLOW_JWT_SECRET"]) >= 64
    assert (
        mode(fresh.env_file) == mode(fresh.key_file) == mode(fresh.key_file.with_name("spark-defaults.conf")) == 0o600
    )
    assert len(read_key(fresh.key_file)) == 32
    assert values["PORTRAIT_UID"] != "0"


def test_a_second_start_changes_no_secret(fresh: Stack) -> None:
    fresh.prepare()
    before = [file.read_bytes() for file in (fresh.env_file, fresh.key_file)]
    fresh.prepare()
    assert [file.read_bytes() for file in (fresh.env_file, fresh.key_file)] == before


def test_secrets_that_were_lost_are_not_made_anew_beside_volumes_that_need_them(
    fresh: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh.prepare()
    monkeypatch.setattr(stack, "_output", lambda *_command: "tried_postgres\n")
    for file in (fresh.key_file, fresh.env_file):
        file.unlink()
        with pytest.raises(BadInput, match=rf"{file.name}: is missing, but volumes"):
            fresh.prepare()
        assert not file.exists()


def test_a_missing_value_is_named(fresh: Stack) -> None:
    fresh.prepare()
    text = fresh.env_file.read_text().replace("MLFLOW_PASSWORD=", "MLFLOW_PASSWORT=")
    fresh.env_file.write_text(text)
    with pytest.raises(BadInput, match=r"\.env: MLFLOW_PASSWORD is missing"):
        fresh.prepare()


def test_the_environment_comes_before_the_file_and_a_folder_is_one_of_the_project(
    fresh: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh.prepare()
    monkeypatch.setenv("PAGES_PORT", "8191")
    monkeypatch.setenv("STACK_DATA", "tests")
    plain = Stack("tried", fresh.secrets)
    assert plain.values()["PAGES_PORT"] == "8191"
    assert plain._environment()["PAGES_PORT"] == "8191"
    assert plain._environment()["STACK_DATA"] == str(stack.ROOT / "tests")
    assert fresh._environment()["STACK_DATA"] == fresh.given["STACK_DATA"]


def test_a_port_that_is_taken_is_named_before_anything_starts(fresh: Stack) -> None:
    fresh.prepare()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        taken = Stack("tried", fresh.secrets, {**fresh.given, **free(), "MLFLOW_PORT": str(port)})
        with pytest.raises(BadInput, match=rf"MLFLOW_PORT: 127\.0\.0\.1:{port} cannot be had"):
            taken._check_ports()


def test_a_port_of_our_own_services_is_not_taken(fresh: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh.prepare()
    with socket.socket() as ours:
        ours.bind(("127.0.0.1", 0))
        ours.listen()
        port = str(ours.getsockname()[1])
        running = Stack("tried", fresh.secrets, {**fresh.given, **free(), "MLFLOW_PORT": port})
        published = {"5000/tcp": [{"HostIp": "127.0.0.1", "HostPort": port}], "8080/tcp": None}
        monkeypatch.setattr(Stack, "containers", lambda _self: [{"NetworkSettings": {"Ports": published}}])
        running._check_ports()


def test_services_are_looked_at_and_ended_without_their_secrets(fresh: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "_compose_client", lambda: ["docker-compose"])
    environment = fresh._environment()
    assert all(environment[name] == "0" for name in stack_env.REQUIRED)
    assert "--env-file" not in fresh._command("down")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"Status": "running", "Health": {"Status": "starting"}}, "starting"),
        ({"Status": "running", "Health": {"Status": "healthy"}}, "healthy"),
        ({"Status": "running"}, "starting"),
        ({"Status": "exited", "ExitCode": 0}, "done"),
        ({"Status": "exited", "ExitCode": 2}, "ended with 2"),
        ({"Status": "restarting", "ExitCode": 1}, "starting"),
    ],
)
def test_what_a_container_is_said_to_be(state: dict[str, Any], said: str) -> None:
    assert stack._state({"State": state}) == said


def test_a_service_of_somebody_elses_file_that_has_no_health_check_is_healthy_while_it_runs() -> None:
    always = {"RestartPolicy": {"Name": "always"}}
    assert stack._state({"State": {"Status": "running"}, "HostConfig": always}) == "healthy"
    assert stack._state({"State": {"Status": "exited", "ExitCode": 0}, "HostConfig": always}) == "ended with 0"


Look = tuple[str, str, int]  # service, state, restarts
BEFORE, NOW = "2020-01-01T00:00:00.1Z", "2999-01-01T00:00:00.1Z"


class Compose:
    """A start that ends after so many looks."""

    def __init__(self, looks: int, words: str = "", status: int = 0) -> None:
        self.looks, self._words, self._status = looks, words, status

    def goes_on(self, _seconds: float) -> bool:
        self.looks -= 1
        return self.looks >= 0

    @property
    def failed(self) -> bool:
        return self.looks < 0 and self._status != 0

    def require(self, what: str) -> str:
        if self.failed:
            raise PortraitError(f"{what}: {self._words}")
        return self._words


def container(service: str, state: str, restarts: int, ended: str = NOW) -> dict[str, Any]:
    """What Docker says of a service that is healthy, starting, unhealthy, done, or `ended with N`."""
    status = "exited" if state == "done" or state.startswith("ended") else "running"
    code = int(state.rpartition(" ")[2]) if state.startswith("ended") else 0
    return {
        "Id": f"{service} {ended}", "service": service, "RestartCount": restarts,
        "HostConfig": {"RestartPolicy": {"Name": "no" if service == "init" else "unless-stopped"}},
        "State": {"Status": status, "ExitCode": code, "FinishedAt": ended, "Health": {"Status": state}},
    }  # fmt: skip


def seen(monkeypatch: pytest.MonkeyPatch, *looks: list[Look]) -> None:
    """The services, look by look; the last stays."""
    left = [[container(*look) for look in looked] for looked in looks]
    monkeypatch.setattr(Stack, "containers", lambda _self: left.pop(0) if len(left) > 1 else left[0])
    monkeypatch.setattr(Stack, "services", lambda _self: ["init", "mlflow"])
    monkeypatch.setattr(Stack, "last_words", lambda _self, _service: "password authentication failed")
    monkeypatch.setattr(stack.time, "sleep", lambda _seconds: None)


def test_a_start_ends_when_all_are_healthy(
    fresh: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen(monkeypatch, [], [("init", "starting", 0)], [("init", "done", 0), ("mlflow", "healthy", 0)])
    fresh.wait(Compose(2))  # type: ignore[arg-type]
    assert capsys.readouterr().out.split() == ["mlflow", "healthy"]


def test_what_stopped_before_is_no_trouble_while_it_is_being_started(
    fresh: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(monkeypatch, [("init", "done", 0), ("mlflow", "healthy", 0)])
    stopped = [container("mlflow", "ended with 137", 0, BEFORE), container("init", "done", 0)]
    healthy = [container("mlflow", "healthy", 0), container("init", "done", 0)]
    looks = [stopped, stopped, healthy]
    monkeypatch.setattr(Stack, "containers", lambda _self: looks.pop(0) if len(looks) > 1 else looks[0])
    fresh.wait(Compose(2))  # type: ignore[arg-type]


def test_what_stopped_before_is_not_blamed_for_a_start_that_failed(
    fresh: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(monkeypatch, [])
    found = [container("triggerer", "ended with 143", 0, BEFORE), container("init", "ended with 1", 0)]
    monkeypatch.setattr(Stack, "containers", lambda _self: found)
    with pytest.raises(PortraitError, match="init: ended with 1"):
        fresh.wait(Compose(1, "init did not complete", 1))  # type: ignore[arg-type]


def test_a_service_that_ended_is_told_with_its_last_words(fresh: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    seen(monkeypatch, [("init", "ended with 2", 0)])
    with pytest.raises(PortraitError, match="init: ended with 2: password authentication failed"):
        fresh.wait()


def test_a_service_that_ends_again_and_again_is_not_waited_for(fresh: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    seen(monkeypatch, *([("mlflow", "starting", restarts)] for restarts in (3, 3, 4, 5)))
    with pytest.raises(PortraitError, match="mlflow: ends whenever it is started: password authentication failed"):
        fresh.wait(Compose(9))  # type: ignore[arg-type]


def test_what_compose_could_not_start_is_told_in_its_words(fresh: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    seen(monkeypatch, [])
    with pytest.raises(PortraitError, match="the services did not start: pull access denied"):
        fresh.wait(Compose(1, "pull access denied", 1))  # type: ignore[arg-type]


def test_an_ill_service_is_told_before_what_compose_says_of_it(fresh: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    seen(monkeypatch, [("mlflow", "unhealthy", 0)])
    with pytest.raises(PortraitError, match="mlflow: unhealthy: password authentication failed"):
        fresh.wait(Compose(1, "Container is unhealthy", 1))  # type: ignore[arg-type]


def test_the_last_words_are_those_that_tell(fresh: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    said = (
        "mlflow_1 | OperationalError: password authentication failed for user\nmlflow_1 | (Background on this error)\n"
    )
    monkeypatch.setattr(Stack, "logs", lambda *_of: said)
    assert fresh.last_words("mlflow") == "OperationalError: password authentication failed for user"
    monkeypatch.setattr(Stack, "logs", lambda *_of: "mlflow_1 | starting\n")
    assert fresh.last_words("mlflow") == "starting"


def test_what_compose_warns_of_is_no_service(fresh: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    says(monkeypatch, "the attribute `version` is obsolete\nspark-worker-1\nmlflow")
    assert fresh.services() == ["mlflow", "spark-worker-1"]


def test_of_compose_the_line_that_tells_is_told(fresh: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    says(monkeypatch, "Step 1/9\nE: permission denied: /opt\nsee the log", status=1)
    with pytest.raises(PortraitError, match="the image was not built: E: permission denied: /opt"):
        fresh.build()


def test_without_docker_a_person_is_told_what_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BadInput, match="no `docker` on the PATH"):
        stack.check_engine()


def test_too_little_memory_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = tmp_path / "docker"
    client.write_text("""#!/bin/sh\necho '{"MemTotal": 4294967296}'\n""")
    client.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(BadInput, match=r"it has 4\.0 GiB of memory"):
        stack.check_engine()
