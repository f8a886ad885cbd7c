"""Which limits a day of a source is held against."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from include.errors import BadInput
from include.models.choose import Offered
from include.models.limits import Limits
from include.models.registry import Registry, Version

Day = tuple[str, date]  # source and day


class Held(NamedTuple):
    """A version of the limits, and what it says of one source: limit to value."""

    version: str
    limits: Mapping[str, float]


def limits_by_day(
    registry: Registry[Limits],
    versions: Sequence[Version],
    days: Iterable[Day],
    recorded: Mapping[Day, str | None],
    warn: Callable[[str], None],
) -> dict[Day, Held]:
    """The version `recorded` for a day, be it none; for another day the champion if it knows of no later one, else the
    newest former one that does not. Only versions that have limits for the source. Days without one are left out.

    BadInput where the champion's files are not what was registered; of another version that is warned of, and its days
    are held against nothing.
    """
    by_name = {v.name: v for v in versions}
    chosen: dict[Day, str] = {}
    for source, day in days:
        name = recorded[source, day] if (source, day) in recorded else _for_day(versions, source, day)
        if name in by_name:
            chosen[source, day] = name
        elif name is not None:
            warn(f"warning: limits {name}, by which {source} was judged on {day}, are not in the registry any more")
    loaded = {name: _load(registry, by_name[name], warn) for name in sorted(set(chosen.values()))}
    return {(s, d): Held(name, loaded[name][s]) for (s, d), name in chosen.items() if s in loaded[name]}


def _for_day(versions: Sequence[Version], source: str, day: date) -> str | None:
    able = [v for v in versions if v.may_be_chosen and source in v.sources]
    champion = next((v.name for v in able if v.is_champion), None)
    return Offered({v.name: v.trained_through for v in able}, champion).for_day(day)


def _load(registry: Registry[Limits], version: Version, warn: Callable[[str], None]) -> Limits:
    try:
        return registry.load(version)
    except BadInput as error:
        if version.is_champion:
            raise
        warn(f"warning: {error}; no champion any more, so its days are held against nothing")
        return {}
