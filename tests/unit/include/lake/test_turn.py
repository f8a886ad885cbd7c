"""The right to write: who has it, who lost it, and how that is said."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from include.errors import LostTurn, Unreleased
from include.lake.meta import Meta
from include.lake.turn import Turn, take_turn
from include.plan import Plan
from tests.unit.include.small_lake import SmallLake

PLAN = Plan(date(2024, 1, 1), date(2024, 1, 2))


def test_the_newest_claim_has_the_turn(spark: Any, tmp_path: Path):
    settings = SmallLake(tmp_path).settings
    meta = Meta(settings)

    def take(run_id: str, application: str = "ingest", take: bool = False) -> Turn:
        return take_turn(spark, settings, application, run_id, PLAN, take)

    elder = take("elder")
    with pytest.raises(Unreleased, match=r"ingest: run elder of \[2024-01-01, 2024-01-02\) has not ended"):
        take("too early")
    other = take("other", "profile")  # an application of its own
    younger = take("younger", take=True)
    assert younger.fence > other.fence > elder.fence
    sealed = {table: meta.version(table) for table in ("silver.events", "gold.behaviour_daily", "meta.releases")}
    assert all(sealed.values())

    with pytest.raises(LostTurn, match=r"a newer start took over; meta\.sources was not written"):
        elder.append_rows(
            "meta.sources", [{"source": "s", "grain": "all", "buckets": 1, "inputs": [], "fence": elder.fence}]
        )
    with pytest.raises(LostTurn), elder:
        raise FileNotFoundError("a staged file that the younger one deleted")
    assert {table: meta.version(table) for table in sealed} == sealed

    with pytest.raises(ZeroDivisionError), other:
        raise ZeroDivisionError
    assert [(r["run_id"], r["verdict"]) for r in meta.releases("profile")] == [("other", "error")]
    assert meta.unreleased("profile") == []

    with younger:
        younger.release(sources=[], verdict="passed", versions={}, moved_forward=False, seconds={})
    assert meta.unreleased("ingest") == []
    assert set(meta.releases("ingest")[-1]["claim_ids"]) == {*elder.claim_ids, *younger.claim_ids}
    assert len(younger.claim_ids) == 2
