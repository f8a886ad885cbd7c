"""Days of users that break a limit of their source: who, which limit, by how much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from rich.console import Console
from rich.text import Text

from include.query import Lake
from include.show.table import print_table

_BROKEN = """
select *, unnest(limits_broken) as "limit", limits[unnest(limits_broken)] as threshold
from silver.user_days where limits_broken is not null order by source, day, user_key, "limit"
"""
_BY_LIMIT = """
select "limit", count(*) as n from (
    select unnest(limits_broken) as "limit" from silver.user_days where source = ? and limits_broken is not null
) group by "limit" order by n desc, "limit"
"""
_COUNTED = """
select source, count(*) as user_days, count(distinct user_key) as users
from silver.user_days where limits_broken is not null group by source order by source
"""


class Suspects(NamedTuple):
    """How many days of users of a source gold leaves out, and of how many users."""

    user_days: int
    users: int


def count_suspects(lake: Lake) -> dict[str, Suspects]:
    """By source; sources without one are left out."""
    return {row["source"]: Suspects(row["user_days"], row["users"]) for row in lake.rows(_COUNTED)}


def broken_limits(lake: Lake, source: str) -> list[tuple[str, int]]:
    """Limits with how many days of users are beyond them, the most first."""
    return [(row["limit"], row["n"]) for row in lake.rows(_BY_LIMIT, [source])]


def suspect_rows(lake: Lake) -> list[dict[str, Any]]:
    """One row a broken limit, as programs read it."""
    of_day = ("source", "day", "user_key", "limit")
    return [
        {**{name: row[name] for name in of_day}, "value": float(row[row["limit"]]), "threshold": row["threshold"],
         "model_version": row["model_version"]}
        for row in lake.rows(_BROKEN)
    ]  # fmt: skip


def print_suspects(screen: Console, rows: Sequence[dict[str, Any]]) -> None:
    """A table; one line where there is none."""
    if not rows:
        screen.print(Text("no suspects: no day is beyond a limit. Days built before the first limits have none"))
        return
    print_table(screen, list(rows[0]), [list(row.values()) for row in rows])
