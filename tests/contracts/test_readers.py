"""What Spark wrote is read by Spark, by delta-rs and by DuckDB over delta-rs, with equal results; a build, too."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable, QueryBuilder

from include import query
from include.lake.read import Reader
from include.tables import TABLES
from tests.golden.lake import Built

PUBLISHED = [name for name, table in TABLES.items() if table.layer != "bronze"]


@pytest.mark.parametrize("table", TABLES)
def test_nobody_needs_a_newer_reader(golden: Built, table: str):
    opened = DeltaTable(str(golden.lake.settings.table_path(table)))
    protocol = opened.protocol()
    assert protocol.min_reader_version == 1
    assert protocol.min_writer_version <= 3
    assert not protocol.reader_features
    configuration = opened.metadata().configuration
    assert configuration.get("delta.columnMapping.mode", "none") == "none"
    assert configuration.get("delta.enableDeletionVectors", "false") == "false"
    assert opened.version() > 0, "Spark has not written it: nothing was tried"


@pytest.mark.parametrize("table", PUBLISHED)
def test_all_readers_see_the_same_rows(golden: Built, table: str):
    lake = query.Lake(golden.lake.settings)
    version = lake.version(table)
    path = str(lake.settings.table_path(table))
    versions = {} if version is None else {table: version}
    by_build = Reader(golden.lake.spark, lake.settings, versions).table(table).toArrow()
    reader = golden.lake.spark.read.format("delta")
    by_spark = (reader if version is None else reader.option("versionAsOf", version)).load(path).toArrow()
    delta = DeltaTable(path, version=version)
    by_delta_rs = pa.table(QueryBuilder().register("it", delta).execute("select * from it"))
    with lake.connect([table], macros=False) as connection:
        by_duckdb = connection.sql(f"select * from {table}").to_arrow_table()

    assert by_spark.num_rows > 0
    assert by_build.schema.names == by_spark.schema.names
    assert set(by_spark.column_names) == set(by_delta_rs.column_names) == set(by_duckdb.column_names)
    rows = _rows(by_spark)
    assert _rows(by_build) == rows
    assert _rows(by_delta_rs) == rows
    assert _rows(by_duckdb) == rows


def _rows(table: pa.Table) -> list[str]:
    names = sorted(table.column_names)
    return sorted(repr([_plain(row[name]) for name in names]) for row in table.select(names).to_pylist())


def _plain(value: Any) -> Any:
    """Engines write maps as lists of pairs or of structs, and moments with different time zone objects."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date | str | int | float | bool | None):
        return value
    if isinstance(value, Decimal):
        return value.normalize()
    if isinstance(value, dict):
        pairs = value.items() if set(value) != {"key", "value"} else [(value["key"], value["value"])]
        return tuple((k, _plain(v)) for k, v in pairs)
    assert isinstance(value, Iterable), value
    listed = [_plain(v) for v in value]
    return sorted(listed) if listed and isinstance(listed[0], tuple) and len(listed[0]) == 2 else listed
