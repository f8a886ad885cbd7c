"""The one way to open a table without Spark. What is wrong with it is told with its name."""

from __future__ import annotations

import json
from pathlib import Path

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError
from pyarrow.dataset import Dataset
from pyarrow.fs import LocalFileSystem, SubTreeFileSystem

from include.errors import PortraitError
from include.settings import Settings


def open_table(settings: Settings, name: str, version: int | None = None) -> DeltaTable:
    """A table as it was at `version`, else as it is. PortraitError that names the file if its log is damaged;
    TableNotFoundError if it was never created."""
    path = settings.table_path(name)
    try:
        return DeltaTable(str(path), version=version)
    except DeltaError:
        if (damaged := _damaged(path / "_delta_log")) is None:
            raise
        raise PortraitError(
            f"{name}: {damaged} is not what was written. Nothing is half-published; put it back from a copy, then run "
            "this again"
        ) from None


def open_dataset(settings: Settings, name: str, version: int | None = None) -> Dataset:
    """The rows of a table as it was at `version`, unread.

    With Arrow's own file system: through delta-rs's, one process in twenty aborted at its end (delta-rs 1.6.6).
    """
    files = SubTreeFileSystem(str(settings.table_path(name)), LocalFileSystem())
    return open_table(settings, name, version).to_pyarrow_dataset(filesystem=files)


def _damaged(log: Path) -> Path | None:
    """The newest commit that cannot be read."""
    for commit in sorted(log.glob("*.json"), reverse=True):
        try:
            for line in commit.read_text("utf-8").splitlines():
                json.loads(line)
        except (OSError, ValueError):
            return commit
    return None
