"""What published days were held against, which they keep."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from include.models.by_day import Day, HeldLimits
from include.query import Lake

_LIMITS = """
select source, day, any_value(model_version) as version, any_value(limits) as limits from silver.user_days
where day between ? and ? and list_contains(?, source) and list_contains(?, day) group by source, day
"""
_MEANS = """
select source, day, any_value(means_version) as version from gold.behaviour_daily
where day between ? and ? and list_contains(?, source) and list_contains(?, day) group by source, day
"""


def recorded_limits(lake: Lake, days: Sequence[Day]) -> dict[Day, HeldLimits | None]:
    """The limits of each of these days that is published; None: it was built without."""
    rows = lake.rows(_LIMITS, _of(days))
    return {(r["source"], r["day"]): HeldLimits(r["version"], r["limits"]) if r["version"] else None for r in rows}


def recorded_means(lake: Lake, days: Sequence[Day]) -> dict[Day, str | None]:
    """The version of the item means of each of these days that is published; None: it was built without."""
    return {(r["source"], r["day"]): r["version"] for r in lake.rows(_MEANS, _of(days))}


def _of(days: Sequence[Day]) -> tuple[date, date, list[str], list[date]]:
    """The parameters of a query. First and last day let whoever reads the files skip most of them."""
    dates = sorted({day for _, day in days})
    return dates[0], dates[-1], sorted({source for source, _ in days}), dates
