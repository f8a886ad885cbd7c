"""The one way to read tables in a build: at a known version, and the days asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from include.errors import PortraitError
from include.lake.meta import Meta

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from include.settings import Settings

_FEW = 200_000


class Reader:
    """Reads tables at `versions`; tables without one at their newest."""

    def __init__(self, spark: SparkSession, settings: Settings, versions: Mapping[str, int] | None = None) -> None:
        self.spark = spark
        self._settings = settings
        self._versions = dict(versions or {})

    def version(self, name: str) -> int | None:
        """The version that is read; None for the newest."""
        return self._versions.get(name)

    def table(self, name: str) -> DataFrame:
        reader = self.spark.read.format("delta")
        if name in self._versions:
            reader = reader.option("versionAsOf", self._versions[name])
        return reader.load(str(self._settings.table_path(name)))

    def is_behind(self, name: str) -> bool:
        """Whether the table has been written since the version that is read."""
        return name in self._versions and self._versions[name] < Meta(self._settings).version(name)


def few_rows(frame: DataFrame, what: str) -> list[Any]:
    """Rows that a decision needs here, such as the days a run touches: counts and days, never content.

    The only place of a build where rows come to the driver. Raises rather than take more than it should.
    """
    rows = frame.limit(_FEW + 1).collect()
    if len(rows) > _FEW:
        raise PortraitError(f"{what}: more than {_FEW:,} rows to decide on; run a shorter interval")
    return rows
