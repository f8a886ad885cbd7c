"""Fitting of item means: from the released ratings to a registered version.

It becomes the champion unless it knows less than the champion. Means that are the champion's are not registered again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from include.models.item_means import LEAST, save, schema
from include.models.newest import newest
from include.models.record import record
from include.models.registry import Registry, Version
from include.models.sentiment import TooFew
from include.query import Lake
from include.settings import Settings

if TYPE_CHECKING:
    from include.models.item_means import ItemMeans

_OF_A_PASS = 2_000_000  # ratings: of more at a time, memory that readers may use would not be enough
_RATED = """
with rated as (
    select source, user_key, item_id, day, rating, known_from, known_to from silver.events
    union all
    select source, user_key, item_id, day, rating, known_from, known_to from silver.texts
),
"""
# Ratings as they were known on a day ($1). Who rates an item twice has one opinion of it, the mean of both.
_MEANS = """
suspects as (select source, user_key, day from silver.user_days where limits_broken is not null),
opinions as (
    select source, item_id, cast(avg(rating) as decimal(15, 6)) as rating
    from rated anti join suspects using (source, user_key, day)
    where rating is not null and item_id is not null and user_key is not null and hash(item_id) % $3 = $4
        and greatest(day, known_from) <= $1 and (known_to is null or known_to > $1)
    group by source, item_id, user_key
)
select source, item_id, cast(round(avg(rating), 3) as decimal(9, 3)) as mean, count(*) as users
from opinions group by source, item_id having count(*) >= $2
"""
# A deletion tells something, too.
_KNOWN = """
known as (
    select source, greatest(day, known_from) as arrived, case when known_to <= $1 then known_to end as gone
    from rated where rating is not null
)
select source, max(greatest(arrived, gone)) as known, count(*) as ratings
from known where arrived <= $1 group by source
"""
_NEWEST = """
known as (select greatest(known_from, known_to) as day from rated where rating is not null)
select max(day) as day from known
"""


@dataclass(frozen=True)
class Averaged:
    """What a fitting came to: for each source with a mean, how many items have one, and the ratings in them."""

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
    known = lake.rows(_RATED + _KNOWN, [through])
    means = fit(lake, through, sum(row["ratings"] for row in known))
    counted = means.group_by("source").aggregate([("users", "count"), ("users", "sum")]).to_pylist()
    if not counted:
        raise TooFew(f"item_means: up to {through} no item was rated by {LEAST} users")
    items = {row["source"]: row["users_count"] for row in counted}
    ratings = {row["source"]: row["users_sum"] for row in counted}
    before = registry.load_if_whole(champion)
    if champion and before is not None and before.equals(means):
        return Averaged(champion, False, f"no news: the means are those of version {champion.number}", items, ratings)
    learned = {row["source"]: row["known"] for row in known if row["source"] in items}
    doubt = champion.knows_later if champion and max(learned.values()) < champion.trained_through else None
    said = ", ".join(f"{source}: items {n:,}, ratings {ratings[source]:,}" for source, n in sorted(items.items()))
    decision = f"{doubt}; look, then promote by hand" if doubt else said
    version = record(
        registry, partial(save, means), learned=learned, decision=decision, parameters={"least_users": LEAST},
        figures={source: {"items": n, "ratings": ratings[source]} for source, n in items.items()},
        promoted=not doubt,
    )  # fmt: skip
    return Averaged(version, not doubt, decision, items, ratings)


def newest_day(settings: Settings) -> date:
    """The newest day on which a rating arrived, or one went. TooFew if there is none, or no lake yet."""
    return newest(settings, _RATED + _NEWEST, "item_means", "nobody rated anything yet")


def fit(lake: Lake, through: date, ratings: int) -> ItemMeans:
    """The mean of each item that enough users rated. There are about so many `ratings`."""
    import pyarrow as pa

    passes = 1 + ratings // _OF_A_PASS
    found = [row for n in range(passes) for row in lake.rows(_RATED + _MEANS, [through, LEAST, passes, n])]
    return pa.Table.from_pylist(found, schema=schema()).sort_by([("source", "ascending"), ("item_id", "ascending")])
