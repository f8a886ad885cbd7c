"""A few rows by delta-rs, under the same transactions as the writes of Spark."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from deltalake import DeltaTable, write_deltalake

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
    def seal(number: int) -> int | None:
        return append(settings, SOURCES, [], uuid4().hex, ("portrait.ingest", number))

    before = log(settings).version()
    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(seal, [n for n in range(1, 9) for _ in range(3)]))
    assert log(settings).version() - before == sum(v is not None for v in written) <= 8
    assert log(settings).transaction_version("portrait.ingest") == 8


def test_a_commit_that_another_one_replaced_is_made_again(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    """As Spark's rename on a local disk may do at the same moment."""
    right = write_deltalake

    def replaced(table: DeltaTable, *arguments: Any, **named: Any) -> None:
        monkeypatch.setattr("include.lake.append.write_deltalake", right)
        right(table, *arguments, **named)
        newest = max((settings.table_path(SOURCES) / "_delta_log").glob("*.json"))
        newest.write_text('{"commitInfo":{"timestamp":1}}\n{"txn":{"appId":"portrait.ingest","version":3}}\n')

    monkeypatch.setattr("include.lake.append.write_deltalake", replaced)
    version = append(settings, SOURCES, [source("a")], "mine", ("portrait.ingest", 5))
    assert version == log(settings).version()
    assert log(settings).transaction_version("portrait.ingest") == 5
    assert sorted(Meta(settings).layouts()) == ["a"]


def test_spark_and_appends_see_each_others_numbers_also_in_checkpoints(spark: Any, settings: Settings):
    path = settings.table_path(SOURCES)
    rows = spark.read.format("delta").load(str(path))
    writer = rows.write.format("delta").mode("append").option("txnAppId", "portrait.ingest")

    def spark_writes(number: int) -> bool:
        before = log(settings).version()
        writer.option("txnVersion", number).save(str(path))
        return log(settings).version() > before

    def appends(number: int) -> bool:
        return append(settings, SOURCES, [], str(number), ("portrait.ingest", number)) is not None

    for number in range(1, 6):
        assert appends(number)
    assert not spark_writes(5)
    for number in range(6, 12):  # with a checkpoint of Spark's own
        assert spark_writes(number)
    assert list((path / "_delta_log").glob("*.checkpoint.parquet"))
    assert not appends(11)
    assert appends(12)
    maintain(settings, "meta")  # with one by delta-rs
    assert not spark_writes(12)
    assert spark_writes(13)
    assert not appends(13)


def test_maintenance_cleans_the_log_of_meta_and_the_numbers_go_on(settings: Settings):
    for number in range(1, 31):
        rows = [source(str(number))] if number < 3 else []
        append(settings, SOURCES, rows, str(number), ("portrait.ingest", number))
    newest, folder = log(settings).version(), settings.table_path(SOURCES) / "_delta_log"
    maintain(settings, "meta")
    for file in folder.iterdir():
        os.utime(file, (time.time() - 31 * 86_400,) * 2)
    append(settings, SOURCES, [source("3")], "new", ("portrait.profile", 1))
    maintain(settings, "meta")
    assert len(list(folder.glob("*.json"))) < 4
    assert log(settings).version() > newest
    assert log(settings).transaction_version("portrait.ingest") == 30
    assert sorted(Meta(settings).layouts()) == ["1", "2", "3"]
