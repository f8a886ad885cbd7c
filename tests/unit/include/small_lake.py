"""A lake of a few rows, written without Spark."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

from include.lake.catalogue import declared
from include.lake.create import create_lake
from include.privacy import make_key
from include.settings import Settings

NOW = datetime(2019, 10, 3, 4, 5, 6, tzinfo=UTC)
_DEFAULTS: dict[str, Any] = {"string": "x", "bigint": 0, "int": 0, "boolean": True, "timestamp": NOW, "double": 0.0,
                             "date": date(2019, 10, 1)}  # fmt: skip


def _settings(folder: Path) -> Settings:
    return Settings(lake=folder / "lake", key_file=folder / "key")


@cache
def _empty() -> Path:
    """A lake without rows, made once a test run: copying it is ten times quicker."""
    made = tempfile.TemporaryDirectory(prefix="portrait-tests-")
    atexit.register(made.cleanup)
    settings = _settings(Path(made.name))
    make_key(settings.key_file)
    create_lake(settings, declared(settings).values())
    return Path(made.name)


class SmallLake:
    """Appends rows; what a row leaves out is null, or any value where the column must have one."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(_empty(), folder, dirs_exist_ok=True)
        self.settings = _settings(folder)
        self.tables = declared(self.settings)
        self.fence = 0

    def append(self, table: str, *rows: Mapping[str, Any]) -> int:
        """Returns the version that the append committed."""
        path = str(self.settings.table_path(table))
        schema = pa.schema(DeltaTable(path).schema().to_arrow())
        columns = [column for column in self.tables[table].columns if column.name in schema.names]
        full = [{c.name: row.get(c.name, _default(c)) for c in columns} for row in rows]
        write_deltalake(path, pa.Table.from_pylist(full, schema=schema), mode="append")
        return DeltaTable(path).version()

    def release(self, application: str = "ingest", **columns: Any) -> int:
        """Ends a run: `versions` are those given, else every table as it is now. Returns its fence."""
        self.fence += 1
        every = {
            name: DeltaTable(str(self.settings.table_path(name))).version()
            for name, table in self.tables.items()
            if table.layer in ("silver", "gold")
        }
        row = {
            "application": application,
            "fence": self.fence,
            "claim_ids": [f"claim-{self.fence}"],
            "run_id": f"run-{self.fence}",
            "interval_start": date(2019, 10, 1),
            "interval_end": date(2019, 10, 3),
            "sources": ["shop"],
            "verdict": "passed",
            "versions": every,
            "moved_forward": True,
            "seconds": {"start": 1.5},
        }
        self.append("meta.releases", row | columns)
        return self.fence


def _default(column: Any) -> Any:
    if column.nullable:
        return None
    if column.allowed:
        return column.allowed[0]
    if column.type.startswith("map"):
        return {}
    if column.type.startswith("array"):
        return []
    return 0 if column.type.startswith("decimal") else _DEFAULTS[column.type]
