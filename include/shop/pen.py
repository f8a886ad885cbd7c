"""How what happens becomes records, and when they arrive: late, twice, corrected, deleted, spoilt."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from include.shop.dirt import Line, Record, spoil
from include.shop.words import Written
from include.shop.world import LAST_DAY, Item, Person, World, categories

CURRENCY = "EUR"
_LATE, _CORRECTED, _DELETED, _TWICE = 0.10, 0.02, 0.01, 0.005


class Sent(NamedTuple):
    """A record on the day it arrives. `when`, `who` and `nth` order a file; `dirt` is what is wrong with it."""

    feed: str
    day: date
    when: str
    who: int
    nth: int
    record: Line
    dirt: str | None


class Pen:
    """Writes down what one account does. `counts` says how often, by feed and what was done to the record."""

    def __init__(self, world: World, who: int, rng: Random) -> None:
        self.world, self.who, self.rng = world, who, rng
        self.sent: list[Sent] = []
        self.texts: list[Record] = []  # what is so about each text
        self.counts: Counter[tuple[str, str]] = Counter()
        self._numbers: Counter[str] = Counter()

    def number(self, kind: str) -> str:
        """An id that nobody else gives."""
        self._numbers[kind] += 1
        return f"{kind}{self.who + 1:07d}n{self._numbers[kind]:05d}"

    def event(self, moment: datetime, about: Record, kind: str, item: Item | None = None, quantity: int | None = None,
              query: str | None = None) -> None:  # fmt: skip
        """Something done, by whom `about` says."""
        record: Record = {"event_id": self.number("e"), "version": 1, "op": "upsert", "kind": kind,
                          "at": stamp(moment), **about, "query": query}  # fmt: skip
        if item is not None:
            price = self.world.price(item, moment.date()) / 100
            record |= {"item_id": item.item_id, "quantity": quantity, "price": price, "currency": CURRENCY}
        record = {name: value for name, value in record.items() if value is not None}
        arrived = self._send("events", moment.date(), record)
        chance = self.rng.random()
        if chance < _CORRECTED:
            self._correct(record, moment, arrived)
        elif chance < _CORRECTED + _DELETED and (later := self._later(arrived)):
            self._put("events", later, {"event_id": record["event_id"], "version": 2, "op": "delete"}, "deleted")
        self._spoil("events", moment.date(), record)

    def text(self, moment: datetime, person: Person, kind: str, item: Item, written: Written, **more: object) -> str:
        """A text, and the truth of it. Its id, also where it would only be written after the last day."""
        number = self.number("t")
        record: Record = {"text_id": number, "kind": kind, "at": stamp(moment), "user_id": person.user_id,
                          "item_id": item.item_id, "title": written.title or None, "text": written.text,
                          "language": "en", **more}  # fmt: skip
        if moment.date() <= LAST_DAY:
            record = {name: value for name, value in record.items() if value is not None}
            self._send("texts", moment.date(), record)
            spans = [{"start": s.start, "end": s.end, "what": s.what, "text": s.text, "polarity": s.polarity}
                     for s in written.spans]  # fmt: skip
            self.texts.append({"text_id": number, "kind": kind, "polarity": written.polarity, "spans": spans})
            self._spoil("texts", moment.date(), record)
        return number

    def account(self, day: date, person: Person, op: str, **changed: object) -> None:
        """A row of the shop's accounts."""
        row: Record = {
            "user_id": person.user_id, "changed_on": str(day), "op": op, "birth_year": person.birth_year,
            "gender": person.gender, "occupation": person.job, "region": person.region, "country": person.country,
            "joined_on": str(person.joined_on), "labels": "|".join(person.labels), **changed,
        }  # fmt: skip
        self._put("users", day, row, {"delete": "deleted", "update": "corrected"}.get(op))
        self._spoil("users", day, row | {"user_id": f"x{person.number + 1:07d}"})

    def tie(self, day: date, person: Person, other: Person, since: datetime, op: str) -> None:
        """A person follows another one, or not any more."""
        changed = datetime.combine(day, since.time())
        row = {"follower": person.user_id, "followed": other.user_id, "since": stamp(since),
               "changed_at": stamp(changed), "op": op}  # fmt: skip
        self._put("follows", day, row, "deleted" if op == "delete" else None)
        self._spoil("follows", day, row)

    def item(self, day: date, item: Item) -> None:
        """A row of the catalogue."""
        row = {"sku": item.item_id, "name": item.name, "brand": item.brand, "category": categories(item.shelf),
               "description": f"{item.name}. From the {item.shelf[1].lower()} range by {item.brand}.",
               "price": f"{self.world.price(item, day) / 100:.2f}", "currency": CURRENCY}  # fmt: skip
        self._put("items", day, row, None)
        self._spoil("items", day, row | {"sku": f"x{item.item_id}"})

    def how_many(self, mean: float) -> int:
        """A whole number that is `mean` on average: its floor or one more for large means, else geometric."""
        if mean > 10:
            return int(mean) + (self.rng.random() < mean % 1)
        n = 0
        while self.rng.random() < mean / (1 + mean):
            n += 1
        return n

    def _correct(self, record: Record, moment: datetime, arrived: date) -> None:
        if not (later := self._later(arrived)):
            return
        changed: dict[str, Any] = {**record, "version": 2}
        moved = moment - timedelta(days=1)
        if self.rng.random() < 0.5 and moved.date() >= self.world.first_day:
            changed["at"] = stamp(moved)
            self.counts["events", "moved"] += 1
        else:
            changed["device"] = "another device"
        self._put("events", later, changed, "corrected")

    def _later(self, arrived: date) -> date | None:
        day = arrived + timedelta(days=self.rng.randint(1, 7))
        return day if day <= LAST_DAY else None

    def _send(self, feed: str, day: date, record: Record) -> date:
        """Send a record on its day or, one in ten, up to five days late; now and then twice."""
        arrived = day
        if self.rng.random() < _LATE:
            arrived = min(LAST_DAY, day + timedelta(days=self.rng.randint(1, 5)))
        self._put(feed, arrived, record, "late" if arrived > day else None)
        if self.rng.random() < _TWICE:
            self._put(feed, min(LAST_DAY, arrived + timedelta(days=self.rng.randint(0, 1))), record, "duplicates")
        return arrived

    def _spoil(self, feed: str, day: date, record: Record) -> None:
        """Now and then a further record that is no use."""
        if self.rng.random() < self.world.hard.dirt:
            own = {"events": "event_id", "texts": "text_id"}.get(feed)
            kind, line = spoil(self.rng, feed, record | ({own: self.number("x")} if own else {}))
            self._put(feed, day, line, "dirt", kind)

    def _put(self, feed: str, day: date, record: Line, what: str | None, dirt: str | None = None) -> None:
        when = str(record.get("at", "")) if isinstance(record, dict) else ""
        self.sent.append(Sent(feed, day, when, self.who, len(self.sent), record, dirt))
        self.counts[feed, "landed"] += 1
        if what:
            self.counts[feed, what] += 1


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
