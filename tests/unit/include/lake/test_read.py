"""What a build reads is what Delta says, without asking Delta's own reader where that is not needed."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from include.lake.read import Reader
from include.lake.units import outside_units, select_units
from include.settings import Settings
from include.tables import TABLES, Column, Table

TABLE = "silver.events"
ROWS = "source string, period string, day date, n int"
GRAINS = {"shop": "month", "cafe": "all"}
FIRST = date(2024, 1, 1)
COMMITS = 12  # so that the log has a checkpoint


def declare(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    """What the table is declared to have, in place of what it has."""
    made = tuple(Column(*column.split(" "), "") for column in columns.split(", "))
    monkeypatch.setitem(TABLES, TABLE, Table(TABLE, "-", "-", "ingest", made, partition_by=("source", "period")))


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch) -> None:
    declare(monkeypatch, ROWS)


@pytest.fixture(scope="module")
def lake(spark: Any, tmp_path_factory: Any) -> Settings:
    """A version a week, in a folder whose name Spark would take for a pattern: two sources, days in turn."""
    settings = Settings(lake=tmp_path_factory.mktemp("read") / "a lake ü [1] {b}*?")
    for week in range(COMMITS):
        days = [FIRST + timedelta(days=7 * week + n) for n in range(7)]
        rows = [("shop", f"{d:%Y-%m}", d, n) for n, d in enumerate(days)]
        rows += [("cafe", "all", d, 10 + n) for n, d in enumerate(days)]
        frame = spark.createDataFrame(rows, ROWS).coalesce(1)
        frame.write.format("delta").partitionBy("source", "period").mode("append").save(str(settings.table_path(TABLE)))
    return settings


def rows(frame: Any) -> list[tuple[Any, ...]]:
    return sorted(tuple(row) for row in frame.collect())


def by_delta(spark: Any, lake: Settings, condition: str, version: int = COMMITS - 1) -> list[tuple[Any, ...]]:
    path = str(lake.table_path(TABLE))
    return rows(spark.read.format("delta").option("versionAsOf", version).load(path).where(condition))


def of(source: str, *numbers: int) -> list[tuple[str, date]]:
    return [(source, FIRST + timedelta(days=n)) for n in numbers]


def test_a_version_stays_what_it_was(spark: Any, lake: Settings):
    assert rows(Reader(spark, lake).table(TABLE)) == by_delta(spark, lake, "true")
    assert rows(Reader(spark, lake, {TABLE: 0}).table(TABLE)) == by_delta(spark, lake, "true", 0) != []
    assert Reader(spark, lake).table(TABLE).columns == ["source", "period", "day", "n"]


UNITS = {
    "a day": (of("shop", 9), "source = 'shop' and day = '2024-01-10'", 1),
    "a range over two months": (of("shop", *range(27, 35)), ("source = 'shop' and day between '2024-01-28' and "
                                "'2024-02-04'"), 3),
    "scattered days": (of("cafe", *range(0, 84, 2)), "source = 'cafe' and datediff(day, '2024-01-01') % 2 = 0", 12),
    "two sources": ([*of("shop", 3), *of("cafe", 4)], ("source = 'shop' and day = '2024-01-04' or source = 'cafe' and "
                    "day = '2024-01-05'"), 2),
    "a whole source": ([("cafe",)], "source = 'cafe'", 12),
    "a day without rows": (of("shop", 400), "false", 0),
    "none": ([], "false", 0),
}  # fmt: skip


@pytest.mark.parametrize("case", UNITS)
def test_units_are_the_rows_of_these_days(spark: Any, lake: Settings, case: str):
    units, condition, files = UNITS[case]
    found = Reader(spark, lake).units(TABLE, units, {**GRAINS})
    assert rows(found) == by_delta(spark, lake, condition)
    assert len(found.inputFiles()) == files
    everything = Reader(spark, lake).table(TABLE).drop("period")
    assert rows(select_units(everything, units, GRAINS)) == rows(found.drop("period"))
    both = rows(outside_units(everything, units, GRAINS)) + rows(found.drop("period"))
    assert sorted(both) == rows(everything)


def test_what_belongs_nowhere_is_outside(spark: Any):
    nowhere = spark.createDataFrame([("shop", None), (None, FIRST)], "source string, day date")
    assert outside_units(nowhere, of("shop", 0), GRAINS).count() == 2
    assert select_units(nowhere, of("shop", 0), GRAINS).count() == 0


def test_filters_leave_files_alone(spark: Any, lake: Settings):
    reader = Reader(spark, lake)
    week = reader.table(TABLE, ("day", ">=", date(2024, 1, 8)), ("day", "<", date(2024, 1, 15)))
    assert rows(week) == by_delta(spark, lake, "day between '2024-01-08' and '2024-01-14'")
    assert len(week.inputFiles()) == 2
    some = reader.table(TABLE, ("source", "in", ["cafe"]), ("n", "=", 12))
    assert rows(some) == by_delta(spark, lake, "source = 'cafe' and n = 12")
    assert rows(reader.table(TABLE, ("source", "in", []))) == []


def test_a_column_added_later_is_null_before(spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    lake = Settings(lake=tmp_path)
    declare(monkeypatch, "source string, n int")
    path = str(lake.table_path(TABLE))
    spark.createDataFrame([("shop", 1)], "source string, n int").write.format("delta").save(path)
    more = spark.createDataFrame([("shop", 2, "x")], "source string, n int, note string")
    more.write.format("delta").mode("append").option("mergeSchema", "true").save(path)
    assert Reader(spark, lake, {TABLE: 0}).table(TABLE).columns == ["source", "n"]
    assert rows(Reader(spark, lake).table(TABLE)) == [("shop", 1, None), ("shop", 2, "x")]


def test_a_column_declared_since_the_version_was_written_is_null_in_it(
    spark: Any, lake: Settings, monkeypatch: pytest.MonkeyPatch
):
    declare(monkeypatch, f"{ROWS}, later decimal(9,3)")
    old = Reader(spark, lake, {TABLE: 0}).table(TABLE, ("source", "=", "cafe"))
    assert rows(old) == [(*row, None) for row in by_delta(spark, lake, "source = 'cafe'", 0)]
    assert old.schema["later"].dataType.simpleString() == "decimal(9,3)"
    assert Reader(spark, lake).table(TABLE, ("source", "in", [])).columns[-1] == "later"


def test_rows_that_delta_hides_in_a_file_stay_hidden(spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Somebody turned deletion vectors on: then the files alone are not the table."""
    lake = Settings(lake=tmp_path)
    path = lake.table_path(TABLE)
    frame = spark.createDataFrame([("shop", "all", FIRST, n) for n in (1, 2)], ROWS).coalesce(1)
    frame.write.format("delta").partitionBy("source", "period").save(str(path))
    spark.sql("alter table delta.`{path}` set tblproperties ('delta.enableDeletionVectors' = 'true')", path=path)
    spark.sql("delete from delta.`{path}` where n = 1", path=path)
    assert [row["n"] for row in Reader(spark, lake).table(TABLE).collect()] == [2]
    assert Reader(spark, lake, {TABLE: 0}).table(TABLE).count() == 2
    assert Reader(spark, lake).units(TABLE, of("shop", 0), {"shop": "all"}).count() == 1
    declare(monkeypatch, f"{ROWS}, later int")
    assert [row["later"] for row in Reader(spark, lake).table(TABLE).collect()] == [None]
