"""Fitting of limits: from the released silver.user_days to a registered version and a decision about it.

It becomes the champion unless one of its limits is three times that of the champion, or a third: then a source is not
what it was, or more machines than people use it, and somebody has to look.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from include.errors import NoLake
from include.models import limits
from include.models.limits import FLOORS, Limits, Spread
from include.models.registry import CHALLENGER, FOLDER, Registry, Version
from include.models.sentiment import TooFew
from include.query import Lake
from include.settings import Settings

WINDOW_DAYS = 28
MOST_MOVED = 3.0  # times, up or down
_IN_WINDOW = "from silver.user_days where day > ? and day <= ?"


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
    """Fit on the 28 days up to `through`, log, register, decide. TooFew if no source has enough of them."""
    registry = registry or Registry.limits(settings.models)
    champion = registry.champion()  # first: a server that does not answer is told before anything is computed
    lake = Lake(settings)
    window = [through - timedelta(days=WINDOW_DAYS), through]
    fitted = fit(lake, window)
    if not fitted:
        raise TooFew(f"limits: no source has {limits.LEAST} busy days of users in the {WINDOW_DAYS} days to {through}")
    counted = lake.rows(f"select source, count(*) as n, max(day) as day {_IN_WINDOW} group by source", window)
    user_days = {r["source"]: r["n"] for r in counted if r["source"] in fitted}
    suspects = {source: _suspects(lake, window, source, fitted[source]) for source in fitted}
    said = ", ".join(f"{s} {suspects[s]:,} of {user_days[s]:,} user-days" for s in fitted)
    moved = far_from(registry.load(champion), fitted) if champion else None
    decision = f"{moved}; look, then promote by hand" if moved else f"suspects: {said}"
    learned = max(r["day"] for r in counted if r["source"] in fitted)
    number = _log(registry, fitted, suspects, user_days, learned, decision)
    if not moved:
        registry.promote(number, decision)
    version = next(v for v in registry.versions() if v.number == number)
    return Fitted(version, not moved, decision, fitted, suspects, user_days)


def newest_day(settings: Settings) -> date:
    """The newest day on which somebody did something. TooFew if there is none, or no lake yet."""
    try:
        found: date | None = Lake(settings).rows("select max(day) as day from silver.user_days")[0]["day"]
    except NoLake as error:
        raise TooFew(f"limits: {error}") from None
    if found is None:
        raise TooFew("limits: nobody did anything yet; run the build first")
    return found


def fit(lake: Lake, window: list[date]) -> dict[str, dict[str, float]]:
    """The limits of each source that has enough values for one."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for name, floor in FLOORS.items():
        spreads = lake.rows(
            f"select source, count(*) as n, median(ln({name})) as median, mad(ln({name})) as deviation, "
            f"quantile_cont(ln({name}), 0.95) as q95 {_IN_WINDOW} and {name} is not null group by source",
            window,
        )
        for row in spreads:
            value = limits.limit(Spread(row["n"], row["median"], row["deviation"], row["q95"]), floor)
            if value is not None:
                found[row["source"]][name] = value
    return dict(sorted(found.items()))


def far_from(champion: Limits, fitted: Limits) -> str | None:
    """The first limit that is far from what it was, in words."""
    for source, of_source in fitted.items():
        for name, value in of_source.items():
            before = champion.get(source, {}).get(name, value)
            if not before / MOST_MOVED < value < before * MOST_MOVED:
                return f"{source}: the limit of {name} would go from {before:g} to {value:g}"
    return None


def _suspects(lake: Lake, window: list[date], source: str, of_source: Mapping[str, float]) -> int:
    beyond = " or ".join(f"coalesce({name} > ?, false)" for name in of_source)
    query = f"select count(*) as n {_IN_WINDOW} and source = ? and ({beyond})"
    found: int = lake.rows(query, [*window, source, *of_source.values()])[0]["n"]
    return found


def _log(
    registry: Registry[Limits], fitted: Limits, suspects: Mapping[str, int], user_days: Mapping[str, int],
    learned: date, decision: str,
) -> int:  # fmt: skip
    """One run and one version in the registry; its number."""
    import mlflow

    with registry.plainly(), tempfile.TemporaryDirectory() as temporary:
        digest = limits.save(fitted, Path(temporary))
        with registry.experiment(registry.name) as experiment, mlflow.start_run(experiment_id=experiment) as run:
            mlflow.log_params({"trained_through": str(learned), "window_days": WINDOW_DAYS})
            mlflow.log_metrics({f"{source}.{name}": v for source, of in fitted.items() for name, v in of.items()})
            mlflow.log_metrics({f"{source}.suspects": n for source, n in suspects.items()})
            mlflow.log_metrics({f"{source}.user_days": n for source, n in user_days.items()})
            mlflow.log_artifacts(temporary, FOLDER)
            address = f"runs:/{run.info.run_id}/{FOLDER}"
            tags = {"trained_through": str(learned), "sources": ",".join(fitted), "digest": digest,
                    "decision": decision}  # fmt: skip
            number = registry.register(address, run.info.run_id, tags)
            registry.client.set_registered_model_alias(registry.name, CHALLENGER, str(number))
    return number
