"""Versions of one thing on several days: a run that rebuilds one of the days leaves the others alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.protocol.shop import ONE, THREE, TWO, ShopLake, jsonl

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DESCRIPTION = """
source: moves
about: Orders that are corrected later
licence: none
history: {first: 2024-01-01}
feeds:
  events:
    path: moves/events-{day}.jsonl
    format: jsonl
    delivery: changes
    order: version
    columns: {id: string, at: timestamp, price: "decimal(18,4)", version: int}
    map: {event_id: id, user_id: "'u'", item_id: id, kind: "'purchase'", happened_at: at, unit_price: price,
          currency: "'EUR'"}
"""


class Moves:
    """An order of the first day without a price is corrected to the second one, where another without a price comes."""

    name = "moves"

    def write(self, sources: Path, data: Path) -> None:
        (sources / "moves.yaml").write_text(DESCRIPTION)
        (data / "moves").mkdir()
        order = {"id": "a", "at": "2024-01-01T10:00:00", "price": 0, "version": 1}
        files = {ONE: order, TWO: {**order, "at": "2024-01-02T10:00:00", "price": 3, "version": 2},
                 THREE: {"id": "b", "at": "2024-01-02T11:00:00", "price": 0, "version": 1}}  # fmt: skip
        for day, record in files.items():
            (data / "moves" / f"events-{day}.jsonl").write_text(jsonl(record))


def test_a_rejected_version_on_another_day_stays_where_it_is(spark: SparkSession, tmp_path: Path):
    lake = ShopLake(tmp_path / "lake", spark, [Moves()])
    for day in (ONE, TWO, THREE):
        assert lake.ingest(day, run_id=str(day)).passed
    assert lake.outcomes() == {"events": (3, 1, 0, 0, 2, 0)}
    whole = ShopLake(tmp_path / "whole", spark, [Moves()])
    assert whole.ingest(ONE, THREE.replace(day=4)).passed
    assert lake.content() == whole.content()
