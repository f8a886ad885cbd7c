from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.protocol.copies import copied
from tests.protocol.shop import FREE, NEXT_DAY, ONE, PURCHASE, RICHER, TWO, VIEW, ShopLake, Small, jsonl

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

FILES = {
    "events-2024-01-01.jsonl": jsonl(VIEW, PURCHASE),
    "events-2024-01-02.jsonl": jsonl(RICHER, NEXT_DAY, FREE),
}


@pytest.fixture(scope="session")
def day_one(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> ShopLake:
    """A lake with the first day; tests take copies of it."""
    lake = ShopLake(tmp_path_factory.mktemp("shop") / "one", spark, [Small(**FILES)])
    assert lake.ingest(ONE).passed
    return lake


@pytest.fixture(scope="session")
def both_days(day_one: ShopLake, tmp_path_factory: pytest.TempPathFactory) -> ShopLake:
    """What the second day makes of it when nothing disturbs the run."""
    lake = copied(day_one, tmp_path_factory.mktemp("undisturbed"))
    assert lake.ingest(TWO).passed
    return lake
