"""Who and what there is in the shop: items, people, what they like. A person is made from seed and number alone, so
that any process can make any of them."""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from itertools import accumulate
from random import Random

from include.shop.difficulty import Difficulty, difficulty
from include.shop.words import BRANDS, CATALOGUE, COLOURS, DEVICES, JOBS, LABELS, MODELS, PLACES, SEASONS, TIERS

Shelf = tuple[str, str]  # top category, category
SHELVES: tuple[Shelf, ...] = tuple((top, sub) for top, subs in CATALOGUE.items() for sub in subs)
LAST_DAY = date(2019, 10, 2)
BOTS = ("crawler", "price watcher", "cart hoarder", "click farm")
HUMAN_LIKE = "human-like"
_TRIES = 6


@dataclass(frozen=True)
class Item:
    """One product. `prices` are cents, one a week; `quality` (0 to 1) shows in its reviews; `rung` is where its price
    stands on the ladder of its kind, 0 the usual one, positive above it."""

    item_id: str
    name: str
    noun: str
    brand: str
    shelf: Shelf
    prices: tuple[int, ...]
    rung: float
    quality: float
    launched_on: date
    gone_on: date | None

    def is_sold(self, day: date) -> bool:
        return self.launched_on <= day and (self.gone_on is None or day < self.gone_on)


@dataclass(frozen=True)
class Person:
    """One account. `visits`: sessions a day on average · `likes`: shelves, the favourite first · `later`: what he likes
    after a change, that comes slowly (`drift`) or on a day (`life event`) · `thrift`: from -1, looks for what is
    dear, to 1, for what is cheap · `brand`: the one he is loyal to · `bot`: what kind of bot it is, if it is one."""

    number: int
    user_id: str
    joined_on: date
    closed_on: date | None
    birth_year: int
    gender: str
    job: str
    country: str
    region: str
    labels: tuple[str, ...]
    device: str
    visits: float
    hour: float
    likes: tuple[Shelf, ...]
    later: tuple[Shelf, ...]
    change: str | None
    changed_on: date | None
    thrift: float
    brand: str | None
    household: str | None
    bot: str | None

    def is_here(self, day: date) -> bool:
        return self.joined_on <= day and (self.closed_on is None or day < self.closed_on)


@dataclass(frozen=True)
class World:
    """The whole shop of a seed. Small, whatever its size: people are made when they are asked for."""

    seed: int
    users: int
    n_items: int
    n_days: int
    level: str = "middle"

    @property
    def hard(self) -> Difficulty:
        return difficulty(self.level)

    @property
    def first_day(self) -> date:
        return LAST_DAY - timedelta(days=self.n_days - 1)

    @cached_property
    def days(self) -> tuple[date, ...]:
        return tuple(self.first_day + timedelta(days=n) for n in range(self.n_days))

    @property
    def visitors(self) -> int:
        """People without an account who come by on a day."""
        return max(1, self.users // 100)

    @cached_property
    def items(self) -> tuple[Item, ...]:
        rng = Random(f"{self.seed} items")  # noqa: S311
        return tuple(self._item(rng, n) for n in range(self.n_items))

    def price(self, item: Item, day: date) -> int:
        """Cents on that day; a price holds for a week."""
        return item.prices[min(len(item.prices) - 1, max(0, (day - self.first_day).days // 7))]

    def pick(self, rng: Random, day: date, shelf: Shelf | None, person: Person | None) -> Item | None:
        """An item of a shelf, or of the whole shop, that fits the person; the popular ones are picked more often."""
        items, weights = self._on_shelf.get(shelf, self._everything) if shelf else self._everything
        item = None
        for _ in range(_TRIES):
            item = items[bisect(weights, rng.random() * weights[-1])]
            if item.is_sold(day) and (person is None or rng.random() < _fit(person, item)):
                return item
        return item if item is not None and item.is_sold(day) else None

    def shelf_of(self, rng: Random, day: date, person: Person) -> Shelf | None:
        """What a person looks for now; None where he just browses."""
        likes = person.later if rng.random() < self._changed(person, day) else person.likes
        shares = (self.hard.favourite, self.hard.second, self.hard.third)
        chance = rng.random()
        for shelf, most in zip(likes, accumulate(shares), strict=False):
            if chance < most:
                return shelf if rng.random() < season(shelf, day) else None
        return None

    def person(self, number: int) -> Person:
        return _person(self, number)

    def alike(self, rng: Random, person: Person) -> Person | None:
        """Somebody else, most often one who likes the same best."""
        for _ in range(3 * _TRIES):
            other = self.person(rng.randrange(self.users))
            if other.number != person.number and other.bot is None and (
                other.likes[0] == person.likes[0] or rng.random() < 0.03
            ):  # fmt: skip
                return other
        return None

    def top_interest(self, person: Person) -> Shelf:
        """What the person likes most on the last day."""
        return person.later[0] if self._changed(person, LAST_DAY) > 0.5 else person.likes[0]

    def _changed(self, person: Person, day: date) -> float:
        """How far a person's likes have changed: 0 not at all, 1 wholly."""
        if person.change is None or person.changed_on is None:
            return 0.0
        if person.change == "life event":
            return float(day >= person.changed_on)
        return min(1.0, max(0.0, (day - self.first_day).days / max(1, self.n_days - 1)))

    @cached_property
    def _on_shelf(self) -> dict[Shelf | None, tuple[list[Item], list[float]]]:
        found = {shelf: [item for item in self.items if item.shelf == shelf] for shelf in SHELVES}
        return {shelf: (items, _falling(len(items))) for shelf, items in found.items() if items}

    @cached_property
    def _everything(self) -> tuple[list[Item], list[float]]:
        return list(self.items), _falling(self.n_items)

    def _item(self, rng: Random, number: int) -> Item:
        top, sub = SHELVES[number % len(SHELVES)] if number < len(SHELVES) else rng.choice(SHELVES)
        noun, usual = rng.choice(CATALOGUE[top][sub])
        brand = rng.choice(BRANDS)
        rung = TIERS[brand] + rng.gauss(0, 0.12)
        prices = [max(100, round(usual * math.exp(rung) / 10) * 10 - 1)]
        for _ in range(self.n_days // 7):
            step = rng.uniform(0.8, 1.15) if rng.random() < 0.08 else 1.0
            prices.append(max(100, round(prices[-1] * step)))
        new = rng.random() < 0.1 and self.n_days > 7
        launched = self.first_day + timedelta(days=rng.randrange(self.n_days) if new else -rng.randrange(1, 900))
        gone = self.first_day + timedelta(days=rng.randrange(7, self.n_days)) if (
            rng.random() < 0.02 and not new and self.n_days > 7) else None  # fmt: skip
        name = f"{brand} {rng.choice(MODELS)} {noun}, {rng.choice(COLOURS)}"
        return Item(f"i{number + 1:06d}", name, noun, brand, (top, sub), tuple(prices), rung, rng.betavariate(4, 2),
                    launched, gone)  # fmt: skip


@lru_cache(maxsize=200_000)
def _person(world: World, number: int) -> Person:
    rng = Random(f"{world.seed} person {number}")  # noqa: S311
    hard, days, first = world.hard, world.n_days, world.first_day
    bot = HUMAN_LIKE if rng.random() < hard.human_like else rng.choice(BOTS)
    home = number // 2 if Random(f"{world.seed} home {number // 2}").random() < hard.households else None  # noqa: S311
    place = Random(f"{world.seed} place {number if home is None else f'of {home}'}")  # noqa: S311
    country = place.choice(list(PLACES))
    region = place.choice(PLACES[country])
    joins_later = rng.random() < 0.1 and days > 1
    joined = first + timedelta(days=rng.randrange(1, days) if joins_later else -rng.randrange(1, 900))
    leaves = rng.random() < 0.01 and not joins_later and days > 10
    likes = tuple(rng.sample(SHELVES, 3))
    chance = rng.random()
    change = "drift" if chance < hard.drifting else "life event" if chance < hard.drifting + hard.moving else None
    changed_on = first + timedelta(days=rng.randrange(days // 4, max(days // 4 + 1, 3 * days // 4))) if change else None
    return Person(
        number=number,
        user_id=f"u{number + 1:07d}",
        joined_on=joined,
        closed_on=first + timedelta(days=rng.randrange(5, days)) if leaves else None,
        birth_year=rng.randint(1945, 2003),
        gender=rng.choice(("f", "m", "x") if rng.random() < 0.05 else ("f", "m")),
        job=rng.choice(JOBS),
        country=country,
        region=region,
        labels=tuple(sorted(rng.sample(LABELS, rng.choice((0, 0, 1, 1, 2))))),
        device=rng.choice(DEVICES),
        visits=min(3.0, rng.lognormvariate(-2.0, 0.9)),
        hour=rng.gauss(18, 4),
        likes=likes,
        later=tuple(rng.sample([shelf for shelf in SHELVES if shelf not in likes], 3)) if change else (),
        change=change,
        changed_on=changed_on,
        thrift=max(-1.0, min(1.0, rng.gauss(0, 0.5))),
        brand=rng.choice(BRANDS) if rng.random() < hard.loyal else None,
        household=None if home is None else f"h{home + 1:07d}",
        bot=bot if (number + world.seed) % round(1 / hard.bots) == 0 else None,  # so that a small shop has some, too
    )


def season(shelf: Shelf, day: date) -> float:
    """How much of a shelf's best time a day is: 1 in the month it peaks, less half a year from it."""
    peak, depth = SEASONS.get(shelf[0], (1, 0.0))
    turn = 2 * math.pi * (day.timetuple().tm_yday / 365 - (peak - 0.5) / 12)
    return 1 - depth * (1 - math.cos(turn)) / 2


def _fit(person: Person, item: Item) -> float:
    """How well an item fits a person's purse and brand, up to 1."""
    purse = math.exp(-max(0.0, 1.5 * person.thrift * item.rung))
    return purse if person.brand is None or item.brand == person.brand else 0.35 * purse


def _falling(n: int) -> list[float]:
    """Cumulated weights: the k-th of n is looked at about 1/k as often as the first."""
    return list(accumulate(1 / (k + 1) for k in range(n)))


def categories(shelf: Sequence[str]) -> str:
    """As the catalogue writes them."""
    return " > ".join(shelf)
