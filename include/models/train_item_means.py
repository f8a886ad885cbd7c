"""Fitting of item means: from the released ratings to a registered version.

It becomes the champion unless it knows less than the champion.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from include.errors import NoLake
from include.models.item_means import LEAST, save, schema
from include.models.record import record
from include.models.registry import Registry, Version
from include.models.sentiment import TooFew
from include.query import Lake
from include.settings import Settings

if TYPE_CHECKING:
    from include.models.item_means import ItemMeans

# Ratings as they were known on a day ($1). Who rates an item twice has one opinion of it, the mean of both.
_RATINGS = """
with rated as (
    select source, user_key, item_id, day, rating, known_from, known_to from silver.events
    union all
    select source, user_key, item_id, day, rating, known_from, known_to from silver.texts
),
suspects as (select source, user_key, day from silver.user_days where limits_broken is not null),
ratings as (
    select source, item_id, user_key, avg(rating) as rating, max(greatest(day, known_from)) as known
    from rated anti join suspects using (source, user_key, day)
    where rating is not null and item_id is not null and user_key is not null
        and greatest(day, known_from) <= $1 and (known_to is null or known_to > $1)
    group by source, item_id, user_key
)
"""
_MEANS = """
select source, item_id, cast(round(avg(rating), 3) as decimal(9, 3)) as mean, count(*) as users
from ratings group by source, item_id having count(*) >= $2 order by source, item_id
"""
_KNOWN = "select source, max(known) as known, count(*) as ratings from ratings group by source"
_NEWEST = """
select max(known_from) as day
from (select known_from, rating from silver.events union all select known_from, rating from silver.texts)
where rating is not null
"""


@dataclass(frozen=True)
class Averaged:
    """What a fitting came to: for each source with a mean, how many items have one, and how many ratings there are."""

    version: Version
    promoted: bool
    decision: str
    items: Mapping[str, int]
    ratings: Mapping[str, int]


def train_item_means(settings: Settings, through: date, registry: Registry[ItemMeans] | None = None) -> Averaged:
    """Fit on the ratings known on `through`, log, register, decide. TooFew if no item has enough of them."""
    registry = registry or Registry.item_means(settings.models)
    champion = registry.champion()  # first: a server that does not answer is told before anything is computed
    lake = Lake(settings)
    means = fit(lake, through)
    counted = means.group_by("source").aggregate([([], "count_all")]).to_pylist()
    items = {row["source"]: row["count_all"] for row in counted}
    if not items:
        raise TooFew(f"item_means: up to {through} no item was rated by {LEAST} users")
    known = [r for r in lake.rows(_RATINGS + _KNOWN, [through]) if r["source"] in items]
    learned = {r["source"]: r["known"] for r in known}
    ratings = {r["source"]: r["ratings"] for r in known}
    doubt = champion.knows_later if champion and max(learned.values()) < champion.trained_through else None
    said = ", ".join(f"{source} {n:,} items by {ratings[source]:,} ratings" for source, n in sorted(items.items()))
    decision = f"{doubt}; look, then promote by hand" if doubt else f"means of {said}"
    version = record(
        registry, partial(save, means), learned=learned, decision=decision, parameters={"least_users": LEAST},
        figures={source: {"items": n, "ratings": ratings[source]} for source, n in items.items()},
        promoted=not doubt,
    )  # fmt: skip
    return Averaged(version, not doubt, decision, items, ratings)


def newest_day(settings: Settings) -> date:
    """The newest day on which a rating arrived. TooFew if there is none, or no lake yet."""
    try:
        found: date | None = Lake(settings).rows(_NEWEST)[0]["day"]
    except NoLake as error:
        raise TooFew(f"item_means: {error}") from None
    if found is None:
        raise TooFew("item_means: nobody rated anything yet; run the build first")
    return found


def fit(lake: Lake, through: date) -> ItemMeans:
    """The mean of each item that enough users rated."""
    import pyarrow as pa

    found = lake.rows(_RATINGS + _MEANS, [through, LEAST])
    return pa.Table.from_pylist(found, schema=schema())
