"""meta.accounts: what became of each landed record of the days a run rebuilt, counted against bronze itself."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from include.gate import Measured
from include.lake.frames import few_rows, union
from include.lake.read import Reader
from include.lake.units import Unit, select_units
from include.tables import Severity
from include.tables.meta import OUTCOMES
from include.tables.silver import BY_FEED

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_NUMBERS = ("landed", *OUTCOMES)


def transform(records: DataFrame) -> DataFrame:
    """Counts of outcomes and of reasons by source, day and arrival day, from resolved records.

    A record with two reasons is one rejected record and counts under both.
    """
    grain = ("source", "day", "arrived_on")
    exploded = records.select(*grain, "outcome", F.posexplode_outer("reasons").alias("nth", "reason"))
    is_first = F.coalesce(F.col("nth"), F.lit(0)) == 0
    by_reason = exploded.groupBy(*grain, "reason").agg(
        F.count("*").alias("n"), *(F.count_if(is_first & (F.col("outcome") == o)).alias(o) for o in OUTCOMES)
    )
    counted = F.array_compact(F.collect_list(F.when(F.col("reason").isNotNull(), F.struct("reason", "n"))))
    return by_reason.groupBy(*grain).agg(
        *(F.sum(o).alias(o) for o in OUTCOMES), F.map_from_entries(F.array_sort(counted)).alias("reasons")
    )


def accounts(
    resolved: Mapping[str, DataFrame],
    touched: Mapping[str, list[Unit]],
    reader: Reader,
    grains: Mapping[str, str],
    left: Mapping[str, list[Unit]],
) -> DataFrame:
    """One row for each source, feed, touched day and arrival day: records in bronze beside their outcomes.

    And one of zeros for each day that records have left, since what was booked there does not hold any more.
    """
    parts = [_of_feed(feed, rows, touched[feed], reader, grains) for feed, rows in resolved.items()]
    emptied = [(unit[0], feed, *unit[1:]) for feed, units in left.items() for unit in sorted(set(units))]
    if emptied:
        parts.append(_zeros(reader.spark.createDataFrame(emptied, "source string, feed string, day date")))
    if not parts:
        return reader.table("meta.accounts").limit(0)
    return union(parts)


def unaccounted(booked: DataFrame) -> Measured:
    """The critical check of the accounts: every landed record has one outcome."""
    outcomes = reduce(lambda a, b: a + b, (F.col(o) for o in OUTCOMES))
    total = booked.agg(
        F.coalesce(F.sum(F.abs(F.col("landed") - outcomes)), F.lit(0)).alias("off"),
        F.coalesce(F.sum("landed"), F.lit(0)).alias("landed"),
    )
    row = few_rows(total, "accounts")[0]
    why = "every landed record has exactly one outcome"
    return Measured("meta.accounts", "landed__unaccounted", Severity.CRITICAL, int(row["off"]), int(row["landed"]), why)


def _of_feed(feed: str, rows: DataFrame, touched: list[Unit], reader: Reader, grains: Mapping[str, str]) -> DataFrame:
    bronze = f"bronze.{feed}"
    if "day" in BY_FEED[feed].replaced_by:
        landed = reader.units(bronze, touched, grains)
        rows = select_units(rows, touched, grains)
    else:
        landed = reader.table(bronze, ("source", "in", sorted({unit[0] for unit in touched})))
    counted = landed.groupBy("source", "day", "arrived_on").agg(F.count("*").alias("landed"))
    both = counted.join(transform(rows), on=["source", "day", "arrived_on"], how="full_outer")
    return both.select(
        "source",
        F.lit(feed).alias("feed"),
        "day",
        "arrived_on",
        *(F.coalesce(c, _zero()).alias(c) for c in _NUMBERS),
        F.coalesce("reasons", _no_reasons()).alias("reasons"),
    )


def _zeros(days: DataFrame) -> DataFrame:
    """Accounts of days without a record."""
    numbers = (_zero().alias(c) for c in _NUMBERS)
    return days.select(
        "source", "feed", "day", F.col("day").alias("arrived_on"), *numbers, _no_reasons().alias("reasons")
    )


def _zero() -> Column:
    return F.lit(0).cast("bigint")


def _no_reasons() -> Column:
    return F.create_map().cast("map<string,bigint>")
