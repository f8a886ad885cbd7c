"""What became of each landed row."""

from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from include.query import Lake
from include.show.accounts import accounts, print_accounts, unfinished
from include.show.suspects import Suspects
from include.show.table import console
from tests.unit.include.small_lake import SmallLake

ONE, TWO, THREE = date(2019, 10, 1), date(2019, 10, 2), date(2019, 10, 3)


@pytest.fixture
def small(tmp_path: Path) -> SmallLake:
    return SmallLake(tmp_path)


def land(small: SmallLake, feed: str, arrived_on: date, records: int, source: str = "shop") -> None:
    rows = [{"source": source, "arrived_on": arrived_on, "position": i} for i in range(records)]
    small.append(f"bronze.{feed}", *rows)


def book(small: SmallLake, fence: int, day: date, feed: str = "events", **columns: Any) -> None:
    row = {"source": "shop", "feed": feed, "day": day, "arrived_on": day, "fence": fence}
    small.append("meta.accounts", row | columns)


def test_landed_is_the_sum_of_the_outcomes(small: SmallLake) -> None:
    land(small, "events", ONE, 10)
    book(small, 1, ONE, published=6, duplicate=2, rejected=2, reasons={"type:rating": 2, "missing:kind": 1})
    assert [account.row() for account in accounts(Lake(small.settings))] == [
        {"source": "shop", "feed": "events", "landed": 10, "published": 6, "duplicate": 2, "superseded": 0,
         "rejected": 2, "held": 0, "erased": 0, "reasons": {"missing:kind": 1, "type:rating": 2}}
    ]  # fmt: skip


def test_only_the_newest_run_of_a_day_counts(small: SmallLake) -> None:
    land(small, "events", ONE, 10)
    land(small, "events", TWO, 5)
    book(small, 1, ONE, published=8, rejected=2, reasons={"old": 2})
    book(small, 1, TWO, published=5)
    book(small, 2, ONE, published=10)
    account = accounts(Lake(small.settings))[0]
    assert (account.landed, account.published, account.rejected, account.reasons) == (15, 15, 0, {})


def test_what_landed_and_is_not_booked_is_held(small: SmallLake) -> None:
    land(small, "events", ONE, 5)
    land(small, "texts", ONE, 4)
    book(small, 1, ONE, published=1, duplicate=1, superseded=1, rejected=1, erased=1)
    assert [(a.feed, a.landed, a.held) for a in accounts(Lake(small.settings))] == [("events", 5, 0), ("texts", 4, 4)]


def test_accounts_by_arrival_day(small: SmallLake) -> None:
    land(small, "events", ONE, 3)
    land(small, "events", TWO, 4)
    book(small, 1, ONE, published=3)
    small.append("meta.accounts", {"source": "shop", "feed": "events", "day": ONE, "arrived_on": TWO, "fence": 1,
                                   "superseded": 4})  # fmt: skip
    rows = [account.row() for account in accounts(Lake(small.settings), by_day=True)]
    assert [(r["arrived_on"], r["landed"], r["published"], r["superseded"]) for r in rows] == [
        (ONE, 3, 3, 0), (TWO, 4, 0, 4),
    ]  # fmt: skip


def test_a_failed_interval_is_unfinished_until_a_later_run_has_covered_it(small: SmallLake) -> None:
    failed = {"verdict": "failed", "interval_start": ONE, "interval_end": TWO}
    small.release("ingest", **failed)
    meta = Lake(small.settings).meta
    assert unfinished(meta) == [
        "ingest [2019-10-01, 2019-10-02) of run run-1: its gate failed: see `portrait tables`, mend, run it again"
    ]
    small.release("profile", interval_start=ONE, interval_end=THREE)
    small.release("ingest", interval_start=TWO, interval_end=THREE)
    small.release("ingest", interval_start=ONE, interval_end=THREE, sources=["other"])
    assert len(unfinished(meta)) == 1
    small.release("ingest", interval_start=ONE, interval_end=THREE)
    assert unfinished(meta) == []


def test_a_start_that_never_ended_is_unfinished(small: SmallLake) -> None:
    claim = {"application": "profile", "run_id": "r", "interval_start": ONE, "interval_end": TWO}
    small.append("meta.claims", claim | {"claim_id": "claim-1"}, claim | {"claim_id": "dead"})
    small.release("profile")
    assert unfinished(Lake(small.settings).meta) == [
        "profile [2019-10-01, 2019-10-02) of run r: has not ended; if it is dead, run it again with --take"
    ]


@pytest.mark.parametrize("width", [80, 100])
def test_the_table_fits_a_terminal(small: SmallLake, width: int) -> None:
    land(small, "events", ONE, 3, source="amazon_magazines")
    book(small, 1, ONE, source="amazon_magazines", published=471_434, rejected=123_456, superseded=100_000,
         reasons={"missing:text": 123_456})  # fmt: skip
    out = StringIO()
    of = {"amazon_magazines": Suspects(1200, 3)}
    print_accounts(console(out, width), accounts(Lake(small.settings)), ["ingest [a, b): failed"], of)
    assert max(map(len, out.getvalue().splitlines())) <= width
    assert "471,434" in out.getvalue()
    assert "missing:text  123,456" in out.getvalue()
    assert "amazon_magazines          1,200      3" in out.getvalue()
    assert "ingest [a, b): failed" in out.getvalue()
