"""The one way to read tables in a build: at a known version, and the days asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from deltalake import DeltaTable
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, StructField, StructType

from include.derive.schema import to_struct
from include.lake.frames import read_parquet
from include.lake.meta import Meta
from include.lake.open import open_table
from include.lake.units import Unit, predicate
from include.tables import TABLES, Table

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

    from include.settings import Settings

Filter = tuple[str, str, Any]  # column; =, >=, < or in; value, or values


class Reader:
    """Reads tables at `versions`; tables without one at their newest.

    Which files a version consists of is read from Delta's log here, by delta-rs: Spark takes jobs of its own to find it
    out, of half a second for each table and read, which is more than most reads take (decision 0011).
    """

    def __init__(self, spark: SparkSession, settings: Settings, versions: Mapping[str, int] | None = None) -> None:
        self.spark = spark
        self._settings = settings
        self._versions = dict(versions or {})

    def version(self, name: str) -> int | None:
        """The version that is read; None for the newest."""
        return self._versions.get(name)

    def is_behind(self, name: str) -> bool:
        """Whether the table has been written since the version that is read."""
        return name in self._versions and self._versions[name] < Meta(self._settings).version(name)

    def table(self, name: str, *filters: Filter) -> DataFrame:
        """The rows that pass all filters; files that cannot have any are left alone."""
        return self._read(name, list(filters), [_condition(*f) for f in filters])

    def units(self, name: str, units: Iterable[Unit], grains: Mapping[str, str]) -> DataFrame:
        """The rows that belong to `units`, likewise."""
        return self.where(name, predicate(units, grains, has_period="period" in TABLES[name].partition_by))

    def where(self, name: str, condition: str) -> DataFrame:
        """The rows on a condition of checked parts, likewise."""
        return self._read(name, condition, [F.expr(condition)])

    def _read(self, name: str, of_files: str | list[Filter], of_rows: list[Column]) -> DataFrame:
        path = str(self._settings.table_path(name))
        found = open_table(self._settings, name, self._versions.get(name))
        schema = _with_new_columns(StructType.fromJson(json.loads(found.schema().to_json())), TABLES[name])
        if found.protocol().min_reader_version > 1:  # files that only Delta can read, such as with deletion vectors
            rows = self.spark.read.format("delta").option("versionAsOf", found.version()).load(path)
            rows = rows.withColumns(
                {f.name: F.lit(None).cast(f.dataType) for f in schema if f.name not in rows.columns}
            )
        elif files := _files(found, path, of_files):
            rows = read_parquet(self.spark, schema, files, base=path)
        else:
            rows = self.spark.createDataFrame([], schema).where("false")  # so that Spark knows it to be empty
        for condition in of_rows:
            rows = rows.where(condition)
        return rows


def _with_new_columns(schema: StructType, table: Table) -> StructType:
    """Columns, and fields of the structs in a list, that were declared since the version was written are null in it."""
    declared = {f.name: f.dataType for f in to_struct(table)}
    lists = {f.name: declared[f.name] for f in schema if isinstance(f.dataType, ArrayType) and f.name in declared}
    types = {f.name: f.dataType for f in schema} | lists
    new = {name: kind for name, kind in declared.items() if name not in types}
    return StructType([StructField(name, kind) for name, kind in (types | new).items()])


def _files(table: DeltaTable, path: str, wanted: str | list[Filter]) -> list[str]:
    """Those that may have rows on the condition, as the disk calls them: delta-rs escapes the table's own folder."""
    if wanted == "false" or any(f[1] == "in" and not f[2] for f in wanted if not isinstance(wanted, str)):
        return []
    escaped = urlsplit(table.table_uri).path
    found = table.file_uris(file_pruning_predicate=wanted or None)
    return [f"{path}/{file.removeprefix(escaped)}" for file in found]


def _condition(name: str, operator: str, value: Any) -> Column:
    column = F.col(name)
    if operator == "in":
        return column.isin(list(value))
    return {"=": column == F.lit(value), ">=": column >= F.lit(value), "<": column < F.lit(value)}[operator]
