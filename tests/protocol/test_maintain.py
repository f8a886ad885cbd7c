"""Maintenance changes files and no row; whoever reads an older version that is still needed can go on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from deltalake import DeltaTable

from include.errors import NoLake, Unreleased
from include.lake import maintain as module
from include.lake.catalogue import declared
from include.lake.create import statistics_columns
from include.lake.maintain import GROUPS, maintain
from include.lake.meta import Meta
from include.lake.open import open_dataset
from include.lake.staging import Staging
from include.query import Lake
from include.settings import Settings
from include.tables import TABLES
from tests.protocol.copies import copied
from tests.protocol.shop import ONE, TWO, PowerCut, ShopLake, cut_the_power


@pytest.fixture
def lake(both_days: ShopLake, tmp_path: Path) -> ShopLake:
    return copied(both_days, tmp_path)


@pytest.fixture
def crowded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two files are many."""
    monkeypatch.setattr(module, "MANY_FILES", 1)


@pytest.mark.usefixtures("crowded")
def test_small_files_become_one_and_no_row_changes(lake: ShopLake):
    before, files = lake.content(), _files(lake, "bronze.events")
    assert len(files) == 2
    done = {table.table: table for group in GROUPS for table in maintain(lake.settings, group)}

    assert (done["bronze.events"].joined, done["bronze.events"].files) == (2, 1)
    assert set(done) == set(declared(lake.settings))
    assert lake.content() == before
    assert _readable(lake) > 0, "what was released before is still there"
    assert _names_in_statistics(lake, "bronze.events") <= set(statistics_columns(TABLES["bronze.events"]))


@pytest.mark.slow
@pytest.mark.usefixtures("crowded")
def test_a_run_after_maintenance_finds_what_it_needs(day_one: ShopLake, both_days: ShopLake, tmp_path: Path):
    lake = copied(day_one, tmp_path)
    assert lake.ingest(ONE).passed
    for group in GROUPS:
        maintain(lake.settings, group, keep_days=0)
    assert lake.ingest(TWO).passed
    assert lake.content() == both_days.content()
    assert lake.outcomes() == both_days.outcomes()
    assert Meta(lake.settings).unreleased("ingest") == []


@pytest.mark.usefixtures("crowded")
def test_what_nobody_needs_is_deleted_and_what_somebody_reads_is_not(lake: ShopLake):
    stray = lake.settings.table_path("silver.events") / "part-of-a-run-that-died.parquet"
    stray.write_bytes(b"rows")
    maintain(lake.settings, "ingest")
    assert stray.exists(), "a run may be writing it"
    done = {table.table: table for table in maintain(lake.settings, "ingest", keep_days=0)}
    assert done["silver.events"].deleted >= 1
    assert not stray.exists()
    assert _readable(lake) > 0, "the released version is older than the newest, and whole"


@pytest.mark.slow
def test_where_a_run_has_not_ended_nothing_is_touched(lake: ShopLake, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Staging, "__exit__", lambda *_: None)
    monkeypatch.setattr("jobs.ingest.commit", cut_the_power)
    with pytest.raises(PowerCut):
        lake.ingest(TWO, run_id="dead")
    monkeypatch.undo()
    staged = [p for p in (lake.settings.lake / "staging").rglob("*") if p.is_file()]
    assert staged
    with pytest.raises(Unreleased, match="run dead has not ended"):
        maintain(lake.settings, "ingest")
    assert all(p.exists() for p in staged)

    assert lake.ingest(TWO, take=True).passed
    maintain(lake.settings, "ingest")
    assert not any(p.is_file() for p in (lake.settings.lake / "staging").rglob("*"))


def test_without_a_lake_there_is_nothing_to_look_after(tmp_path: Path):
    with pytest.raises(NoLake):
        maintain(Settings(lake=tmp_path / "none"), "meta")


def _readable(lake: ShopLake) -> int:
    """How many rows the released versions have, each file read."""
    release = Lake(lake.settings).release()
    return sum(open_dataset(lake.settings, table, version).to_table().num_rows for table, version in release.items())


def _files(lake: ShopLake, table: str) -> list[str]:
    return DeltaTable(str(lake.settings.table_path(table))).file_uris()


def _names_in_statistics(lake: ShopLake, table: str) -> set[str]:
    """Columns whose smallest or largest value stands in the log."""
    found: set[str] = set()
    for file in (lake.settings.table_path(table) / "_delta_log").glob("*.json"):
        for line in map(json.loads, file.read_text().splitlines()):
            statistics = json.loads(line.get("add", {}).get("stats") or "{}")
            found |= set(statistics.get("minValues", {})) | set(statistics.get("maxValues", {}))
    return found
