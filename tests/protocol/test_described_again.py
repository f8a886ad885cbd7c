"""A description that is changed after files have landed: mended mappings take effect, what is fixed is refused."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from include.errors import BadInput
from include.lake.meta import Layout
from include.plan import Plan
from include.sources.load import load_sources
from jobs.bronze.layout import require_same
from tests.protocol.shop import DESCRIPTION, NEXT_DAY, THREE, TWO, ShopLake, Small, jsonl

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DAY_TWO = Plan(TWO, THREE)


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


def describe(lake: ShopLake, more: str) -> None:
    (Path(lake.settings.sources) / "small.yaml").write_text(DESCRIPTION + more)


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
