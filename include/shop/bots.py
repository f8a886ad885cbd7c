"""Accounts that are no people. How to tell them is not known here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random

from include.shop.pen import Pen
from include.shop.world import HUMAN_LIKE, Person, World

_MOST_DAYS = 8  # on which a bot is busy


def busy_days(world: World, bot: Person) -> list[date]:
    """Some days of its time, in order."""
    rng = Random(f"{world.seed} busy {bot.number}")  # noqa: S311
    days = [day for day in world.days if bot.is_here(day)]
    return sorted(rng.sample(days, min(len(days), rng.randint(2, _MOST_DAYS))))


def live(pen: Pen, bot: Person) -> None:
    """Does what it is for on its busy days, and nothing on others."""
    for day in busy_days(pen.world, bot):
        _KINDS[bot.bot or ""](pen, day, bot)


def _crawl(pen: Pen, day: date, bot: Person) -> None:
    """The catalogue from one end to the other, an item every few seconds."""
    moment, about = _from(day, pen.rng.uniform(0, 20)), _about(pen, bot)
    for item in pen.world.items[: pen.rng.randint(300, 900)]:
        moment += timedelta(seconds=pen.rng.randint(1, 3))
        if item.is_sold(day) and moment.date() == day:
            pen.event(moment, about, "view", item)


def _watch_prices(pen: Pen, day: date, bot: Person) -> None:
    """The same few things, again and again, day and night."""
    watched = pen.rng.sample(pen.world.items, min(len(pen.world.items), 8))
    about = _about(pen, bot)
    for minute in range(0, 24 * 60, pen.rng.choice((15, 20, 30))):
        for n, item in enumerate(watched):
            if item.is_sold(day):
                pen.event(_from(day, 0) + timedelta(minutes=minute, seconds=2 * n), about, "view", item)


def _hoard(pen: Pen, day: date, bot: Person) -> None:
    """Carts full within seconds, so that others find nothing; never bought."""
    for hour in pen.rng.sample(range(24), 3):
        moment, about = _from(day, hour), _about(pen, bot)
        for _ in range(pen.rng.randint(130, 220)):
            if item := pen.world.pick(pen.rng, day, None, None):
                moment += timedelta(seconds=pen.rng.choice((0, 0, 0, 1)))
                pen.event(moment, about, "cart", item, pen.rng.randint(5, 20))


def _click(pen: Pen, day: date, bot: Person) -> None:
    """Looks at the goods of whoever pays for it, in short visits without an end."""
    paid = [item for n, item in enumerate(pen.world.items) if n % 7 == bot.number % 7]
    for _ in range(pen.rng.randint(40, 80)):
        moment, about = _from(day, pen.rng.uniform(0, 23.9)), _about(pen, bot)
        for _ in range(pen.rng.randint(4, 9)):
            item = pen.rng.choice(paid or list(pen.world.items))
            moment += timedelta(seconds=pen.rng.randint(2, 6))
            if item.is_sold(day) and moment.date() == day:
                pen.event(moment, about, "view", item)


def _pretend(pen: Pen, day: date, bot: Person) -> None:
    """Reads like a person, only from morning to midnight, and never buys."""
    for _ in range(pen.rng.randint(10, 16)):
        moment, about = _from(day, pen.rng.uniform(7, 23)), _about(pen, bot)
        for _ in range(pen.rng.randint(10, 20)):
            moment += timedelta(seconds=pen.rng.randint(5, 90))
            item = pen.world.pick(pen.rng, day, pen.world.shelf_of(pen.rng, day, bot), None)
            if item and moment.date() == day:
                pen.event(moment, about, pen.rng.choice(("view",) * 12 + ("favourite", "cart")), item)


def _about(pen: Pen, bot: Person) -> dict[str, object]:
    return {"user_id": bot.user_id, "session_id": pen.number("s"), "device": bot.device, "country": bot.country}


def _from(day: date, hour: float) -> datetime:
    return datetime.combine(day, time()) + timedelta(seconds=int(hour * 3600))


_KINDS: dict[str, Callable[[Pen, date, Person], None]] = {
    "crawler": _crawl, "price watcher": _watch_prices, "cart hoarder": _hoard, "click farm": _click,
    HUMAN_LIKE: _pretend,
}  # fmt: skip
