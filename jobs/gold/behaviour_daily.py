"""gold.behaviour_daily: what a user did on a day, as a signed ledger by arrival day.

A purchase of 3.50 EUR on Monday, corrected on Wednesday to 4.00, is three rows: +1 and +350 arrived on Monday,
-1 and -350 and +1 and +400 arrived on Wednesday (the last two add up to one row of n 0 and amount 50).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from include.tables.gold import HOURS
from jobs.gold.ledger import amount, amount_currency, entries

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_GRAIN = ("source", "day", "user_key", "kind", "currency", "language", "arrived_on", "is_dated")


def transform(events: DataFrame, texts: DataFrame) -> DataFrame:
    """`events` and `texts` are rows of silver, with their past versions."""
    sign = F.col("sign")
    rows = entries(events, texts).withColumns({"amount": amount(), "currency": amount_currency()})
    hour = F.when(F.col("precision") == "second", F.hour("happened_at"))
    return (
        rows.withColumn("hour", hour)
        .groupBy(*_GRAIN)
        .agg(
            F.sum(sign).alias("n"),
            F.sum(sign * F.coalesce("quantity", F.lit(0))).alias("quantity"),
            F.sum(sign * F.col("amount")).alias("amount"),
            F.sum(sign * F.coalesce("rating", F.lit(0))).alias("rating_sum"),
            F.sum(F.when(F.col("rating").isNotNull(), sign).otherwise(0)).alias("rating_count"),
            *(F.sum(F.when(F.col("hour") == h, sign).otherwise(0)).alias(name) for h, name in enumerate(HOURS)),
        )
    )
