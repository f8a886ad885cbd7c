"""The registry on a real MLflow server, in a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx
import pytest

from include.models.registry import Registry
from tests.models import register, word_model

DAY = date(2020, 1, 31)
pytestmark = pytest.mark.slow


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
               "--backend-store-uri", f"sqlite:///{tmp_path / 'server.db'}",
               "--artifacts-destination", str(tmp_path / "artefacts")]  # fmt: skip
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log)
    try:
        _wait(f"http://127.0.0.1:{port}/health", process, tmp_path / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(address).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.5)
    raise AssertionError(log.read_text()[-2000:])


def test_a_server_holds_versions_and_their_files(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    registry = Registry(tmp_path / "nothing here")
    assert registry.versions() == []
    for day in (DAY, DAY.replace(month=3)):
        register(registry, word_model("space"), day)
    first, second = Registry(tmp_path / "nothing here").versions()
    assert (first.trained_through, second.is_champion) == (DAY, True)
    assert registry.load(first).probability(["good"], None)[0] == pytest.approx(0.953, abs=0.001)  # type: ignore[arg-type]
    assert registry.rollback().number == 1
    assert not list((tmp_path / "nothing here").glob("*"))
