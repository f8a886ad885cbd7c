from __future__ import annotations

import socket
import stat
from pathlib import Path
from typing import Any

import pytest

from include.errors import BadInput, PortraitError
from include.privacy import read_key
from include.setup import stack
from include.setup.stack import Stack


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """A stack that was never started, on a machine without volumes of it."""
    monkeypatch.setattr(stack, "_output", lambda *_command: "")
    return Stack("tried", tmp_path, {"STACK_DATA": str(tmp_path / "data")})


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_the_first_start_makes_secrets_that_are_read_by_their_owner_alone(fresh: Stack) -> None:
    fresh.prepare()
    values = fresh.values()
    secret = [values[name] for name in stack._SECRETS]
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
    assert plain._environment()["STACK_DATA"] == str(stack.ROOT / "tests")
    assert fresh._environment()["STACK_DATA"] == fresh.given["STACK_DATA"]


def test_a_port_that_is_taken_is_named_before_anything_starts(fresh: Stack) -> None:
    fresh.prepare()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        taken = Stack("tried", fresh.secrets, {**fresh.given, "MLFLOW_PORT": str(port)})
        with pytest.raises(BadInput, match=rf"MLFLOW_PORT: 127\.0\.0\.1:{port} cannot be had"):
            taken._check_ports()


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"Status": "running", "Health": {"Status": "starting"}}, "starting"),
        ({"Status": "running", "Health": {"Status": "healthy"}}, "healthy"),
        ({"Status": "exited", "ExitCode": 0}, "done"),
        ({"Status": "exited", "ExitCode": 2}, "ended with 2"),
        ({"Status": "restarting", "ExitCode": 1}, "starting"),
    ],
)
def test_what_a_container_is_said_to_be(state: dict[str, Any], said: str) -> None:
    assert stack._state({"State": state}) == said


def test_a_service_that_ended_is_told_with_its_last_words(fresh: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stack, "states", lambda _self: {"init": "ended with 2"})
    monkeypatch.setattr(Stack, "_restarts", lambda _self: {})
    monkeypatch.setattr(Stack, "last_words", lambda _self, _service: "init: AIRFLOW_ADMIN_PASSWORD is not set")
    with pytest.raises(PortraitError, match="init: ended with 2: init: AIRFLOW_ADMIN_PASSWORD is not set"):
        fresh.wait()


def test_a_service_that_ends_again_and_again_is_not_waited_for(fresh: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = iter([3, 3, 4, 5])
    monkeypatch.setattr(Stack, "states", lambda _self: {"mlflow": "starting"})
    monkeypatch.setattr(Stack, "_restarts", lambda _self: {"mlflow": next(looks)})
    monkeypatch.setattr(Stack, "last_words", lambda _self, _service: "password authentication failed")
    monkeypatch.setattr(stack.time, "sleep", lambda _seconds: None)
    with pytest.raises(PortraitError, match="mlflow: ends whenever it is started: password authentication failed"):
        fresh.wait()


def test_the_last_words_are_those_that_tell(fresh: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    said = (
        "mlflow_1 | OperationalError: password authentication failed for user\nmlflow_1 | (Background on this error)\n"
    )
    monkeypatch.setattr(Stack, "logs", lambda *_of: said)
    assert fresh.last_words("mlflow") == "OperationalError: password authentication failed for user"
    monkeypatch.setattr(Stack, "logs", lambda *_of: "mlflow_1 | starting\n")
    assert fresh.last_words("mlflow") == "starting"


def test_what_compose_warns_of_is_no_service(fresh: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "the attribute `version` is obsolete\nspark-worker-1\nmlflow\n"
    monkeypatch.setattr(Stack, "_compose", lambda *_arguments, **_what: said)
    assert fresh.services() == ["mlflow", "spark-worker-1"]


def test_without_docker_a_person_is_told_what_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BadInput, match="no `docker` on the PATH"):
        stack._check_engine()


def test_too_little_memory_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = tmp_path / "docker"
    client.write_text("""#!/bin/sh\necho '{"MemTotal": 4294967296}'\n""")
    client.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(BadInput, match=r"it has 4\.0 GiB of memory"):
        stack._check_engine()
