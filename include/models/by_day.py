"""Which version of a model a day of a source is held against, and keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from include.models.limits import Limits
from include.models.registry import Registry, Version, offered

if TYPE_CHECKING:
    from include.models.item_means import ItemMeans

M = TypeVar("M")
Day = tuple[str, date]  # source and day


@dataclass(frozen=True)
class Registered(Generic[M]):
    """A registry, and what its versions were when a run began."""

    registry: Registry[M]
    versions: Callable[[], Sequence[Version]]


class HeldLimits(NamedTuple):
    """A version of the limits, and what it says of one source: limit to value."""

    version: str
    limits: Mapping[str, float]


def limits_by_day(
    limits: Registered[Limits], days: Sequence[Day], recorded: Mapping[Day, HeldLimits | None]
) -> dict[Day, HeldLimits]:
    """What was `recorded` for a day, be it none; for another day the champion if it knows of no later one, else the
    newest former one that does not. Only versions that have limits for the source. Days without one are left out.

    BadInput where the files of a version are not what was registered.
    """
    found = {day: held for day in days if day in recorded and (held := recorded[day])}
    chosen = _chosen(limits, {day: day for day in days if day not in recorded})
    loaded = {name: limits.registry.load(v) for name, v in {v.name: v for v in chosen.values()}.items()}
    return found | {day: HeldLimits(v.name, loaded[v.name][day[0]]) for day, v in chosen.items()}


def means_by_day(
    means: Registered[ItemMeans], days: Sequence[Day], recorded: Mapping[Day, str | None]
) -> dict[Day, str]:
    """The name of the item means of each day: what was `recorded`, be it none; else chosen like limits, of those that
    know nothing of the day itself, so that no rating is held against itself. Days without one are left out."""
    found = {day: name for day in days if day in recorded and (name := recorded[day])}
    before = {day: (day[0], day[1] - timedelta(days=1)) for day in days if day not in recorded}
    return found | {day: v.name for day, v in _chosen(means, before).items()}


def _chosen(registered: Registered[Any], days: Mapping[Day, Day]) -> dict[Day, Version]:
    """Day to the version that speaks about the one given with it, where there is one; without a day nobody is asked."""
    versions = {v.name: v for v in registered.versions()} if days else {}
    of = offered(versions.values())
    return {day: versions[name] for day, (source, last) in days.items() if (name := of.for_day(last, source))}
