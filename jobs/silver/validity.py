"""Things that change: versions with the days they are valid, and the one way to join to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from jobs.silver.outcomes import is_row

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


def with_validity(rows: DataFrame, key: str, buckets: Mapping[str, int]) -> DataFrame:
    """Resolved records as versions: valid from the day they were known to the day they were not any more."""
    versions = rows.where(is_row()).withColumnsRenamed({"known_from": "valid_from", "known_to": "valid_to"})
    return versions.withColumn("bucket", bucket_of(F.col(key), buckets))


def bucket_of(key: Column, buckets: Mapping[str, int]) -> Column:
    """The partition of a key. Sources with one bucket need no hash."""
    found: Column = F.lit(0)
    for source, count in sorted(buckets.items()):
        if count > 1:
            found = F.when(F.col("source") == source, F.pmod(F.xxhash64(key), F.lit(count)).cast("int")).otherwise(
                found
            )
    return found


def is_valid(day: Column, valid_from: Column, valid_to: Column) -> Column:
    """Whether a version with these ends is valid on a day."""
    return (valid_from <= day) & (valid_to.isNull() | (day < valid_to))


def as_of(frame: DataFrame, versions: DataFrame, on: str, columns: list[str]) -> DataFrame:
    """`frame` with `columns` of the version that was valid on its `day`; null where there was none."""
    there = versions.select("source", on, "valid_from", "valid_to", *columns)
    same = (frame["source"] == there["source"]) & (frame[on] == there[on])
    valid = same & is_valid(frame["day"], there["valid_from"], there["valid_to"])
    return frame.join(there, on=valid, how="left").select(frame["*"], *(there[c] for c in columns))
