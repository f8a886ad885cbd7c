"""gold.behaviour_daily: what a user did on a day, as a signed ledger by arrival day.

A purchase of 3.50 EUR on Monday, corrected on Wednesday to 4.00, is three rows: +1 and +350 arrived on Monday,
-1 and -350 and +1 and +400 arrived on Wednesday (the last two add up to one row of n 0 and amount 50).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from include.tables.gold import HOURS
from jobs.gold.ledger import amount, amount_currency, entries

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from include.models.by_day import Day

_GRAIN = ("source", "day", "user_key", "kind", "currency", "language", "arrived_on", "is_dated")


_HELD = "source string, day date, means_version string"


def transform(events: DataFrame, texts: DataFrame, *, item_means: DataFrame, held: Mapping[Day, str]) -> DataFrame:
    """`events` and `texts` are rows of silver, with their past versions. `held` tells which version of `item_means`
    the ratings of a (source, day) are held against, if any."""
    sign = F.col("sign")
    rows = entries(events, texts).withColumns({"amount": amount(), "currency": amount_currency()})
    rows = _with_over_mean(rows, item_means, held)
    hour = F.when(F.col("precision") == "second", F.hour("happened_at"))
    return (
        rows.withColumn("hour", hour)
        .groupBy(*_GRAIN, "means_version")
        .agg(
            F.sum(sign).alias("n"),
            F.sum(sign * F.coalesce("quantity", F.lit(0))).alias("quantity"),
            F.sum(sign * F.col("amount")).alias("amount"),
            F.sum(sign * F.coalesce("rating", F.lit(0))).alias("rating_sum"),
            F.sum(F.when(F.col("rating").isNotNull(), sign).otherwise(0)).alias("rating_count"),
            F.sum(sign * F.coalesce("over_mean", F.lit(0))).alias("over_mean_sum"),
            F.sum(F.when(F.col("over_mean").isNotNull(), sign).otherwise(0)).alias("over_mean_count"),
            *(F.sum(F.when(F.col("hour") == h, sign).otherwise(0)).alias(name) for h, name in enumerate(HOURS)),
        )
    )


def _with_over_mean(rows: DataFrame, item_means: DataFrame, held: Mapping[Day, str]) -> DataFrame:
    """With the version of the day and how far a rating lies above the mean of its item; null where there is none."""
    if not held:
        nothing = {"means_version": F.lit(None).cast("string"), "over_mean": F.lit(None).cast("decimal(10,3)")}
        return rows.withColumns(nothing)
    days = rows.sparkSession.createDataFrame([(*day, version) for day, version in held.items()], _HELD).coalesce(1)
    dated = rows.join(F.broadcast(days), on=["source", "day"], how="left")
    means = item_means.select("source", "item_id", F.col("model_version").alias("means_version"), "mean")
    known = dated.join(means, on=["source", "item_id", "means_version"], how="left")
    return known.withColumn("over_mean", F.col("rating") - F.col("mean"))
