"""Which limits a day of a source is held against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from include.models.choose import Offered
from include.models.limits import Limits
from include.models.registry import Registry, Version

Day = tuple[str, date]  # source and day


class Held(NamedTuple):
    """A version of the limits, and what it says of one source: limit to value."""

    version: str
    limits: Mapping[str, float]


def limits_by_day(
    registry: Registry[Limits], versions: Sequence[Version], days: Sequence[Day], recorded: Mapping[Day, Held | None]
) -> dict[Day, Held]:
    """What was `recorded` for a day, be it none; for another day the champion if it knows of no later one, else the
    newest former one that does not. Only versions that have limits for the source. Days without one are left out.

    BadInput where the files of a version are not what was registered.
    """
    found = {day: held for day in days if day in recorded and (held := recorded[day])}
    chosen = {day: v for day in days if day not in recorded and (v := _for_day(versions, *day))}
    loaded = {v.number: registry.load(v) for v in {v.number: v for v in chosen.values()}.values()}
    return found | {day: Held(v.name, loaded[v.number][day[0]]) for day, v in chosen.items()}


def _for_day(versions: Sequence[Version], source: str, day: date) -> Version | None:
    able = [v for v in versions if v.may_be_chosen and source in v.learned]
    champion = next((v.name for v in able if v.is_champion), None)
    name = Offered({v.name: v.learned[source] for v in able}, champion).for_day(day)
    return next((v for v in able if v.name == name), None)
