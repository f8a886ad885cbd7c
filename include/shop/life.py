"""What one account does, from the first day to the last: a pure function of the world and a number."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from include.shop import bots, words
from include.shop.dirt import Record
from include.shop.pen import Pen
from include.shop.world import LAST_DAY, Item, Person, World, categories

_WEEKDAYS = (0.9, 0.85, 0.9, 0.95, 1.05, 1.25, 1.2)
_TIES, _NEW_TIES, _ENDED_TIES = 3, 0.01, 0.003  # at first; a day
_STAYS = 0.3  # on the shelf of the item looked at before
_FOLLOWS_A_FRIEND = 0.1


def live(world: World, number: int) -> Pen:
    """All that the account of that number sends."""
    person = world.person(number)
    rng = Random(f"{world.seed} life {number}")  # noqa: S311
    pen = Pen(world, number, rng)
    _account(pen, person)
    if person.bot:
        bots.live(pen, person)
        return pen
    friends = _ties(pen, person)
    for day in world.days:
        if person.is_here(day):
            for _ in range(pen.how_many(person.visits * _WEEKDAYS[day.weekday()])):
                _session(pen, day, person, friends)
    return pen


def visit(world: World, number: int) -> Pen:
    """What a visitor without an account does, on every day another one."""
    who = world.users + number
    pen = Pen(world, who, Random(f"{world.seed} visitor {number}"))  # noqa: S311
    for day in world.days:
        _look_around(pen, day)
    return pen


def truth(world: World, number: int) -> Record:
    """What is so about an account."""
    person = world.person(number)
    return {
        "user_id": person.user_id, "bot": person.bot,
        "busy_on": [str(day) for day in bots.busy_days(world, person)] if person.bot else [],
        "interest": None if person.bot else categories(world.top_interest(person)),
        "interests": [] if person.bot else [categories(shelf) for shelf in person.likes],
        "later": [categories(shelf) for shelf in person.later], "change": person.change,
        "changed_on": None if person.changed_on is None else str(person.changed_on),
        "thrift": round(person.thrift, 3), "brand": person.brand, "household": person.household,
    }  # fmt: skip


def _account(pen: Pen, person: Person) -> None:
    """Opened, now and then changed, closed."""
    first = pen.world.first_day
    pen.account(max(first, person.joined_on), person, "insert")
    for day in pen.world.days:
        if max(first, person.joined_on) < day and person.is_here(day) and pen.rng.random() < 0.001:
            country = pen.rng.choice(list(words.PLACES))
            pen.account(day, person, "update", country=country, region=pen.rng.choice(words.PLACES[country]))
    if person.closed_on is not None and person.joined_on < person.closed_on:
        pen.account(person.closed_on, person, "delete")


def _ties(pen: Pen, person: Person) -> list[Person]:
    """Whom the person follows at the end; most of them like what he likes."""
    world, rng, friends = pen.world, pen.rng, dict[int, Person]()
    for day in world.days:
        if not person.is_here(day):
            continue
        first = day == max(world.first_day, person.joined_on)
        for _ in range(pen.how_many(_TIES) if first else pen.how_many(_NEW_TIES)):
            other = world.alike(rng, person) if world.users > 1 else None
            if other is not None and other.number not in friends and other.is_here(day):
                friends[other.number] = other
                since = datetime.combine(day, time()) + timedelta(seconds=rng.randrange(86_400))
                pen.tie(day, person, other, since, "insert")
                ends = day + timedelta(days=max(1, int(rng.expovariate(_ENDED_TIES / _TIES))))
                if ends <= LAST_DAY and person.is_here(ends):
                    pen.tie(ends, person, other, since, "delete")
    return list(friends.values())


def _session(pen: Pen, day: date, person: Person, friends: list[Person]) -> None:
    """Search, look, keep, fill the cart, buy, give back, write."""
    rng, world = pen.rng, pen.world
    moment, end = _moment(day, rng.gauss(person.hour, 2)), datetime.combine(day, time(23, 57))
    about: Record = {"user_id": person.user_id, "session_id": pen.number("s"), "device": person.device,
                     "country": person.country}  # fmt: skip
    cart: list[tuple[Item, int]] = []
    shelf = None
    for _ in range(1 + pen.how_many(3)):
        if shelf is None or rng.random() > _STAYS:
            whose = rng.choice(friends) if friends and rng.random() < _FOLLOWS_A_FRIEND else person
            shelf = world.shelf_of(rng, day, whose)
        item = world.pick(rng, day, shelf, person)
        moment += timedelta(seconds=rng.randint(5, 120))
        if moment > end or item is None:
            break
        if rng.random() < 0.15:
            pen.event(moment, about, "search", query=words.search(rng, item.noun, item.brand))
            moment += timedelta(seconds=rng.randint(3, 30))
        pen.event(moment, about, "view", item)
        moment += timedelta(seconds=rng.randint(3, 60))
        chance = rng.random()
        if chance < 0.06:
            pen.event(moment, about, "favourite", item)
        elif chance < 0.20:
            cart.append((item, rng.choice((1, 1, 1, 2, 3))))
            pen.event(moment, about, "cart", item, cart[-1][1])
        elif chance < 0.22:
            _ask(pen, moment, person, item)
    if cart and rng.random() < 0.45 and moment <= end:
        order = pen.number("o")
        for item, quantity in cart:
            pen.event(moment + timedelta(seconds=40), {**about, "order_id": order}, "purchase", item, quantity)
            _after(pen, moment, person, item, {**about, "order_id": order})


def _after(pen: Pen, moment: datetime, person: Person, item: Item, about: Record) -> None:
    """What follows a purchase: a review, or the thing comes back."""
    rng, hard = pen.rng, pen.world.hard
    pleased = item.quality + rng.gauss(0, 0.2)
    if pleased < 0.3 and rng.random() < 0.5:
        back = moment + timedelta(days=rng.randint(3, 14))
        if back.date() <= LAST_DAY:
            pen.event(back, about, "return", item, 1)
    if rng.random() < 0.4:
        stars = min(5, max(1, round(0.5 + 5 * pleased)))
        polarity = (stars > 3) - (stars < 3)
        if rng.random() < hard.wrong_stars:
            stars = rng.randint(1, 5)
        written = words.review(rng, polarity, hard.tangled, item.noun, item.brand)
        later = moment + timedelta(days=rng.randint(1, 12), seconds=rng.randint(0, 3600))
        pen.text(later, person, "review", item, written, stars=stars, helpful=pen.how_many(1.5))


def _ask(pen: Pen, moment: datetime, person: Person, item: Item) -> None:
    """A question; people who like the same answer it."""
    parent = pen.text(moment, person, "question", item, words.question(pen.rng, item.noun, item.brand))
    for _ in range(pen.rng.choice((0, 1, 1, 2))):
        other = pen.world.alike(pen.rng, person)
        answered = moment + timedelta(seconds=pen.rng.randint(3600, 200_000))
        if other is not None and other.is_here(answered.date()):
            said = words.answer(pen.rng, item.noun, item.brand)
            pen.text(answered, other, "answer", item, said, parent_id=parent)


def _look_around(pen: Pen, day: date) -> None:
    """Nobody in particular looks at what is popular."""
    rng = pen.rng
    moment = _moment(day, rng.uniform(0, 24))
    about: Record = {"session_id": pen.number("s"), "device": rng.choice(words.DEVICES)}
    for _ in range(1 + pen.how_many(3)):
        moment += timedelta(seconds=rng.randint(8, 180))
        if (item := pen.world.pick(rng, day, None, None)) and moment.date() == day:
            pen.event(moment, about, "view", item)


def _moment(day: date, hour: float) -> datetime:
    """That hour of the day, early enough that a session fits into it."""
    return datetime.combine(day, time()) + timedelta(seconds=int(hour % 24 * 3600) % 84_000)
