"""gold.user_vectors: the mean vector of what a user has written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from jobs.silver.validity import bucket_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_USER = ["source", "user_key"]


def transform(
    texts: DataFrame,
    vectors: DataFrame,
    published: DataFrame,
    users: DataFrame,
    *,
    space: str,
    buckets: Mapping[str, int],
) -> DataFrame:
    """Rows of `users(source, user_key)` anew, from the `texts` that stand; `published` rows of all others stay.

    Summed in the order of the hashes: the same texts give the same mean, bit for bit.
    """
    known = vectors.where((F.col("space") == space) & (F.col("status") == "value")).select("text_hash", "vector")
    written = texts.join(users, on=_USER, how="left_semi").join(known, on="text_hash", how="inner")
    collected = written.groupBy(*_USER).agg(
        F.count(F.lit(1)).alias("texts"),
        F.sum(F.xxhash64("text_hash").cast("decimal(20,0)")).alias("hashes"),
        F.sort_array(F.collect_list(F.struct("text_hash", "vector"))).alias("parts"),
    )
    nothing = F.transform(F.element_at("parts", 1)["vector"], lambda _: F.lit(0.0))
    total = F.aggregate("parts", nothing, lambda sum_, part: F.zip_with(sum_, part["vector"], lambda a, b: a + b))
    rows = collected.select(
        *_USER,
        bucket_of(F.col("user_key"), buckets).alias("bucket"),
        F.lit(space).alias("space"),
        "texts",
        F.xxhash64("hashes").alias("texts_hash"),
        F.transform(total, lambda x: (x / F.col("texts")).cast("float")).alias("vector"),
    )
    others = published.where(F.col("space") == space).join(users, on=_USER, how="left_anti")
    return rows.unionByName(others, allowMissingColumns=True)
