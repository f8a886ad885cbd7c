"""Read from plans and job counts of a small build: cost does not grow with traits, and days are read, not tables."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest

from include.errors import BadInput
from include.lake.meta import Meta
from include.lake.read import Reader
from include.plan import Plan
from include.sources.load import load_sources
from jobs.ingest import Build
from tests.golden.lake import Built, jobs_started
from tests.protocol.copies import copied

DENSE = "g_brand"  # its partitions are days: 2024-01-02, 03 and 04
DAY = date(2024, 1, 3)
TRAIT = """
trait: {kind}_{days}d_{measure}
family: behaviour
version: 1
meaning: one of forty
from: {reads}
where: kind = '{kind}'
measure: {how}
window: {days}d
privacy: quasi_identifier
purpose: tests
owner: tests
"""
MEASURES = {
    "n": ("behaviour_daily", "count"),
    "days": ("behaviour_daily", "{distinct: {of: day}}"),
    "items": ("behaviour_items_daily", "{distinct: {of: item_id}}"),
    "top": ("behaviour_items_daily", "{top_k: {of: brand, k: 5}}"),
}


def test_forty_more_traits_take_no_further_job_and_keep_their_meaning(golden: Built, tmp_path: Path):
    traits = [
        TRAIT.format(kind=kind, days=days, measure=measure, reads=reads, how=how)
        for kind in ("view", "cart")
        for days in (7, 14, 28, 56, 112)
        for measure, (reads, how) in MEASURES.items()
    ]
    assert len(traits) == 40
    (tmp_path / "traits").mkdir()
    (tmp_path / "traits" / "forty.yaml").write_text("---".join(traits))
    lake = copied(golden.ingested, tmp_path, traits=str(tmp_path / "traits"))
    before = jobs_started(lake.spark)
    lake.profile()
    assert 0 < jobs_started(lake.spark) - before <= golden.profile_jobs
    profiles = Reader(lake.spark, lake.settings).table("gold.user_profiles")
    assert "behaviour_cart_112d_top" in profiles.columns

    (tmp_path / "traits" / "forty.yaml").write_text("---".join(traits).replace("window: 112d", "window: 113d"))
    for application in (lake.profile, lake.ingest):
        with pytest.raises(BadInput, match="behaviour_cart_112d_top: window was 112 and is 113"):
            application()


def test_the_source_has_partitions_to_skip(golden: Built):
    assert Meta(golden.lake.settings).grains()[DENSE] == "day"
    for table in ("bronze.events", "silver.events", "gold.behaviour_daily", "gold.behaviour_items_daily"):
        assert _days(Reader(golden.lake.spark, golden.lake.settings).table(table)) >= {"01-02", "01-03", "01-04"}


@pytest.mark.parametrize("table", ["silver.events", "gold.behaviour_daily", "gold.behaviour_items_daily"])
def test_one_day_is_one_partition(golden: Built, table: str):
    """As a run reads what is published beside what it builds."""
    found = Reader(golden.lake.spark, golden.lake.settings).units(table, [(DENSE, DAY)], {DENSE: "day"})
    assert found.count() > 0
    assert _days(found) == {"01-03"}


def test_a_run_reads_the_days_it_touches(golden: Built):
    """The frames of the application itself: of bronze for cleaning, of silver for the partials."""
    lake = golden.lake
    sources = {DENSE: load_sources(lake.settings.source_folders)[DENSE]}
    plan = Plan(date(2024, 1, 2), DAY, (DENSE,))
    nothing = cast(Any, None)
    build = Build(lake.spark, lake.settings, sources, {DENSE: "day"}, plan, nothing, {}, nothing, nothing, ())
    assert build.touched["events"] == [(DENSE, date(2024, 1, 2))]
    records = build._records("events")
    assert records.count() == 2
    assert _days(records) == {"01-02"}
    build.touched["events"] = []
    build.__dict__["resolved"] = {}
    assert _days(build._rows("events", [(DENSE, DAY)])) == {"01-03"}


def _days(frame: Any) -> set[str]:
    """The day partitions of the source among the files that a frame reads."""
    files = [file for file in frame.inputFiles() if f"source={DENSE}" in file]
    others = [file for file in frame.inputFiles() if f"source={DENSE}" not in file]
    assert files
    found = {
        part.removeprefix("period=2024-") for file in files for part in file.split("/") if part.startswith("period")
    }
    return found if not others else {*found, "other sources"}
