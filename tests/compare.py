"""Two lakes, read with delta-rs: which tables do not have the same rows."""

from __future__ import annotations

import re
from collections.abc import Mapping

from deltalake import DeltaTable

from include.lake.catalogue import declared
from include.settings import Settings


def content(settings: Settings, versions: Mapping[str, int] | None = None) -> dict[str, list[str]]:
    """Rows of every table, sorted, without what depends on the run. Meta tables tell of runs and are left out.

    At these `versions`, 0 where none is named; else the newest.
    """
    found = {}
    for name, table in declared(settings).items():
        if table.layer == "meta":
            continue
        columns = [c.name for c in table.exact_columns]
        version = None if versions is None else versions.get(name, 0)
        read = DeltaTable(str(settings.table_path(name)), version=version)
        rows = read.to_pyarrow_table(columns=columns).to_pylist()
        found[name] = sorted(re.sub(r"\s+", " ", str(row)) for row in rows)
    return found


def differences(one: Settings, other: Settings) -> list[str]:
    """A line for each table that differs."""
    here, there = content(one), content(other)
    return [f"{name}: {len(here[name])} and {len(there[name])} rows, {len(set(here[name]) ^ set(there[name]))} not in both"
            for name in here if here[name] != there[name]]  # fmt: skip
