"""A description that is changed after files have landed: mended mappings take effect, what is fixed is refused."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from include.errors import BadInput
from include.lake.meta import Layout
from include.lake.open import open_dataset
from include.plan import Plan
from include.sources.load import load_sources
from jobs import ingest
from jobs.bronze.layout import require_same
from tests.protocol.shop import (
    DESCRIPTION,
    FOUR,
    NEXT_DAY,
    ONE,
    THREE,
    TWO,
    PowerCut,
    ShopLake,
    Small,
    cut_the_power,
    jsonl,
)

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DAY_TWO = Plan(TWO, THREE)


@pytest.mark.slow
def test_a_mended_mapping_lands_the_same_bytes_again(spark: SparkSession, tmp_path: Path):
    files = Small(**{"events-2024-01-02.jsonl": jsonl(NEXT_DAY)})
    mended, fresh = (ShopLake(tmp_path / name, spark, [files]) for name in ("mended", "fresh"))
    mended.build(DAY_TWO)
    assert [row[1:3] for row in mended.rows("bronze.events")] == [(TWO, TWO)]

    for lake in (mended, fresh):
        describe(lake, "time_zone: Pacific/Kiritimati\n")  # 14 hours ahead: it was still the day before in UTC
        lake.build(DAY_TWO)

    assert mended.content() == fresh.content()
    assert mended.as_of(TWO) == fresh.as_of(TWO)
    assert mended.outcomes()["events"] == (1, 1, 0, 0, 0, 0)


@pytest.mark.slow
def test_records_that_moved_out_of_the_interval_are_built_even_by_the_next_run(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A whole history in one file: any interval lands it again, and it may die before it has built the other days."""
    lake = ShopLake(
        tmp_path / "lake", spark, [Small(**{"events.jsonl": jsonl({**NEXT_DAY, "at": "2024-01-02T13:00:00"})})]
    )
    whole = DESCRIPTION.replace("small/events-{day}*.jsonl", "small/events.jsonl")
    describe(lake, "", whole)
    assert lake.ingest(ONE, FOUR).passed

    describe(lake, "time_zone: Etc/GMT+12\n", whole)  # 12 hours behind: it is the next day in UTC
    with monkeypatch.context() as broken, pytest.raises(PowerCut):
        broken.setattr(ingest, "Build", cut_the_power)
        lake.ingest(ONE)
    assert lake.ingest(ONE, take=True).passed
    assert [row["day"] for row in open_dataset(lake.settings, "silver.events").to_table().to_pylist()] == [THREE]
    assert lake.outcomes()["events"] == (1, 1, 0, 0, 0, 0)


def describe(lake: ShopLake, more: str, description: str = DESCRIPTION) -> None:
    (Path(lake.settings.sources) / "small.yaml").write_text(description + more)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("small/items-", "small/goods-", "small: files of an input 'items' of items have landed.*`name: items`"),
        ("licence: none", "licence: none\nbuckets: 4", "small: buckets are fixed.*say `buckets: 1`"),
    ],
)
def test_what_is_fixed_at_the_first_landing_is_one_clear_error(tmp_path: Path, old: str, new: str, said: str):
    (tmp_path / "small.yaml").write_text(DESCRIPTION.replace(old, new))
    source = load_sources([tmp_path])["small"]
    with pytest.raises(BadInput, match=said):
        require_same([source], {"small": Layout("all", 1, frozenset({"events/events", "items/items"}))})


def test_a_further_input_may_come(tmp_path: Path):
    (tmp_path / "small.yaml").write_text(DESCRIPTION)
    require_same([load_sources([tmp_path])["small"]], {"small": Layout("all", 1, frozenset({"items/items"}))})
