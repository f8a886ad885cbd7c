"""Units of replacement: which rows of a table a publish replaces whole.

A unit is a combination of the table's `replaced_by` columns: (source, day), (source, bucket) or (source,).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from include.plan import NAME
from include.tables.model import Table

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

Unit = tuple[str, date] | tuple[str, int] | tuple[str]
GRAINS = ("all", "year", "month", "day")
_FORMATS = {"year": "%Y", "month": "%Y-%m", "day": "%Y-%m-%d"}
TYPES = {"source": "string", "day": "date", "bucket": "int"}


def period_of(day: date, grain: str) -> str:
    """The partition text of a day."""
    return "all" if grain == "all" else day.strftime(_FORMATS[grain])


def period_column(day: Column, source: Column, grains: Mapping[str, str]) -> Column:
    """The same for rows: `grains` tells each source's grain."""
    text = {"year": "yyyy", "month": "yyyy-MM", "day": "yyyy-MM-dd"}
    found: Column = F.lit("all")
    for grain, pattern in text.items():
        sources = sorted(s for s, g in grains.items() if g == grain)
        if sources:
            found = F.when(source.isin(sources), F.date_format(day, pattern)).otherwise(found)
    return found


def predicate(table: Table, units: Iterable[Unit], grains: Mapping[str, str]) -> str:
    """The `replaceWhere` text that selects exactly these units. Delta takes text only, so every part is checked."""
    by_source: dict[str, list[object]] = defaultdict(list)
    for unit in units:
        by_source[unit[0]].extend(unit[1:])
    parts = []
    for source, values in sorted(by_source.items()):
        if not NAME.fullmatch(source):
            raise ValueError(f"{source!r} is not a source name")
        part = f"source = '{source}'"
        days = sorted(v for v in values if isinstance(v, date))
        numbers = sorted(v for v in values if isinstance(v, int))
        if days:
            if "period" in table.partition_by:
                part += f" AND period IN ({_texts({period_of(d, grains[source]) for d in days})})"
            part += f" AND day IN ({_texts(days)})"
        if numbers:
            part += f" AND bucket IN ({', '.join(map(str, numbers))})"
        parts.append(f"({part})")
    return " OR ".join(parts)


def select_units(frame: DataFrame, table: Table, units: list[Unit], grains: Mapping[str, str]) -> DataFrame:
    """The rows of `frame` that belong to `units`: partitions and files are skipped first, then rows."""
    sources = sorted({unit[0] for unit in units})
    rows = frame.where(F.col("source").isin(sources))
    if "day" not in table.replaced_by:
        return rows if table.replaced_by == ("source",) else _semi_join(rows, table, units)
    days = [unit[1] for unit in units if len(unit) == 2 and isinstance(unit[1], date)]
    if not days:
        return rows.where(F.lit(False))
    if "period" in rows.columns:
        periods = sorted({period_of(u[1], grains[u[0]]) for u in units if len(u) == 2 and isinstance(u[1], date)})
        rows = rows.where(F.col("period").isin(periods))
    rows = rows.where(F.col("day").between(min(days), max(days)))
    whole_range = len(sources) == 1 and len(set(days)) == (max(days) - min(days)).days + 1
    return rows if whole_range else _semi_join(rows, table, units)


def outside_units(frame: DataFrame, table: Table, units: Iterable[Unit]) -> DataFrame:
    """The rows of `frame` that belong to none of `units`."""
    named = units_frame(frame.sparkSession, table, units)
    return frame.join(F.broadcast(named), on=list(table.replaced_by), how="left_anti")


def units_frame(spark: SparkSession, table: Table, units: Iterable[Unit]) -> DataFrame:
    """The units as rows."""
    schema = ", ".join(f"{c} {TYPES[c]}" for c in table.replaced_by)
    return spark.createDataFrame(sorted(set(units)), schema).coalesce(1)


def _semi_join(rows: DataFrame, table: Table, units: list[Unit]) -> DataFrame:
    wanted = units_frame(rows.sparkSession, table, units)
    return rows.join(F.broadcast(wanted), on=list(table.replaced_by), how="left_semi")


def _texts(values: Iterable[object]) -> str:
    return ", ".join(f"'{value}'" for value in sorted(map(str, values)))
