from __future__ import annotations

from pathlib import Path

import pytest

from tests.encoder import make_encoder


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a tiny encoder. Not to be changed: copy it."""
    return make_encoder(tmp_path_factory.mktemp("encoder") / "tiny")
