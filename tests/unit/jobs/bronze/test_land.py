"""What a file becomes in bronze."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from include.plan import Plan
from include.sources.load import load_sources
from jobs.bronze.land import find_deliveries, to_bronze
from tests.airflow import corner

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_a_damaged_record_is_a_version_of_nothing(spark: SparkSession, tmp_path: Path):
    """Else each day with one would touch all other days with one."""
    for name in ("sources", "data"):
        (tmp_path / name).mkdir()
    corner.write(tmp_path / "sources", tmp_path / "data")
    with (tmp_path / "data" / "corner" / "events-2024-01-01.jsonl").open("a") as file:
        file.write('{"id": "cut\n{"id": "off\n')
    sources = load_sources((tmp_path / "sources",))
    plan = Plan(date(2024, 1, 1), date(2024, 1, 2))
    found = [d for d in find_deliveries(sources.values(), plan, [tmp_path / "data"]) if d.feed == "events"]
    rows = to_bronze(spark, found, sources, {"corner": "all"}, [tmp_path / "data"]).collect()
    assert [(r["position"], r["key"] is None) for r in sorted(rows, key=lambda r: r["position"])] == [
        (1, False), (2, False), (3, False), (4, True), (5, True),
    ]  # fmt: skip
