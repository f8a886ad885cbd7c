"""gold.user_profile_history: per user one row for each built as-of day on which a trait differs from the row before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


def transform(computed: DataFrame, history: DataFrame, targets: DataFrame, *, traits: list[str]) -> DataFrame:
    """`computed` are profiles by `as_of`: of every target, and of the same user as of the built day before.

    `targets(source, user_key, as_of)` are replaced; all other rows of `history` stay as they are.
    """
    before = Window.partitionBy("source", "user_key").orderBy("as_of")
    compared = computed.withColumn("_content", traits_hash(traits))
    differs = compared.withColumn("_differs", ~F.lag("_content").over(before).eqNullSafe(F.col("_content")))
    named = targets.select("source", "user_key", F.col("as_of").alias("day"))
    rebuilt = (
        differs.where("_differs")
        .withColumnRenamed("as_of", "day")
        .join(named, on=["source", "user_key", "day"], how="left_semi")
        .drop("_content", "_differs")
    )
    others = history.join(named, on=["source", "user_key", "day"], how="left_anti")
    return rebuilt.unionByName(others, allowMissingColumns=True)


def traits_hash(traits: list[str]) -> Column:
    """Equal for two rows with the same traits and statuses."""
    return F.xxhash64(*traits, F.array_sort(F.map_entries("status")))
