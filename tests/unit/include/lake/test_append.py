"""A few rows by delta-rs, under the same transactions as the writes of Spark."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from include.lake.append import append
from include.lake.maintain import maintain
from include.lake.meta import Meta
from include.settings import Settings
from tests.unit.include.small_lake import SmallLake

SOURCES = "meta.sources"
RELEASE = {
    "application": "ingest", "fence": 3, "claim_ids": ["a", "b"], "run_id": "r", "interval_start": date(2024, 1, 1),
    "interval_end": date(2024, 1, 2), "sources": ["s"], "verdict": "passed", "versions": {"silver.events": 4},
    "moved_forward": True, "seconds": {"start": 1.5},
}  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return SmallLake(tmp_path).settings


def source(name: str) -> dict[str, Any]:
    return {"source": name, "grain": "all", "buckets": 1, "inputs": ["events/a"], "fence": 1}


def log(settings: Settings, table: str = SOURCES) -> DeltaTable:
    return DeltaTable(str(settings.table_path(table)))


def test_rows_of_every_type_come_back_as_they_were(settings: Settings):
    assert append(settings, "meta.releases", [RELEASE], "a note", None)
    (found,) = Meta(settings).releases("ingest")
    assert {**found, "versions": dict(found["versions"]), "seconds": dict(found["seconds"])}.items() >= RELEASE.items()
    assert found["seen"] is None
    assert found["written_at"] is not None
    assert log(settings, "meta.releases").history(1)[0]["userMetadata"] == "a note"


def test_a_number_that_is_not_larger_writes_nothing(settings: Settings):
    assert append(settings, SOURCES, [source("a")], "1", ("portrait.ingest", 2))
    for number in (1, 2):
        assert not append(settings, SOURCES, [source("b")], "2", ("portrait.ingest", number))
    assert append(settings, SOURCES, [source("c")], "3", ("portrait.profile", 1)), "a name of its own"
    assert sorted(Meta(settings).layouts()) == ["a", "c"]


def test_of_two_at_the_same_time_each_number_counts_once(settings: Settings):
    def seal(number: int) -> bool:
        return append(settings, SOURCES, [], "", ("portrait.ingest", number))

    before = log(settings).version()
    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(seal, [n for n in range(1, 9) for _ in range(3)]))
    assert log(settings).version() - before == sum(written) <= 8
    assert log(settings).transaction_version("portrait.ingest") == 8


def test_spark_drops_an_older_number_also_after_a_checkpoint(spark: Any, settings: Settings):
    for number in range(1, 103):
        assert append(settings, SOURCES, [], "", ("portrait.ingest", number))
    path = settings.table_path(SOURCES)
    assert list((path / "_delta_log").glob("*.checkpoint.parquet"))
    rows = spark.read.format("delta").load(str(path))

    def spark_writes(number: int) -> int:
        writer = rows.write.format("delta").mode("append").option("txnAppId", "portrait.ingest")
        writer.option("txnVersion", number).save(str(path))
        return log(settings).version()

    newest = log(settings).version()
    assert spark_writes(102) == newest
    assert spark_writes(103) == newest + 1
    assert not append(settings, SOURCES, [], "", ("portrait.ingest", 103))


def test_maintenance_cleans_the_log_of_meta_and_the_fence_goes_on(settings: Settings):
    for number in range(1, 103):
        append(settings, SOURCES, [source(str(number))] if number < 3 else [], "", ("portrait.ingest", number))
    newest, folder = log(settings).version(), settings.table_path(SOURCES) / "_delta_log"
    before = len(list(folder.glob("*.json")))
    for file in folder.iterdir():
        os.utime(file, (time.time() - 31 * 86_400,) * 2)
    maintain(settings, "meta")
    assert len(list(folder.glob("*.json"))) < before - 90
    assert log(settings).version() >= newest
    assert log(settings).transaction_version("portrait.ingest") == 102
    assert sorted(Meta(settings).layouts()) == ["1", "2"]
