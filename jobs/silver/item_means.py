"""silver.item_means: the item means of versions that are used for the first time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from include.lake.frames import union

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from include.models.item_means import ItemMeans


def transform(spark: SparkSession, *, versions: Mapping[str, ItemMeans]) -> DataFrame:
    """`versions` has what the registry holds of them, by name; there is one at least."""
    from pyspark.sql import functions as F

    frames = (spark.createDataFrame(means).withColumn("model_version", F.lit(name)) for name, means in versions.items())
    return union(frames)
