from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from include.errors import PortraitError
from include.setup import jars


@pytest.fixture
def wanted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """One jar is wanted; the folder it belongs in."""
    monkeypatch.setattr(jars, "JARS", tmp_path / "jars")
    monkeypatch.setattr(jars, "WANTED", {"io.x:y_2.13:1.0": hashlib.sha256(b"jar").hexdigest()})
    return tmp_path / "jars"


def resolver(brings: bytes | None, says: str = ""):
    def resolve(_: list[str], cache: Path) -> str:
        if brings is not None:
            (cache / "jars").mkdir()
            (cache / "jars" / "io.x_y_2.13-1.0.jar").write_bytes(brings)
        return says

    return resolve


def test_a_missing_jar_is_fetched_once(monkeypatch: pytest.MonkeyPatch, wanted: Path):
    monkeypatch.setattr(jars, "_resolve", resolver(b"jar"))
    assert jars.fetch() is True
    assert [file.name for file in wanted.iterdir()] == ["y_2.13-1.0.jar"]
    assert jars.fetch() is False


def test_a_damaged_jar_is_fetched_again(monkeypatch: pytest.MonkeyPatch, wanted: Path):
    wanted.mkdir()
    (wanted / "y_2.13-1.0.jar").write_bytes(b"ja")
    monkeypatch.setattr(jars, "_resolve", resolver(b"jar"))
    assert jars.fetch() is True
    assert (wanted / "y_2.13-1.0.jar").read_bytes() == b"jar"


def test_a_jar_with_another_digest_is_not_used(monkeypatch: pytest.MonkeyPatch, wanted: Path):
    monkeypatch.setattr(jars, "_resolve", resolver(b"evil"))
    with pytest.raises(PortraitError, match=r"io.x:y_2.13:1.0 came with another SHA-256 than expected; not used"):
        jars.fetch()
    assert list(wanted.iterdir()) == []


@pytest.mark.usefixtures("wanted")
def test_a_jar_that_cannot_be_had_says_why(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jars, "_resolve", resolver(None, "loading\n  Host h not found. url=u\nmore"))
    with pytest.raises(PortraitError, match=r"could not be fetched from Maven Central: Host h not found"):
        jars.fetch()
