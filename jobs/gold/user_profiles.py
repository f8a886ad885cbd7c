"""gold.user_profiles: the latest profile of every user."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from jobs.silver.validity import bucket_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def transform(computed: DataFrame, profiles: DataFrame, targets: DataFrame, *, buckets: Mapping[str, int]) -> DataFrame:
    """`targets(source, user_key, as_of)` name who is replaced and by which day's profile; the others stay."""
    rebuilt = computed.join(targets, on=["source", "user_key", "as_of"], how="left_semi")
    rebuilt = rebuilt.withColumn("bucket", bucket_of(F.col("user_key"), buckets))
    others = profiles.join(targets, on=["source", "user_key"], how="left_anti")
    return rebuilt.unionByName(others, allowMissingColumns=True)
