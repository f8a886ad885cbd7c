"""The same bytes land once, whatever they are called, and count from their earliest delivery, whichever ran first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from include.lake.meta import open_dataset
from tests.protocol.shop import FOUR, ONE, THREE, TWO, UNTIMED, VIEW, ShopLake, Small, jsonl

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# A record without a time, and one that cannot be read, sit on the day they arrived.
EVENTS = jsonl(VIEW, UNTIMED, '{"user": ')
ITEMS = "id,brand\na,Acme\n"
FILES = {
    "events-2024-01-02-late.jsonl": EVENTS,
    "events-2024-01-03.jsonl": EVENTS,
    "events-2024-01-03-again.jsonl": EVENTS,
    "items-2024-01-02.csv": ITEMS,
    "items-2024-01-03.csv": ITEMS,
}


def test_an_earlier_delivery_of_known_bytes_counts(spark: SparkSession, tmp_path: Path):
    pieces = ShopLake(tmp_path / "pieces", spark, [Small(**FILES)])
    assert pieces.ingest(THREE).passed
    assert pieces.outcomes() == {"events": (3, 1, 0, 0, 2, 0), "items": (1, 1, 0, 0, 0, 0)}

    assert pieces.ingest(TWO).passed
    assert _envelopes(pieces) == {("2024-01-02", "small/events-2024-01-02-late.jsonl")}

    whole = ShopLake(tmp_path / "whole", spark, [Small(**FILES)])
    assert whole.ingest(ONE, FOUR).passed
    assert pieces.content() == whole.content()
    assert pieces.outcomes() == whole.outcomes() == {"events": (3, 1, 0, 0, 2, 0), "items": (1, 1, 0, 0, 0, 0)}


def _envelopes(lake: ShopLake) -> set[tuple[str, str]]:
    rows = open_dataset(lake.settings, "bronze.events").to_table(columns=["arrived_on", "file"]).to_pylist()
    return {(str(row["arrived_on"]), row["file"]) for row in rows}
