"""gold.behaviour_items_daily: what a user did to an item or said of it on a day, as a signed ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from jobs.gold.ledger import entries
from jobs.silver.validity import as_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_GRAIN = ("source", "day", "user_key", "kind", "item_id", "tag", "arrived_on", "is_dated")


def transform(events: DataFrame, texts: DataFrame, items: DataFrame) -> DataFrame:
    """Rows without an item and a tag are left out. Brand and categories are those of that day, not of today."""
    sign = F.col("sign")
    rows = entries(events, texts).where(F.col("item_id").isNotNull() | F.col("tag").isNotNull())
    daily = rows.groupBy(*_GRAIN).agg(
        F.sum(sign).alias("n"), F.sum(sign * F.coalesce("quantity", F.lit(0))).alias("quantity")
    )
    return as_of(daily, items, on="item_id", columns=["brand", "categories"])
