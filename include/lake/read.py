"""The one way to read tables in a build: at a known version, and the days asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote

from deltalake import DeltaTable
from pyspark.sql.types import StructType

from include.lake.meta import Meta
from include.lake.units import Unit, predicate

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from include.settings import Settings

_GLOB = re.compile(r"[{}\[\]*?\\]")


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

    def table(self, name: str) -> DataFrame:
        """All rows. Who needs those of some days asks for `units`."""
        return self._read(name, None)

    def units(self, name: str, units: Iterable[Unit], grains: Mapping[str, str]) -> DataFrame:
        """The rows that belong to `units`; files that cannot have any are left alone."""
        return self._read(name, partial(predicate, units, grains))

    def _read(self, name: str, where: Callable[[Sequence[str]], str] | None) -> DataFrame:
        path, version = str(self._settings.table_path(name)), self._versions.get(name)
        found = DeltaTable(path, version=version)
        schema = StructType.fromJson(json.loads(found.schema().to_json()))
        condition = where(schema.names) if where else None
        if found.protocol().min_reader_version > 1:  # files that only Delta can read, such as with deletion vectors
            rows = self.spark.read.format("delta").option("versionAsOf", found.version()).load(path)
            return rows.where(condition or "true")
        files = [] if condition == "false" else found.file_uris(file_pruning_predicate=condition)
        if not files:
            return self.spark.createDataFrame([], schema).where("false")  # so that Spark knows it to be empty
        paths = (_GLOB.sub(r"\\\g<0>", unquote(file)) for file in files)
        rows = self.spark.read.schema(schema).option("basePath", path).parquet(*paths).select(*schema.names)
        return rows.where(condition) if condition else rows

    def is_behind(self, name: str) -> bool:
        """Whether the table has been written since the version that is read."""
        return name in self._versions and self._versions[name] < Meta(self._settings).version(name)
