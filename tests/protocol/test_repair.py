"""Nothing unchecked is visible, nothing is half published, and the next good run makes up for a bad one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import functions as F

from include import query
from include.errors import Unreleased
from include.lake.meta import Meta
from include.lake.turn import Turn
from jobs.silver import events
from tests.protocol.copies import copied
from tests.protocol.shop import ONE, TWO, PowerCut, ShopLake


@pytest.fixture
def lake(day_one: ShopLake, tmp_path: Path) -> ShopLake:
    return copied(day_one, tmp_path)


def test_a_run_that_finds_nothing_new_commits_nothing(lake: ShopLake):
    before = lake.versions()
    result = lake.ingest(ONE)
    assert result.passed
    assert result.published == {}
    assert lake.versions() == before


def test_a_failed_critical_rule_publishes_nothing_until_a_good_run(
    lake: ShopLake, both_days: ShopLake, monkeypatch: pytest.MonkeyPatch
):
    before, readers = lake.versions(), query.Lake(lake.settings).release()
    right = events.transform
    monkeypatch.setattr(events, "transform", lambda rows: right(rows).withColumn("kind", F.lit("teleport")))
    result = lake.ingest(TWO, run_id="bad")

    assert not result.passed
    assert [(m.table, m.rule, m.failing) for m in result.failed] == [("silver.events", "kind__not_allowed", 4)]
    assert {t for t, version in lake.versions().items() if version != before[t]} == {"bronze.events"}
    release = Meta(lake.settings).releases("ingest")[-1]
    assert (release["run_id"], release["verdict"]) == ("bad", "failed")
    assert _published(query.Lake(lake.settings).release()) == _published(readers)
    assert _failures(lake, "bad") == [("silver.events", "kind__not_allowed", 4)]
    assert lake.outcomes()["events"] == (5, 2, 0, 0, 0, 3)  # what landed in between is held

    monkeypatch.undo()
    assert lake.ingest(TWO).passed
    assert lake.content() == both_days.content()
    assert lake.outcomes() == both_days.outcomes() == {"events": (5, 3, 1, 0, 1, 0)}


def test_a_run_that_died_between_two_commits_is_made_up_for(
    lake: ShopLake, both_days: ShopLake, monkeypatch: pytest.MonkeyPatch
):
    readers = query.Lake(lake.settings).release()
    write = Turn.write

    def until_the_ledger(turn: Turn, table: str, *arguments: Any) -> int:
        if table == "gold.behaviour_daily":
            raise PowerCut
        return write(turn, table, *arguments)

    monkeypatch.setattr(Turn, "write", until_the_ledger)
    with pytest.raises(PowerCut):
        lake.ingest(TWO, run_id="dead")
    monkeypatch.undo()

    assert lake.rows("silver.events") == both_days.rows("silver.events")
    assert lake.rows("gold.behaviour_daily") != both_days.rows("gold.behaviour_daily")
    assert query.Lake(lake.settings).release() == readers
    assert lake.outcomes()["events"][-1] == 3
    with pytest.raises(Unreleased, match="run dead"):
        lake.ingest(TWO)

    assert lake.ingest(TWO, take=True).passed
    assert lake.content() == both_days.content()
    assert lake.outcomes() == both_days.outcomes()
    assert Meta(lake.settings).unreleased("ingest") == []


def _published(release: dict[str, int]) -> dict[str, int]:
    """Bronze shows nothing to readers."""
    return {table: version for table, version in release.items() if not table.startswith("bronze.")}


def _failures(lake: ShopLake, run_id: str) -> list[tuple[str, str, int]]:
    sql = 'select "table", rule, failing from meta.checks where run_id = ? and not passed'
    return [(r["table"], r["rule"], r["failing"]) for r in query.Lake(lake.settings).rows(sql, [run_id])]
