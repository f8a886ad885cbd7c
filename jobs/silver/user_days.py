"""silver.user_days: how busy a user was on a day, and which limits that breaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from include.lake.frames import union
from include.tables.silver import FULL_HOUR, LIMITED

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from include.models.by_day import Day, HeldLimits

_USER_DAY = ("source", "day", "user_key")
_LONG_SESSION, _PRICES = 10, 5  # events, and users with a price of an item, from which on they say something
_MOST_FACTOR = 1e9  # more is as wrong, and would not fit
_HELD = "source string, day date, model_version string, limits map<string,double>"


def transform(events: DataFrame, texts: DataFrame, *, held: Mapping[Day, HeldLimits]) -> DataFrame:
    """From the rows of silver that stand; `held` tells what a (source, day) is held against, if anything."""
    values = union([_by_minute(events, texts), _by_session(events), _by_price(events)])
    columns = (F.max(c.name).cast(c.type).alias(c.name) for c in LIMITED)
    rows = values.groupBy(*_USER_DAY).agg(*columns).where(F.col("volume").isNotNull())
    of_days = [(source, day, h.version, dict(h.limits)) for (source, day), h in held.items()]
    limits = F.broadcast(events.sparkSession.createDataFrame(of_days, _HELD).coalesce(1))
    broken = F.filter(F.map_keys("limits"), lambda name: _value_of(name) > F.col("limits")[name])
    judged = rows.join(limits, on=["source", "day"], how="left")
    return judged.withColumn("limits_broken", F.when(F.size(broken) > 0, F.array_sort(broken)))


def without_suspects(rows: DataFrame, user_days: DataFrame) -> DataFrame:
    """The rows of users whose day breaks no limit, and of nobody in particular."""
    suspects = user_days.where(F.col("limits_broken").isNotNull()).select(*_USER_DAY)
    return rows.join(F.broadcast(suspects), on=[*_USER_DAY], how="left_anti")


def _by_minute(events: DataFrame, texts: DataFrame) -> DataFrame:
    """Volume, burst, busy and full hours. Who is exact to the day alone has a volume."""
    acts = union(frame.where(_stands()).select(*_USER_DAY, "happened_at", "precision") for frame in (events, texts))
    minute = F.when(F.col("precision") == "second", F.date_trunc("minute", "happened_at"))
    exact = acts.where(F.col("precision").isin("second", "day")).withColumn("minute", minute)
    by_minute = exact.groupBy(*_USER_DAY, "minute").agg(F.count(F.lit(1)).alias("n"))
    by_hour = by_minute.groupBy(*_USER_DAY, F.hour("minute").alias("hour")).agg(
        F.sum("n").alias("n"), F.max("n").alias("burst")
    )
    timed = F.col("hour").isNotNull()
    return _values(
        by_hour.groupBy(*_USER_DAY),
        volume=F.sum("n"),
        burst=F.max(F.when(timed, F.col("burst"))),
        busy_hours=F.nullif(F.count("hour"), F.lit(0)),
        full_hours=F.nullif(F.count_if(timed & (F.col("n") >= FULL_HOUR)), F.lit(0)),
    )


def _by_session(events: DataFrame) -> DataFrame:
    exact = events.where(_stands() & (F.col("precision") == "second") & F.col("session_key").isNotNull())
    sessions = exact.groupBy(*_USER_DAY, "session_key").agg(
        F.count(F.lit(1)).alias("n"),
        ((F.unix_timestamp(F.max("happened_at")) - F.unix_timestamp(F.min("happened_at"))) / 60).alias("minutes"),
    )
    speed = F.round(F.col("n") / F.greatest("minutes", F.lit(1)), 3)
    return _values(sessions.where(F.col("n") >= _LONG_SESSION).groupBy(*_USER_DAY), session_speed=F.max(speed))


def _by_price(events: DataFrame) -> DataFrame:
    """What users would pay or paid, against the median of all users' prices of the item. Who buys a hundred times at a
    wrong price is one user of several, and so is everybody without a name."""
    of_item = ("source", "day", "item_id", "currency")
    stated = F.col("kind").isin("cart", "purchase") & (F.col("unit_price") > 0) & F.col("item_id").isNotNull()
    priced = events.where(F.col("known_to").isNull() & stated & F.col("currency").isNotNull())
    price = F.col("unit_price").cast("double")
    of_user = priced.groupBy(*of_item, "user_key").agg(
        F.min(price).alias("least"), F.median(price).alias("price"), F.max(price).alias("most")
    )
    usual = of_user.groupBy(*of_item).agg(F.median("price").alias("usual"), F.count(F.lit(1)).alias("users"))
    both = of_user.join(usual.where(F.col("users") >= _PRICES), on=[*of_item], how="inner")
    factor = F.greatest(F.col("most") / F.col("usual"), F.col("usual") / F.col("least"))
    named = both.where(F.col("user_key").isNotNull()).groupBy(*_USER_DAY)
    return _values(named, price_factor=F.round(F.least(F.max(factor), F.lit(_MOST_FACTOR)), 3))


def _values(grouped, **values: Column) -> DataFrame:  # type: ignore[no-untyped-def]  # pyspark's GroupedData moved
    """A row a user-day with these of the limited columns; the others are null."""
    columns = (values.get(c.name, F.lit(None)).cast("double").alias(c.name) for c in LIMITED)
    found: DataFrame = grouped.agg(*columns)
    return found


def _value_of(name: Column) -> Column:
    found = F.lit(None).cast("double")
    for column in LIMITED:
        found = F.when(name == column.name, F.col(column.name).cast("double")).otherwise(found)
    return found


def _stands() -> Column:
    return F.col("known_to").isNull() & F.col("user_key").isNotNull()
