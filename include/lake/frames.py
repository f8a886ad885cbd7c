"""Frames from files, frames together, and the few rows that come out of them to the driver."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import reduce
from typing import TYPE_CHECKING, Any

from include.errors import PortraitError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

_FEW = 200_000
_PATTERN = re.compile(r"[{}\[\]*?\\]")


def read_parquet(spark: SparkSession, schema: StructType, files: Iterable[str], base: str | None = None) -> DataFrame:
    """Rows of Parquet files or folders, by their very names: Spark would take some signs in them for patterns.

    `base` is the folder whose subfolders are partitions.
    """
    reader = spark.read.schema(schema)
    if base is not None:
        reader = reader.option("basePath", base)
    return reader.parquet(*(_PATTERN.sub(r"\\\g<0>", file) for file in files)).select(*schema.names)


def union(frames: Iterable[DataFrame]) -> DataFrame:
    """The rows of all of them; there is at least one, and they have the same columns."""
    return reduce(lambda a, b: a.unionByName(b), frames)


def few_rows(frame: DataFrame, what: str) -> list[Any]:
    """Rows that a decision needs here, such as the days a run touches: counts and days, never content.

    The only place of a build where rows come to the driver. Raises rather than take more than it should.
    """
    rows = frame.limit(_FEW + 1).collect()
    if len(rows) > _FEW:
        raise PortraitError(f"{what}: more than {_FEW:,} rows to decide on; run a shorter interval")
    return rows
