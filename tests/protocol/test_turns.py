"""One writer per application at a time: of two starts of one interval the elder, waking up late, changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import functions as F

from include.errors import LostTurn, Unreleased
from include.lake.meta import Meta
from jobs import ingest
from jobs.silver import events
from tests.protocol.copies import copied
from tests.protocol.shop import ONE, TWO, ShopLake


@pytest.fixture
def lake(day_one: ShopLake, tmp_path: Path) -> ShopLake:
    return copied(day_one, tmp_path)


class Overtaken:
    """Stops the first start before it commits, runs a whole younger one, and lets the first go on."""

    def __init__(self, lake: ShopLake, day: date, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lake, self.day, self.patch = lake, day, monkeypatch
        self.commit: Callable[..., Any] = ingest.commit
        self.patch.setattr(ingest, "commit", self)

    def __call__(self, *arguments: Any) -> Any:
        self.patch.undo()
        with pytest.raises(Unreleased, match=r"run elder of \[2024"):
            self.lake.ingest(self.day, run_id="too early")
        self.younger = self.lake.ingest(self.day, run_id="younger", take=True)
        self.versions, self.content = self.lake.versions(meta=True), self.lake.content()
        return self.commit(*arguments)


def test_the_elder_loses_its_turn_and_says_so(lake: ShopLake, both_days: ShopLake, monkeypatch: pytest.MonkeyPatch):
    """It is stopped between compute and commit."""
    meanwhile = Overtaken(lake, TWO, monkeypatch)
    with pytest.raises(LostTurn, match=r"ingest of \[2024-01-02, 2024-01-03\) lost its turn"):
        lake.ingest(TWO, run_id="elder")

    assert meanwhile.younger.passed
    assert meanwhile.younger.published["silver.events"] == 4
    assert lake.versions(meta=True) == meanwhile.versions
    assert lake.content() == meanwhile.content == both_days.content()


@pytest.mark.slow
def test_the_younger_releases_the_claim_of_the_elder(lake: ShopLake, monkeypatch: pytest.MonkeyPatch):
    """And the elder loses also where the younger had nothing to write, since what it built was published already."""
    right = events.transform
    monkeypatch.setattr(events, "transform", lambda rows: right(rows).withColumn("quantity", F.lit(99)))
    before = lake.content()
    meanwhile = Overtaken(lake, ONE, monkeypatch)
    with pytest.raises(LostTurn):
        lake.ingest(ONE, run_id="elder")

    assert meanwhile.younger.published == {}
    assert lake.versions(meta=True) == meanwhile.versions
    assert lake.content() == before
    meta = Meta(lake.settings)
    assert meta.unreleased("ingest") == []
    newest = meta.releases("ingest")[-1]
    assert (newest["run_id"], len(newest["claim_ids"])) == ("younger", 2)
