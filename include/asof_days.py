"""Which as-of days a profile run must compute, for whom. Plain dates; tested without Spark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from include.plan import Plan

BEGINNING = date(1900, 1, 1)  # before any row


@dataclass(frozen=True)
class Wanted:
    """Users of `source` with something on a day in [first, last] are wanted as of `as_of`."""

    source: str
    first: date
    last: date
    as_of: date


def requested_days(plan: Plan, first: date, last: date | None) -> list[date]:
    """The as-of days a plan asks for, of a source whose history is [first, last]: the last day, or every one."""
    start = max(plan.start, first)
    end = min(plan.end - timedelta(days=1), last or date.max)
    if start > end:
        return []
    return [start + timedelta(days=i) for i in range((end - start).days + 1)] if plan.every_day else [end]


def wanted_of_source(
    source: str,
    built: Iterable[date],
    requested: Iterable[date],
    touched: Iterable[date],
    windows: Sequence[int],
    items_since: date | None = None,
) -> list[Wanted]:
    """Everything that may differ after a run.

    `built` days were computed by earlier runs; `touched` are days whose rows were rebuilt since. A touched day matters
    to every as-of day from it on. A new as-of day matters to users with something since the as-of day before it, or
    leaving a window since, and to the next built day, whose rows say what differs from the row before.
    Items that arrived on `items_since` may have changed brand and categories of everything from that day on.
    """
    before, new = sorted(set(built)), sorted(set(requested) - set(built))
    days = sorted({*before, *new})
    wanted = {Wanted(source, t, t, d) for t in touched for d in days if d >= t}
    if items_since:
        wanted |= {Wanted(source, items_since, d, d) for d in days if d >= items_since}
    for day in new:
        i = days.index(day)
        as_of = [day, *next_built(day, before)]
        if i == 0:
            wanted |= {Wanted(source, BEGINNING, day, d) for d in as_of}
            continue
        since = days[i - 1] + timedelta(days=1)
        spans = [(since, day), *((_back(since, w), _back(day, w)) for w in windows)]
        wanted |= {Wanted(source, first, last, d) for first, last in spans for d in as_of}
    return sorted(wanted, key=lambda w: (w.as_of, w.first, w.last))


def wanted_of_models(source: str, new: Sequence[date], models: Mapping[date, object]) -> list[Wanted]:
    """Everything that a change of a model may alter: it alters all users with a text.

    `models` has each as-of day with its versions, built or `new`. A built day keeps its versions, so it is a new day
    with others than the day before it, and the built day after, whose rows say what differs.
    """
    days, before = sorted(models), sorted(set(models) - set(new))

    def changes(day: date) -> bool:
        last = day_before(day, days)
        return last is None or models[day] != models[last]

    wanted = set()
    for day in new:
        following = next_built(day, before)
        if changes(day):
            wanted |= {day, *following, *set(days[-1:]).intersection(new)}  # the last one is everybody's latest
        wanted |= {d for d in following if changes(d)}
    return [Wanted(source, BEGINNING, day, day) for day in sorted(wanted)]


def next_built(day: date, built: Sequence[date]) -> list[date]:
    """The built day whose rows will say what differs from `day`, or from a new day after it."""
    return [d for d in built if d > day][:1]


def day_before(day: date, built: Sequence[date]) -> date | None:
    """The built as-of day before `day`."""
    return max((d for d in built if d < day), default=None)


def _back(day: date, window: int) -> date:
    """The day that leaves a window of so many days when the as-of day becomes `day`."""
    return max(BEGINNING, day - timedelta(days=min(window, (day - BEGINNING).days)))
