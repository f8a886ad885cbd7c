"""Fitting of limits: from the released silver.user_days to a registered version and a decision about it.

It becomes the champion unless it knows less than the champion, or one of its limits is gone, three times what it was,
or a third: then a source is not what it was, or more machines than people use it, and somebody has to look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from include.errors import BadInput
from include.models import limits
from include.models.limits import FLOORS, Limits, Spread
from include.models.newest import newest
from include.models.record import record
from include.models.registry import Registry, Version
from include.models.sentiment import TooFew
from include.query import Lake
from include.settings import Settings

WINDOW_DAYS = 28
MOST_MOVED = 3.0  # times, up or down
_WINDOW = """
with ends as (select source, max(day) as last from silver.user_days where day <= ? group by source),
days as (select * from silver.user_days join ends using (source) where day > last - cast(? as int) and day <= last)
"""


@dataclass(frozen=True)
class Fitted:
    """What a fitting came to. `suspects` and `user_days` of the window, by source."""

    version: Version
    promoted: bool
    decision: str
    limits: Limits
    suspects: Mapping[str, int]
    user_days: Mapping[str, int]


def train_limits(settings: Settings, through: date, registry: Registry[Limits] | None = None) -> Fitted:
    """Fit on the last 28 days of each source up to `through`, log, register, decide. TooFew if no source has enough."""
    registry = registry or Registry.limits(settings.models)
    versions = registry.versions()  # first: a server that does not answer is told before anything is computed
    lake = Lake(settings)
    fitted = fit(lake, through)
    if not fitted:
        raise TooFew(f"limits: up to {through} no source has {limits.LEAST} busy days of users in {WINDOW_DAYS} days")
    counted = _of_window(
        lake, through, "select source, count(*) as n, any_value(last) as last from days group by source"
    )
    user_days = {r["source"]: r["n"] for r in counted if r["source"] in fitted}
    learned = {r["source"]: r["last"] for r in counted if r["source"] in fitted}
    suspects = {source: _suspects(lake, through, source, fitted[source]) for source in fitted}
    doubt = why_not(registry, versions, fitted, max(learned.values()))
    said = ", ".join(f"{s} {suspects[s]:,} of {user_days[s]:,} user-days" for s in fitted)
    decision = f"{doubt}; look, then promote by hand" if doubt else f"suspects: {said}"
    counts = {s: {"suspects": suspects[s], "user_days": user_days[s]} for s in fitted}
    version = record(
        registry, partial(limits.save, fitted), learned=learned, decision=decision,
        parameters={"window_days": WINDOW_DAYS}, figures={s: {**fitted[s], **counts[s]} for s in fitted},
        promoted=not doubt,
    )  # fmt: skip
    return Fitted(version, not doubt, decision, fitted, suspects, user_days)


def newest_day(settings: Settings) -> date:
    """The newest day on which somebody did something. TooFew if there is none, or no lake yet."""
    return newest(settings, "select max(day) as day from silver.user_days", "limits", "nobody did anything yet")


def fit(lake: Lake, through: date) -> dict[str, dict[str, float]]:
    """The limits of each source that has enough values for one."""
    found: dict[str, dict[str, float]] = {}
    for name, floor in FLOORS.items():
        scale = limits.scale_of(name)
        scaled = scale.sql.format(name)
        spreads = _of_window(
            lake,
            through,
            f"select source, count(*) as n, median({scaled}) as median, mad({scaled}) as deviation, "  # noqa: S608 declared
            f"quantile_cont({scaled}, 0.95) as q95 from days where {name} is not null group by source",
        )
        for row in spreads:
            value = limits.limit(Spread(row["n"], row["median"], row["deviation"], row["q95"]), floor, scale)
            if value is not None:
                found.setdefault(row["source"], {})[name] = value
    return dict(sorted(found.items()))


def why_not(registry: Registry[Limits], versions: Sequence[Version], fitted: Limits, learned: date) -> str | None:
    """Why the new limits must not become the champion by themselves, in words."""
    champion = next((v for v in versions if v.is_champion), None)
    if champion and learned < champion.trained_through:
        return champion.knows_later
    for source, of_source in fitted.items():
        before = next((v for v in reversed(versions) if v.may_be_chosen and source in v.learned), None)
        if before is None:
            continue
        try:
            of_before = registry.load(before)[source]
        except BadInput as error:
            return str(error)
        if moved := far_from(of_before, of_source):
            return f"{source}: {moved}"
    return None


def far_from(before: Mapping[str, float], after: Mapping[str, float]) -> str | None:
    """The first limit of a source that is far from what it was, in words."""
    for name, value in before.items():
        if name not in after:
            return f"there would be no limit of {name} any more"
        if not value / MOST_MOVED < after[name] < value * MOST_MOVED:
            return f"the limit of {name} would go from {value:g} to {after[name]:g}"
    return None


def _suspects(lake: Lake, through: date, source: str, of_source: Mapping[str, float]) -> int:
    beyond = " or ".join(f"coalesce({name} > ?, false)" for name in of_source)
    query = f"select count(*) as n from days where source = ? and ({beyond})"  # noqa: S608 declared names
    found: int = _of_window(lake, through, query, source, *of_source.values())[0]["n"]
    return found


def _of_window(lake: Lake, through: date, query: str, *parameters: object) -> list[dict[str, Any]]:
    """Of `days`, the last four weeks of each source up to a day, with its `last` one."""
    return lake.rows(_WINDOW + query, [through, WINDOW_DAYS, *parameters])
