"""The real sources, built once for the tests of a file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from include.privacy import make_key
from include.settings import ROOT, Settings

DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A lake with the magazine reviews and their vectors."""
    folder: Path = tmp_path_factory.mktemp("magazines")
    make_key(folder / "key")
    named = {
        "PORTRAIT_LAKE": str(folder / "lake"),
        "PORTRAIT_KEY_FILE": str(folder / "key"),
        "PORTRAIT_DATA": str(DATA),
    }
    for application in ("ingest", "understand"):
        command = [sys.executable, "-m", f"jobs.{application}", "--start", "1995-01-01", "--end", "2019-10-03",
                   "--run-id", "real", "--source", "amazon_magazines"]  # fmt: skip
        subprocess.run(command, env=os.environ | named, cwd=ROOT, check=True, capture_output=True)
    return Settings(lake=folder / "lake", key_file=folder / "key", data=DATA)
