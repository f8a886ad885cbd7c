"""The registry on a real MLflow server, in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from include.models.registry import Registry
from tests.mlflow_server import serve
from tests.models import register, word_model

DAY = date(2020, 1, 31)
pytestmark = pytest.mark.slow


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    with serve(tmp_path) as address:
        yield address


def test_a_server_holds_versions_and_their_files(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    registry = Registry.sentiment(tmp_path / "nothing here")
    assert registry.versions() == []
    for day in (DAY, DAY.replace(month=3)):
        register(registry, word_model("space"), day)
    first, second = Registry.sentiment(tmp_path / "nothing here").versions()
    assert (first.trained_through, second.is_champion) == (DAY, True)
    assert registry.load(first).probability(["good"], None)[0] == pytest.approx(0.953, abs=0.001)  # type: ignore[arg-type]
    assert registry.rollback().number == 1
    assert not list((tmp_path / "nothing here").glob("*"))
