"""Ratings of a day are held against one version of the item means, which the day keeps."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

import pytest
from deltalake import DeltaTable

from include.errors import PortraitError
from include.lake.open import open_dataset
from include.models.registry import Registry
from include.plan import Plan
from tests.lakes import Lake
from tests.models import means, register_means
from tests.protocol.shop import jsonl

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.slow
MON, TUE, WED = (date(2024, 1, n) for n in (1, 2, 3))
DESCRIPTION = """
source: films
about: Who rates films
licence: none
history: {first: 2024-01-01}
feeds:
  events:
    path: films/{day}*.jsonl
    format: jsonl
    columns: {user: string, item: string, stars: "decimal(9,3)", at: timestamp}
    map: {user_id: user, kind: "'rate'", item_id: item, rating: stars, happened_at: at}
"""


def rates(item: str, stars: int, day: date, hour: int = 9) -> dict[str, object]:
    return {"user": "ann", "item": item, "stars": stars, "at": f"{day}T{hour:02d}:00:00"}


class Films:
    """Ann gives a film three stars every day."""

    name = "films"

    def write(self, sources: Path, data: Path) -> None:
        (sources / "films.yaml").write_text(DESCRIPTION)
        (data / "films").mkdir()
        for day in (MON, TUE, WED):
            (data / "films" / f"{day}.jsonl").write_text(jsonl(rates("i1", 3, day)))


@pytest.fixture
def lake(spark: SparkSession, tmp_path: Path) -> Lake:
    return Lake(tmp_path, spark, [Films()])


def build(lake: Lake, day: date) -> None:
    lake.build(Plan(day, day + timedelta(days=1)))


def set_mean(lake: Lake, mean: str, through: date) -> None:
    register_means(Registry.item_means(lake.settings.models), means("films", i1=(mean, 5)), through)


def ledger(lake: Lake) -> list[tuple[date, Decimal, int, str | None]]:
    """Day, what its ratings lie above, of how many, number of the version."""
    rows = open_dataset(lake.settings, "gold.behaviour_daily").to_table().to_pylist()
    booked = [(r["day"], r["over_mean_sum"], r["over_mean_count"], (r["means_version"] or "-")[0]) for r in rows]
    return sorted(booked)


def profile(lake: Lake) -> tuple[Decimal | None, int | None, str]:
    (row,) = open_dataset(lake.settings, "gold.user_profiles").to_table().to_pylist()
    name = "preference_rating_over_items"
    return row[name], row[f"{name}_count"], dict(row["status"])[name]


def kept(lake: Lake) -> list[tuple[str, Decimal]]:
    rows = open_dataset(lake.settings, "silver.item_means").to_table().to_pylist()
    return sorted((r["model_version"][0], r["mean"]) for r in rows)


def test_days_keep_what_they_were_held_against(lake: Lake):
    build(lake, MON)
    assert profile(lake) == (None, None, "no model")
    set_mean(lake, "4.5", MON)
    build(lake, MON)  # was built without means, and stays so
    assert ledger(lake) == [(MON, 0, 0, "-")]
    build(lake, TUE)
    assert ledger(lake) == [(MON, 0, 0, "-"), (TUE, Decimal("-1.5"), 1, "1")]
    assert profile(lake) == (Decimal("-1.5"), 1, "value")
    set_mean(lake, "2", TUE)
    late = lake.settings.data / "films" / f"{WED}-late.jsonl"
    late.write_text(jsonl(rates("i1", 5, TUE, 20)))
    build(lake, WED)  # Tuesday is rebuilt by the means it had, which are in the lake
    assert ledger(lake) == [
        (MON, 0, 0, "-"),
        (TUE, Decimal("-1.5"), 1, "1"),
        (TUE, Decimal("0.5"), 1, "1"),
        (WED, 1, 1, "2"),
    ]
    assert profile(lake) == (Decimal(0), 3, "value")
    assert kept(lake) == [("1", Decimal("4.5")), ("2", Decimal(2))]


def test_the_means_of_a_version_are_written_once(lake: Lake):
    set_mean(lake, "4.5", MON - timedelta(days=1))
    for day in (MON, TUE, MON):
        build(lake, day)
    assert kept(lake) == [("1", Decimal("4.5"))]


def test_a_registry_that_is_gone_changes_no_day(lake: Lake):
    set_mean(lake, "4.5", MON - timedelta(days=1))
    build(lake, MON)
    rmtree(lake.settings.models)
    late = lake.settings.data / "films" / f"{TUE}-late.jsonl"
    late.write_text(jsonl(rates("i1", 5, MON, 20)))
    build(lake, TUE)
    assert ledger(lake) == [(MON, Decimal("-1.5"), 1, "1"), (MON, Decimal("0.5"), 1, "1"), (TUE, 0, 0, "-")]


def test_means_that_are_nowhere_any_more_are_told(lake: Lake):
    """A day was held against a version, and neither lake nor registry has it: rather no build than other values."""
    set_mean(lake, "4.5", MON - timedelta(days=1))
    build(lake, MON)
    rmtree(lake.settings.models)
    DeltaTable(str(lake.settings.table_path("silver.item_means"))).delete()
    late = lake.settings.data / "films" / f"{TUE}-late.jsonl"
    late.write_text(jsonl(rates("i1", 5, MON, 20)))
    with pytest.raises(PortraitError, match=r"ingest: item means 1-[0-9a-f]{12}, which published days were held"):
        build(lake, TUE)
