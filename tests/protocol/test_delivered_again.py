"""The same bytes land once, whatever they are called, and count from their earliest delivery, whichever ran first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pyspark.errors import PythonException

from include.errors import unexpected
from include.lake.open import open_dataset
from jobs import ingest
from jobs.bronze.land import Delivery, find_deliveries
from tests.protocol.shop import PURCHASE, THREE, TWO, UNTIMED, VIEW, PowerCut, ShopLake, Small, cut_the_power, jsonl

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


@pytest.mark.slow
def test_an_earlier_delivery_of_known_bytes_counts(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    lake = ShopLake(tmp_path / "lake", spark, [Small(**FILES)])
    assert lake.ingest(THREE).passed
    assert lake.outcomes() == {"events": (3, 1, 0, 0, 2, 0), "items": (1, 1, 0, 0, 0, 0)}

    with monkeypatch.context() as broken, pytest.raises(PowerCut):  # after the records have moved in bronze
        broken.setattr(ingest, "Build", cut_the_power)
        lake.ingest(TWO)
    assert lake.ingest(TWO, take=True).passed
    assert _days(lake, "bronze.events", "file") == [
        "2024-01-01 small/events-2024-01-02-late.jsonl",
        "2024-01-02 small/events-2024-01-02-late.jsonl",
        "2024-01-02 small/events-2024-01-02-late.jsonl",
    ]
    assert _days(lake, "silver.events", "known_from") == ["2024-01-01 2024-01-02"]
    assert _days(lake, "silver.events__rejected", "arrived_on") == ["2024-01-02 2024-01-02"] * 2
    assert _days(lake, "silver.items", "valid_from") == ["2024-01-02"]
    assert _days(lake, "gold.behaviour_daily", "arrived_on") == ["2024-01-01 2024-01-02"]
    assert lake.outcomes() == {"events": (3, 1, 0, 0, 2, 0), "items": (1, 1, 0, 0, 0, 0)}


def test_a_file_that_changes_while_it_is_read_lands_as_it_is_then(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Else its records would land under the digest of other bytes, and once more under their own."""
    lake = ShopLake(tmp_path / "lake", spark, [Small(**{"events-2024-01-02.jsonl": jsonl(VIEW)})])
    file = lake.settings.data / "small" / "events-2024-01-02.jsonl"

    def found(*arguments: Any) -> list[Delivery]:
        deliveries = find_deliveries(*arguments)
        file.write_text(jsonl(VIEW, PURCHASE))
        return deliveries

    with (
        monkeypatch.context() as meanwhile,
        pytest.raises(PythonException, match=r"02\.jsonl: changed while it was read") as caught,
    ):
        meanwhile.setattr(ingest, "find_deliveries", found)
        lake.ingest(TWO)
    assert unexpected(caught.value) == f"{file}: changed while it was read; nothing of it has landed. Run it again"
    assert open_dataset(lake.settings, "bronze.events").count_rows() == 0
    assert lake.ingest(TWO).passed
    assert lake.outcomes()["events"] == (2, 2, 0, 0, 0, 0)


def _days(lake: ShopLake, table: str, *columns: str) -> list[str]:
    """The days of each row, where the table has a `day` that one first."""
    found = open_dataset(lake.settings, table)
    names = [name for name in ("day", *columns) if name in found.schema.names]
    return sorted(" ".join(str(row[name]) for name in names) for row in found.to_table(columns=names).to_pylist())
