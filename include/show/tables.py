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
WIDE, NARROW = 160, 90


@dataclass(frozen=True)
class Status:
    """One table as a reader sees it. `newest` is the latest day it speaks about.

    `checks` is the verdict of its last check: passed, warning, FAILED (then the version is an older, good one), or -
    where there was none. `failing` names the rules behind it.
    """

    table: str
    rows: int
    version: int
    newest: date | None
    released_at: datetime | None
    checks: str
    failing: tuple[str, ...]
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
        _status(lake, table, released.get(table.name), table.name in judged, failed.get(table.name, []))
        for table in TABLES.values()
        if table.layer in LAYERS and lake.has(table.name)
    ]


def print_statuses(screen: Console, found: Iterable[Status]) -> None:
    """One line a table, then what did not pass; what a row is stands beside it, or below where there is no room."""
    found = list(found)
    narrow = screen.width < NARROW
    names = ("table", "rows", *(() if narrow else ("version",)), "newest", "released (UTC)", "checks")
    rows = [
        [s.table, s.rows, *(() if narrow else (s.version,)), s.newest, _minute(s.released_at), s.checks] for s in found
    ]
    if screen.width >= WIDE:
        print_table(screen, (*names, "one row is"), [[*row, s.about] for row, s in zip(rows, found, strict=True)], ",")
    else:
        print_table(screen, names, rows, ",")
    failing = [f"{status.table} {line}" for status in found for line in status.failing]
    _print_list(screen, "did not pass", failing)
    if screen.width < WIDE:
        _print_list(screen, "one row is", [f"{status.table}: {status.about}" for status in found])


def _status(
    lake: Lake, table: Table, released_at: datetime | None, judged: bool, failed: Sequence[dict[str, Any]]
) -> Status:
    column = next((name for name in _NEWEST if name in table.column_names), None)
    newest = f'cast(max("{column}") as date)' if column else "null"
    row = lake.rows(f'select count(*) as n, {newest} as newest from {table.layer}."{table.name.split(".")[1]}"')[0]  # noqa: S608 declared names
    version = lake.version(table.name)
    if version is None:
        version = lake.meta.version(table.name)
    failing = tuple(f"{rule['rule']} ({rule['severity']}): {rule['failing']:,} rows" for rule in failed)
    checks = _verdict(judged, failed)
    return Status(table.name, row["n"], version, row["newest"], released_at, checks, failing, table.grain)


def _verdict(judged: bool, failed: Sequence[dict[str, Any]]) -> str:
    if not judged:
        return "-"
    return "FAILED" if any(row["severity"] == "critical" for row in failed) else "warning" if failed else "passed"


def _minute(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else None


def _print_list(screen: Console, title: str, lines: Sequence[str]) -> None:
    if lines:
        screen.print(Text(f"\n{title}", style="bold"))
    for line in lines:
        screen.print(Text(textwrap.fill(line, screen.width, subsequent_indent="    ")))
