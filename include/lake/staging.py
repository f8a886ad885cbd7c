"""Where built rows wait for the gate: Parquet files of one turn, gone when it ends.

What was staged is read back as files, so that the gate and the commit see the same rows, and Spark forgets how they
were made: planning what follows costs as little as planning a read.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from include.lake.frames import read_parquet

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from include.settings import Settings


class Staging:
    """The staged frames of one turn. A context: leaving it deletes them."""

    def __init__(self, settings: Settings, application: str, fence: int) -> None:
        self._all = staged_by(settings, application)
        self._mine = self._all / str(fence)

    def __enter__(self) -> Staging:
        # What is left here is of turns that died: this application has one at a time.
        shutil.rmtree(self._all, ignore_errors=True)
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._mine, ignore_errors=True)

    def keep(self, name: str, frame: DataFrame) -> DataFrame:
        """The same rows, computed and written."""
        path = str(self._path(name))
        frame.write.mode("errorifexists").parquet(path)
        return read_parquet(frame.sparkSession, frame.schema, [path])

    def _path(self, name: str) -> Path:
        return self._mine / name


def staged_by(settings: Settings, application: str) -> Path:
    """The folder of all turns of an application."""
    return settings.lake / "staging" / application
