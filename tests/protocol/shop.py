"""A source of a few records, and a lake of it that is built one application at a time."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from include.lake.meta import Meta
from include.plan import Plan
from include.tables.meta import META
from tests.lakes import Lake

if TYPE_CHECKING:
    from jobs.application import Result

ONE, TWO, THREE, FOUR = (date(2024, 1, n) for n in (1, 2, 3, 4))
DESCRIPTION = """
source: small
about: A shop of a few records
licence: none
history: {first: 2024-01-01}
feeds:
  events:
    path: small/events-{day}*.jsonl
    format: jsonl
    columns: {user: string, kind: string, item: string, at: timestamp, n: int, price: "decimal(18,4)"}
    map: {user_id: user, kind: kind, item_id: item, happened_at: at, quantity: n, unit_price: price, currency: "'EUR'"}
  items:
    path: small/items-{day}.csv
    format: csv
    columns: {id: string, brand: string}
    map: {item_id: id, brand: brand}
"""
VIEW = {"user": "u1", "kind": "view", "item": "a", "at": "2024-01-01T10:00:00"}
RICHER = {**VIEW, "n": 2}
PURCHASE = {"user": "u2", "kind": "purchase", "item": "b", "at": "2024-01-01T11:00:00", "n": 1, "price": 3.5}
NEXT_DAY = {"user": "u2", "kind": "cart", "item": "a", "at": "2024-01-02T09:00:00"}
UNTIMED = {"user": "u1", "kind": "view", "item": "a"}
FREE = {"user": "u1", "kind": "purchase", "item": "a", "at": "2024-01-02T12:00:00", "n": 1, "price": 0}


class PowerCut(BaseException):
    """Ends a run as a kill would: nothing in it gets to tidy up."""


def cut_the_power(*_: object) -> None:
    """In place of any step of a run."""
    raise PowerCut


class Small:
    """The files of the source: text by name."""

    name = "small"

    def __init__(self, **files: str) -> None:
        self.files = files

    def write(self, sources: Path, data: Path) -> None:
        (sources / "small.yaml").write_text(DESCRIPTION)
        (data / "small").mkdir()
        for name, text in self.files.items():
            (data / "small" / name).write_text(text)


def jsonl(*records: object) -> str:
    """Records as lines; text goes in as it is."""
    return "".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in records)


class ShopLake(Lake):
    def ingest(self, start: date, end: date | None = None, *, run_id: str = "run", take: bool = False) -> Result:
        """The application `ingest`; one day where no end is given."""
        from jobs import ingest

        plan = Plan(start, end or start + timedelta(days=1), self.names)
        return ingest.run(plan, run_id, settings=self.settings, spark=self.spark, take=take)

    def content(self) -> dict[str, list[tuple[object, ...]]]:
        """All rows of all tables but meta."""
        return {table: self.rows(table) for table in self.tables()}

    def versions(self, *, meta: bool = False) -> dict[str, int]:
        """Newest version of every table, of those of meta only if asked for."""
        found = Meta(self.settings)
        return {table: found.version(table) for table in (*self.tables(), *([t.name for t in META] if meta else []))}

    def outcomes(self) -> dict[str, tuple[int, ...]]:
        """Feed to landed, published, duplicate, superseded, rejected, held."""
        names = ("landed", "published", "duplicate", "superseded", "rejected", "held")
        return {a.feed: tuple(getattr(a, name) for name in names) for a in self.accounts()}
