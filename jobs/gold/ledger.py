"""From versions to signed entries: +1 on the day a version became known, -1 on the day it was not any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from include.money import NO_DIGITS, THREE_DIGITS
from include.tables.gold import NO_CURRENCY

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


def entries(events: DataFrame, texts: DataFrame) -> DataFrame:
    """What users did, with `sign` and `arrived_on`. Anonymous events are left out: they are nobody's profile."""
    did = events.where(F.col("user_key").isNotNull()).select(
        *_COMMON, "tag", "quantity", "unit_price", "currency", "rating", F.lit(None).cast("string").alias("language")
    )
    wrote = texts.select(
        *_COMMON,
        F.lit(None).cast("string").alias("tag"),
        F.lit(None).cast("decimal(18,3)").alias("quantity"),
        F.lit(None).cast("decimal(18,4)").alias("unit_price"),
        F.lit(None).cast("string").alias("currency"),
        "rating",
        "language",
    )
    gained = F.struct(F.lit(1).cast("bigint").alias("sign"), F.col("known_from").alias("arrived_on"))
    lost = F.struct(F.lit(-1).cast("bigint").alias("sign"), F.col("known_to").alias("arrived_on"))
    booked = F.array_compact(F.array(gained, F.when(F.col("known_to").isNotNull(), lost)))
    signed = did.unionByName(wrote).withColumn("_entry", F.explode(booked))
    return signed.select(
        "*",
        F.col("_entry.sign").alias("sign"),
        F.col("_entry.arrived_on").alias("arrived_on"),
        F.col("happened_at").isNotNull().alias("is_dated"),
    ).drop("_entry", "known_from", "known_to")


def amount() -> Column:
    """Price times quantity in minor units of the currency, rounded half up. One where the quantity is not known."""
    minor = F.col("unit_price") * F.coalesce("quantity", F.lit(1)) * _units_of_one()
    return F.coalesce(F.round(minor, 0).cast("bigint"), F.lit(0).cast("bigint"))


def amount_currency() -> Column:
    """The currency an amount is in; rows without a price or with an unknown currency have none."""
    return F.when(F.col("unit_price").isNotNull(), F.coalesce("currency", F.lit(NO_CURRENCY))).otherwise(NO_CURRENCY)


_COMMON = ("source", "day", "known_from", "known_to", "user_key", "kind", "item_id", "happened_at", "precision")


def _units_of_one() -> Column:
    currency = F.col("currency")
    return F.when(currency.isin(*NO_DIGITS), 1).when(currency.isin(*THREE_DIGITS), 1000).otherwise(100)
