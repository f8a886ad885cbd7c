"""What a build reads is what Delta says, without asking Delta's own reader where that is not needed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from include.lake.read import Reader
from include.settings import Settings

TABLE = "silver.events"
ROWS = "source string, period string, day date, n int"
FIRST = [("shop", "2024-01", date(2024, 1, 1), 1), ("shop", "2024-01", date(2024, 1, 2), 2)]
SECOND = [("shop", "2024-02", date(2024, 2, 1), 3), ("cafe", "all", date(2024, 2, 1), 4)]
GRAINS = {"shop": "month", "cafe": "all"}


@pytest.fixture
def lake(spark: Any, tmp_path: Path) -> Settings:
    """Two versions of a table, in a folder whose name Spark would take for a pattern."""
    settings = Settings(lake=tmp_path / "a lake [1] {b}*?")
    for rows in (FIRST, SECOND):
        frame = spark.createDataFrame(rows, ROWS).coalesce(1)
        frame.write.format("delta").partitionBy("source", "period").mode("append").save(str(settings.table_path(TABLE)))
    return settings


def numbers(frame: Any) -> list[int]:
    return sorted(row["n"] for row in frame.collect())


def test_a_version_stays_what_it_was(spark: Any, lake: Settings):
    assert numbers(Reader(spark, lake).table(TABLE)) == [1, 2, 3, 4]
    assert numbers(Reader(spark, lake, {TABLE: 0}).table(TABLE)) == [1, 2]
    assert Reader(spark, lake).table(TABLE).columns == ["source", "period", "day", "n"]


def test_units_open_only_their_files(spark: Any, lake: Settings):
    reader = Reader(spark, lake)
    found = reader.units(TABLE, [("shop", date(2024, 1, 2))], GRAINS)
    assert numbers(found) == [2]
    assert len(found.inputFiles()) == 1
    assert numbers(reader.units(TABLE, [("shop",)], GRAINS)) == [1, 2, 3]
    assert numbers(reader.units(TABLE, [("shop", date(2024, 2, 1)), ("cafe", date(2024, 2, 1))], GRAINS)) == [3, 4]
    nothing = reader.units(TABLE, [("shop", date(2030, 1, 1))], GRAINS)
    assert (numbers(nothing), nothing.columns) == ([], found.columns)
    assert numbers(reader.units(TABLE, [], GRAINS)) == []


def test_a_column_added_later_is_null_before(spark: Any, lake: Settings):
    path = str(lake.table_path(TABLE))
    more = spark.createDataFrame([("shop", "2024-03", date(2024, 3, 1), 5, "x")], f"{ROWS}, note string")
    more.write.format("delta").mode("append").option("mergeSchema", "true").save(path)
    assert "note" not in Reader(spark, lake, {TABLE: 1}).table(TABLE).columns
    notes = {row["n"]: row["note"] for row in Reader(spark, lake).table(TABLE).collect()}
    assert notes == {1: None, 2: None, 3: None, 4: None, 5: "x"}


def test_rows_that_delta_hides_in_a_file_stay_hidden(spark: Any, lake: Settings):
    """Somebody turned deletion vectors on: then the files alone are not the table."""
    path = lake.table_path(TABLE)
    spark.sql("alter table delta.`{path}` set tblproperties ('delta.enableDeletionVectors' = 'true')", path=path)
    spark.sql("delete from delta.`{path}` where n = 1", path=path)
    assert numbers(Reader(spark, lake).table(TABLE)) == [2, 3, 4]
    assert numbers(Reader(spark, lake, {TABLE: 1}).table(TABLE)) == [1, 2, 3, 4]
    assert numbers(Reader(spark, lake).units(TABLE, [("shop", date(2024, 1, 1))], GRAINS)) == []
