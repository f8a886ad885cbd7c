"""silver.follows: one version of one tie between two users."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from jobs.silver.validity import is_valid, with_validity

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_TIE = ("source", "user_key", "target_key", "kind")


def transform(follows: DataFrame, *, buckets: Mapping[str, int]) -> DataFrame:
    """`follows` are resolved records; `buckets` is each source's number of partitions."""
    return with_back(with_validity(follows, "user_key", buckets))


def with_back(versions: DataFrame) -> DataFrame:
    """Each version cut where the other user begins or ceases to follow back; `back` says which of both a piece is."""
    theirs = versions.groupBy(
        "source", F.col("target_key").alias("user_key"), F.col("user_key").alias("target_key"), "kind"
    ).agg(F.collect_list(F.struct("valid_from", "valid_to")).alias("theirs"))
    both = versions.join(theirs, on=[*_TIE], how="left")
    points = F.array(F.col("valid_from"))
    for end in ("valid_from", "valid_to"):
        points = F.concat(points, F.coalesce(F.col("theirs")[end], F.array().cast("array<date>")))
    inside = F.filter(F.array_compact(points), lambda day: is_valid(day, F.col("valid_from"), F.col("valid_to")))
    told = F.transform(F.array_sort(F.array_distinct(inside)), lambda day: F.struct(day.alias("day"), _back(day)))
    both = both.withColumn("told", told)
    told = F.col("told")
    cuts = F.filter(told, lambda cut, i: (i == 0) | (cut["back"] != F.get(told, i - 1)["back"]))
    pieces = both.withColumn("cuts", cuts).select("*", F.posexplode("cuts").alias("i", "cut"))
    after = F.get("cuts", F.col("i") + 1)["day"]
    return pieces.withColumns(
        {
            "valid_from": F.col("cut")["day"],
            "valid_to": F.coalesce(after, F.col("valid_to")),
            "back": F.when(F.col("cut")["back"], F.lit("yes")).otherwise(F.lit("no")),
        }
    ).drop("theirs", "told", "cuts", "i", "cut")


def _back(day: Column) -> Column:
    """Whether the other one follows on that day."""
    there = F.exists("theirs", lambda span: is_valid(day, span["valid_from"], span["valid_to"]))
    return F.coalesce(there, F.lit(False)).alias("back")
