"""Which tables there are, how fresh they are, whether their last check passed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from include.query import LAYERS, Lake
from include.show.table import print_table
from include.tables import TABLES, Table

_NEWEST = ("day", "as_of", "valid_from", "written_at")  # the column that says how fresh a table is, by preference
_RELEASED = """
select fence, application, written_at, map_keys(versions) as named from meta.releases order by fence
"""
_CHECKED = """
with newest as (select *, fence = max(fence) over (partition by "table") as counts from meta.checks)
select "table", rule, severity, passed, failing from newest where counts and not passed order by severity, rule
"""
_JUDGED = 'select "table", max(fence) as fence from meta.checks group by "table"'
WIDE = 120


@dataclass(frozen=True)
class Status:
    """One table as a reader sees it. `newest` is the latest day it speaks about; `checks` the last verdict on it."""

    table: str
    rows: int
    version: int
    newest: date | None
    released_at: datetime | None
    checks: str
    about: str

    def row(self) -> dict[str, Any]:
        """The status as programs read it."""
        return dict(vars(self))


def statuses(lake: Lake) -> list[Status]:
    """One for each table a query can reach, in the order of the declarations."""
    released = {name: row["written_at"] for row in lake.rows(_RELEASED) for name in row["named"]}
    failed: dict[str, list[dict[str, Any]]] = {}
    for row in lake.rows(_CHECKED):
        failed.setdefault(row["table"], []).append(row)
    judged = {row["table"] for row in lake.rows(_JUDGED)}
    return [
        _status(lake, table, released.get(table.name), _verdict(table.name in judged, failed.get(table.name, [])))
        for table in TABLES.values()
        if table.layer in LAYERS and lake.has(table.name)
    ]


def print_statuses(screen: Console, found: Iterable[Status]) -> None:
    """One line a table; what each means beside it, or below where there is no room."""
    found = list(found)
    names = ("table", "rows", "version", "newest", "released (UTC)", "checks")
    rows = [
        [s.table, s.rows, s.version, s.newest, f"{s.released_at:%Y-%m-%d %H:%M}" if s.released_at else None, s.checks]
        for s in found
    ]
    if screen.width >= WIDE:
        print_table(screen, (*names, "one row is"), [[*row, s.about] for row, s in zip(rows, found, strict=True)], ",")
        return
    print_table(screen, names, rows, ",")
    screen.print(Text("\none row is", style="bold"))
    for status in found:
        line = f"{status.table}: {status.about}"
        screen.print(Text(textwrap.fill(line, screen.width, subsequent_indent="    ")))


def _status(lake: Lake, table: Table, released_at: datetime | None, checks: str) -> Status:
    column = next((name for name in _NEWEST if name in table.column_names), None)
    newest = f'cast(max("{column}") as date)' if column else "null"
    row = lake.rows(f'select count(*) as n, {newest} as newest from {table.layer}."{table.name.split(".")[1]}"')[0]  # noqa: S608 declared names
    version = lake.version(table.name)
    if version is None:
        version = lake.meta.version(table.name)
    return Status(table.name, row["n"], version, row["newest"], released_at, checks, table.grain)


def _verdict(judged: bool, failed: Sequence[dict[str, Any]]) -> str:
    if not judged:
        return "-"
    if not failed:
        return "passed"
    critical = [row for row in failed if row["severity"] == "critical"]
    word = "FAILED" if critical else "warning"
    shown = critical or failed
    more = f" and {len(shown) - 1} more" if len(shown) > 1 else ""
    return f"{word}: {shown[0]['rule']} ({shown[0]['failing']:,} rows){more}"
