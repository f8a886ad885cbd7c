"""Units of replacement: which rows of a table a publish replaces whole.

A unit is a combination of the table's `replaced_by` columns: (source, day), (source, bucket) or (source,).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from include.plan import NAME

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

Unit = tuple[str, date] | tuple[str, int] | tuple[str]
APPENDED: Unit = ("",)  # of a table that is only appended to
GRAINS = ("all", "year", "month", "day")
_FORMATS = {"year": "%Y", "month": "%Y-%m", "day": "%Y-%m-%d"}
_MOST_RANGES = 20  # of days, in one condition; a longer one would be slower than a list
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


def predicate(units: Iterable[Unit], grains: Mapping[str, str], *, has_period: bool) -> str:
    """SQL that is true for the rows of exactly these units. A unit of a source alone is all of it.

    Text, since that is what Delta takes to replace rows and to skip files, so every part is checked. Partitions are
    named as well, where rows have a period, that nobody need look into others.
    """
    by_source: dict[str, list[object]] = defaultdict(list)
    for unit in units:
        if not NAME.fullmatch(unit[0]):
            raise ValueError(f"{unit[0]!r} is not a source name")
        by_source[unit[0]].append(unit[1] if len(unit) == 2 else None)
    exact, periods = [], set[str]()
    for source, values in sorted(by_source.items()):
        if len(set(map(type, values))) > 1:
            raise ValueError(f"{source}: units of two kinds")
        part = f"source = '{source}'"
        days = sorted({v for v in values if isinstance(v, date)})
        numbers = sorted({v for v in values if isinstance(v, int)})
        if days:
            if has_period:
                mine = {period_of(d, grains[source]) for d in days}
                periods |= mine
                part += f" AND period IN ({_texts(mine)})"
            part += f" AND ({_is_one_of(days)})"
        if numbers:
            part += f" AND bucket IN ({', '.join(map(str, numbers))})"
        exact.append(f"({part})")
    if len(exact) < 2:
        return "".join(exact) or "false"
    # Said twice: files are skipped by what is said of a partition alone.
    coarse = [f"source IN ({_texts(by_source)})", *([f"period IN ({_texts(periods)})"] if periods else [])]
    return " AND ".join([*coarse, f"({' OR '.join(exact)})"])


def select_units(frame: DataFrame, units: Iterable[Unit], grains: Mapping[str, str]) -> DataFrame:
    """The rows of `frame` that belong to `units`."""
    return frame.where(_is_in(frame, units, grains))


def outside_units(frame: DataFrame, units: Iterable[Unit], grains: Mapping[str, str]) -> DataFrame:
    """The rows of `frame` that belong to none of `units`."""
    return frame.where(~F.coalesce(_is_in(frame, units, grains), F.lit(False)))


def _is_in(frame: DataFrame, units: Iterable[Unit], grains: Mapping[str, str]) -> Column:
    return F.expr(predicate(units, grains, has_period="period" in frame.columns))


def _is_one_of(days: list[date]) -> str:
    """True for a day among these: as few ranges, or as a list where there would be many."""
    ranges: list[tuple[date, date]] = []
    for day in days:
        if ranges and day == ranges[-1][1] + timedelta(days=1):
            ranges[-1] = (ranges[-1][0], day)
        else:
            ranges.append((day, day))
    if len(ranges) > _MOST_RANGES:
        literals = (f"DATE'{day}'" for day in days)
        return f"day IN ({', '.join(literals)})"
    return " OR ".join(f"day BETWEEN DATE'{first}' AND DATE'{last}'" for first, last in ranges)


def _texts(values: Iterable[object]) -> str:
    return ", ".join(f"'{value}'" for value in sorted(map(str, values)))
