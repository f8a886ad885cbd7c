"""Who and what there is in the simulated shop: items, people, and what they like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from include.sources.shop_words import BRANDS, CATALOGUE, COLOURS, DEVICES, JOBS, LABELS, MODELS, PLACES

_SHELVES = [(top, sub) for top, subs in CATALOGUE.items() for sub in subs]


@dataclass
class Item:
    """One product. `price` is in cents and changes over time; `quality` (0 to 1) shows in its reviews."""

    item_id: str
    name: str
    noun: str
    brand: str
    top: str
    sub: str
    price: int
    quality: float
    gone_on: date | None

    @property
    def category(self) -> str:
        return f"{self.top} > {self.sub} > {self.noun.capitalize()}"


@dataclass
class Person:
    """One user. `visits` is how many sessions a day on average; `likes` are shelves, the favourite first."""

    user_id: str
    joined_on: date
    birth_year: int
    gender: str
    job: str
    country: str
    region: str
    labels: list[str]
    device: str
    visits: float
    hour: float
    likes: list[tuple[str, str]]
    closed_on: date | None


class Stock:
    """The items, by shelf, the popular ones first in each."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = list(items)
        self._shelf = {shelf: [i for i in self.items if (i.top, i.sub) == shelf] for shelf in _SHELVES}
        self._weight = {shelf: _falling(len(found)) for shelf, found in self._shelf.items()}
        self._all = _falling(len(self.items))

    def pick(self, rng: Random, person: Person | None) -> Item:
        """What somebody looks at: mostly from the shelves they like."""
        if person is not None and rng.random() < 0.75:
            shelf = person.likes[0] if rng.random() < 0.7 else rng.choice(person.likes)
            if self._shelf[shelf]:
                return rng.choices(self._shelf[shelf], cum_weights=self._weight[shelf])[0]
        return rng.choices(self.items, cum_weights=self._all)[0]


def make_items(rng: Random, n: int, first: date, days: int) -> list[Item]:
    """`n` items. One in fifty leaves the catalogue on the way."""
    items = []
    for i in range(n):
        top, sub = rng.choice(_SHELVES)
        noun, usual = rng.choice(CATALOGUE[top][sub])
        brand = rng.choice(BRANDS)
        name = f"{brand} {rng.choice(MODELS)} {noun}, {rng.choice(COLOURS)}"
        gone = first + timedelta(days=rng.randrange(days)) if rng.random() < 0.02 and days > 7 else None
        price = max(100, round(usual * rng.lognormvariate(0, 0.3) / 10) * 10 - 1)
        items.append(Item(f"i{i + 1:06d}", name, noun, brand, top, sub, price, rng.betavariate(4, 2), gone))
    return items


def make_people(rng: Random, n: int, first: date, days: int) -> list[Person]:
    """`n` users. One in ten joins on the way, one in a hundred leaves."""
    people = []
    for i in range(n):
        country = rng.choice(list(PLACES))
        joins_later = rng.random() < 0.1 and days > 1
        joined = first + timedelta(days=rng.randrange(1, days) if joins_later else -rng.randrange(1, 900))
        leaves = rng.random() < 0.01 and not joins_later and days > 10
        people.append(
            Person(
                user_id=f"u{i + 1:07d}",
                joined_on=joined,
                birth_year=rng.randint(1945, 2003),
                gender=rng.choice(("f", "m", "x") if rng.random() < 0.05 else ("f", "m")),
                job=rng.choice(JOBS),
                country=country,
                region=rng.choice(PLACES[country]),
                labels=sorted(rng.sample(LABELS, rng.choice((0, 0, 1, 1, 2)))),
                device=rng.choice(DEVICES),
                visits=min(3.0, rng.lognormvariate(-2.0, 0.9)),
                hour=rng.gauss(18, 4),
                likes=rng.sample(_SHELVES, rng.randint(1, 3)),
                closed_on=first + timedelta(days=rng.randrange(5, days)) if leaves else None,
            )
        )
    return people


def _falling(n: int) -> list[float]:
    """Cumulated weights: the k-th of n is looked at about 1/k as often as the first."""
    return list(accumulate(1 / (k + 1) for k in range(n)))
