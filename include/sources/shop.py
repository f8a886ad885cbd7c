"""The simulated shop: any size, the same bytes for the same seed, with the dirt of a real one.

    python -m include.sources.shop OUT [--seed 1] [--users 300] [--items 200] [--days 60]

OUT holds one file a feed and day, as `sources/shop.yaml` describes them, and `truth.json`: what was put in. The last
day is always 2019-10-02. Of the events 10 % arrive late (1 to 5 days), 2 % are corrected by a later version, half of
those moved to another day, 1 % are deleted; some lines are damaged, some hold what cannot be.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

from include.errors import BadInput
from include.sources import shop_words as words
from include.sources.shop_world import Item, Person, Stock, make_items, make_people

LAST_DAY = date(2019, 10, 2)
CURRENCY = "EUR"
_LATE, _CORRECTED, _DELETED, _TWICE = 0.10, 0.02, 0.01, 0.005
_DAMAGED, _IMPOSSIBLE = 0.003, 0.003
_FEEDS = ("events", "texts", "items", "users", "follows")
_WEEKDAYS = (0.9, 0.85, 0.9, 0.95, 1.05, 1.25, 1.2)
Record = dict[str, Any]


@dataclass(frozen=True)
class Truth:
    """What was put in, by feed: records written, and of these the late, corrected, deleted ones and so on.

    landed: all records · late: arrived after their day · corrected, deleted: records that replace or remove an
    earlier one · moved: corrected to another day · duplicates: second copies · damaged: lines that cannot be read ·
    unknown_kind, price_not_positive, time_future: records that say what cannot be
    """

    seed: int
    first: date
    last: date
    feeds: Mapping[str, Mapping[str, int]]

    def to_json(self) -> str:
        whole = {"seed": self.seed, "first": str(self.first), "last": str(self.last), "feeds": self.feeds}
        return json.dumps(whole, indent=2, sort_keys=True) + "\n"


def generate(out: Path, seed: int = 1, users: int = 300, items: int = 200, days: int = 60) -> Truth:
    """Write the shop's files below `out`, in place of those of an earlier call."""
    for name, value in (("users", users), ("items", items), ("days", days)):
        if value < 1:
            raise BadInput(f"shop: {name} must be at least 1, not {value}")
    _clear(out)
    shop = _Shop(seed, users, items, days)
    for day in shop.days:
        shop.live_through(day)
        shop.deliver(day, out)
    truth = Truth(seed, shop.days[0], LAST_DAY, {f: dict(sorted(shop.counts[f].items())) for f in _FEEDS})
    (out / "truth.json").write_text(truth.to_json())
    return truth


def _clear(out: Path) -> None:
    if out.exists() and any(out.iterdir()) and not (out / "truth.json").exists():
        raise BadInput(f"shop: {out} holds other files; name a folder that is empty or was made by this command")
    for feed in _FEEDS:
        shutil.rmtree(out / feed, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    # Marks the folder as ours before the first file is there.
    (out / "truth.json").write_text("{}\n")


class _Shop:
    """Lives one day after the other. What arrives later waits in `arrivals`, by feed and day."""

    def __init__(self, seed: int, users: int, items: int, days: int) -> None:
        self.days = [LAST_DAY - timedelta(days=days - 1 - n) for n in range(days)]
        first = self.days[0]
        self.stock = Stock(make_items(Random(f"{seed} items"), items, first, days))  # noqa: S311
        self.people = make_people(Random(f"{seed} people"), users, first, days)  # noqa: S311
        self.counts: dict[str, Counter[str]] = {
            feed: Counter(landed=0, late=0, corrected=0, deleted=0, duplicates=0, damaged=0) for feed in _FEEDS
        }
        self.rng = Random(f"{seed} life")  # noqa: S311
        self.arrivals: dict[tuple[str, date], list[Record | str]] = defaultdict(list)
        self.ties: dict[tuple[str, str], datetime] = {}
        self.bought: dict[str, list[str]] = defaultdict(list)
        self._numbers: Counter[str] = Counter()

    def live_through(self, day: date) -> None:
        """Everything that happens on a day."""
        for person in self.people:
            if person.joined_on <= day and (person.closed_on is None or day < person.closed_on):
                for _ in range(self._how_many(person.visits * _WEEKDAYS[day.weekday()])):
                    self._session(day, person)
        for _ in range(self._how_many(len(self.people) * 0.01)):
            self._session(day, None)
        self._accounts(day)
        self._ties(day)

    def deliver(self, day: date, out: Path) -> None:
        """Write the files that arrive on a day."""
        for feed in ("events", "texts"):
            records = self.arrivals.pop((feed, day), [])
            if records:
                lines = (r if isinstance(r, str) else json.dumps(r, separators=(",", ":")) for r in records)
                _write_gzip(out / feed / f"{day}.jsonl.gz", "".join(line + "\n" for line in lines))
        if (day - self.days[0]).days % 7 == 0:
            self._catalogue(day)
        for feed in ("items", "users", "follows"):
            rows = [r for r in self.arrivals.pop((feed, day), []) if isinstance(r, dict)]
            if rows:
                _write_csv(out / feed / f"{day}.csv", rows)

    # --- what people do ------------------------------------------------------------------------------------------

    def _session(self, day: date, person: Person | None) -> None:
        rng = self.rng
        hour = rng.gauss(person.hour, 2) if person else rng.uniform(0, 24)
        moment = datetime.combine(day, time()) + timedelta(seconds=int(hour % 24 * 3600) % 84_000)
        end = datetime.combine(day, time(23, 57))
        common: Record = {
            "user_id": person.user_id if person else None,
            "session_id": self._number("s"),
            "device": person.device if person else rng.choice(words.DEVICES),
            "country": person.country if person else None,
        }
        cart: list[tuple[Item, int]] = []
        for _ in range(1 + self._how_many(3)):
            item = self.stock.pick(rng, person)
            moment += timedelta(seconds=rng.randint(5, 120))
            if moment > end:
                break
            if rng.random() < 0.15:
                self._event(moment, common, "search", query=words.search(rng, item.noun, item.brand))
                moment += timedelta(seconds=rng.randint(3, 30))
            self._event(moment, common, "view", item)
            if person is None:
                continue
            moment += timedelta(seconds=rng.randint(3, 60))
            chance = rng.random()
            if chance < 0.06:
                self._event(moment, common, "favourite", item)
            elif chance < 0.20:
                cart.append((item, rng.choice((1, 1, 1, 2, 3))))
                self._event(moment, common, "cart", item, cart[-1][1])
            elif chance < 0.21:
                self._question(moment, person, item)
        if person is not None and cart and rng.random() < 0.45 and moment <= end:
            order = self._number("o")
            for item, quantity in cart:
                self._event(moment + timedelta(seconds=40), {**common, "order_id": order}, "purchase", item, quantity)
                self._buy(moment, person, item)

    def _event(self, moment: datetime, common: Record, kind: str, item: Item | None = None,
               quantity: int | None = None, query: str | None = None) -> None:  # fmt: skip
        record = {"event_id": self._number("e"), "version": 1, "op": "upsert", "kind": kind, "at": _stamp(moment),
                  **common, "query": query}  # fmt: skip
        if item is not None:
            record |= {"item_id": item.item_id, "quantity": quantity, "price": item.price / 100, "currency": CURRENCY}
        record = {k: v for k, v in record.items() if v is not None}
        arrived = self._send("events", moment.date(), record)
        chance = self.rng.random()
        if chance < _CORRECTED:
            self._correct(record, moment, arrived)
        elif chance < _CORRECTED + _DELETED:
            later = arrived + timedelta(days=self.rng.randint(1, 7))
            if later <= LAST_DAY:
                self._put("events", later, {"event_id": record["event_id"], "version": 2, "op": "delete"}, "deleted")
        self._spoil(record, moment.date())

    def _correct(self, record: Record, moment: datetime, arrived: date) -> None:
        later = arrived + timedelta(days=self.rng.randint(1, 7))
        if later > LAST_DAY:
            return
        changed = {**record, "version": 2}
        moved = moment - timedelta(days=1)
        if self.rng.random() < 0.5 and moved.date() >= self.days[0]:
            changed["at"] = _stamp(moved)
            self.counts["events"]["moved"] += 1
        else:
            changed["device"] = self.rng.choice(words.DEVICES)
        self._put("events", later, changed, "corrected")

    def _spoil(self, record: Record, day: date) -> None:
        """Now and then a further record that is no use."""
        chance = self.rng.random()
        if chance < _DAMAGED:
            line = json.dumps({**record, "event_id": self._number("e")}, separators=(",", ":"))
            self._put("events", day, line[: self.rng.randint(5, len(line) - 2)], "damaged")
        elif chance < _DAMAGED + _IMPOSSIBLE:
            defect, wrong = self.rng.choice((
                ("unknown_kind", {"kind": "teleport"}),
                ("price_not_positive", {"kind": "purchase", "price": self.rng.choice((0, -9.99))}),
                ("time_future", {"at": "2031-01-01T00:00:00Z"}),
            ))  # fmt: skip
            self._put("events", day, {**record, **wrong, "event_id": self._number("e")}, defect)

    def _buy(self, moment: datetime, person: Person, item: Item) -> None:
        self.bought[item.item_id].append(person.user_id)
        if self.rng.random() < 0.3:
            stars = min(5, max(1, round(1 + 4 * item.quality + self.rng.gauss(0, 0.8))))
            title, text = words.review(self.rng, stars, item.noun, item.brand)
            written = moment + timedelta(days=self.rng.randint(1, 12), seconds=self.rng.randint(0, 3600))
            self._text(written, person.user_id, "review", item, text, title=title, stars=stars,
                       helpful=self._how_many(1.5))  # fmt: skip

    def _question(self, moment: datetime, person: Person, item: Item) -> None:
        asked = words.question(self.rng, item.noun, item.brand)
        parent = self._text(moment, person.user_id, "question", item, asked)
        for user_id in self.bought[item.item_id][-2:]:
            if user_id != person.user_id and parent is not None:
                answered = moment + timedelta(seconds=self.rng.randint(3600, 200_000))
                said = words.answer(self.rng, item.noun, item.brand)
                self._text(answered, user_id, "answer", item, said, parent_id=parent)

    def _text(self, moment: datetime, user_id: str, kind: str, item: Item, text: str, **more: object) -> str | None:
        if moment.date() > LAST_DAY:
            return None
        number = self._number("t")
        record = {"text_id": number, "kind": kind, "at": _stamp(moment), "user_id": user_id, "item_id": item.item_id,
                  "text": text, "language": "en", **more}  # fmt: skip
        self._send("texts", moment.date(), record)
        if self.rng.random() < _DAMAGED:
            self._put("texts", moment.date(), json.dumps(record)[:-20], "damaged")
        return number

    # --- what the shop keeps ---------------------------------------------------------------------------------------

    def _catalogue(self, day: date) -> None:
        """The whole catalogue is sent every week; prices change between."""
        for item in self.stock.items:
            if item.gone_on is not None and item.gone_on <= day:
                continue
            self._put("items", day, {
                "sku": item.item_id, "name": item.name, "brand": item.brand, "category": item.category,
                "description": f"{item.name}. From the {item.sub.lower()} range by {item.brand}.",
                "price": f"{item.price / 100:.2f}", "currency": CURRENCY})  # fmt: skip
            if self.rng.random() < 0.08:
                item.price = max(100, round(item.price * self.rng.uniform(0.8, 1.15)))

    def _accounts(self, day: date) -> None:
        """All accounts on the first day, then only those that are new, changed or closed."""
        for person in self.people:
            if person.joined_on == day or (day == self.days[0] and person.joined_on < day):
                self._put("users", day, _account(person, day, "insert"))
            elif person.closed_on == day:
                self._put("users", day, _account(person, day, "delete"), "deleted")
            elif person.joined_on < day and person.closed_on is None and self.rng.random() < 0.001:
                person.country = self.rng.choice(list(words.PLACES))
                person.region = self.rng.choice(words.PLACES[person.country])
                self._put("users", day, _account(person, day, "update"), "corrected")

    def _ties(self, day: date) -> None:
        """Who follows whom: most ties on the first day, then a few a day, and a few end."""
        rng, n = self.rng, len(self.people)
        here = [p.user_id for p in self.people if p.joined_on <= day and p.closed_on is None]
        wanted = n * 3 if day == self.days[0] else self._how_many(n * 0.01)
        for _ in range(wanted if len(here) > 1 else 0):
            pair = rng.choice(here), rng.choice(here)
            if pair[0] != pair[1] and pair not in self.ties:
                self.ties[pair] = datetime.combine(day, time()) + timedelta(seconds=rng.randrange(86_400))
                self._put("follows", day, _tie(pair, self.ties[pair], self.ties[pair], "insert"))
        if day != self.days[0]:
            for _ in range(min(self._how_many(n * 0.003), len(self.ties))):
                pair = rng.choice(list(self.ties))
                since = self.ties[pair]
                if since.date() < day:
                    del self.ties[pair]
                    changed = datetime.combine(day, time()) + timedelta(seconds=rng.randrange(86_400))
                    self._put("follows", day, _tie(pair, since, changed, "delete"), "deleted")

    # --- how it is sent --------------------------------------------------------------------------------------------

    def _send(self, feed: str, day: date, record: Record) -> date:
        """Send a record on its day or, one in ten, up to five days late; now and then twice."""
        arrived = day
        if self.rng.random() < _LATE:
            arrived = min(LAST_DAY, day + timedelta(days=self.rng.randint(1, 5)))
        self._put(feed, arrived, record, "late" if arrived > day else None)
        if self.rng.random() < _TWICE:
            again = min(LAST_DAY, arrived + timedelta(days=self.rng.randint(0, 1)))
            self._put(feed, again, record, "duplicates")
        return arrived

    def _put(self, feed: str, day: date, record: Record | str, what: str | None = None) -> None:
        self.arrivals[feed, day].append(record)
        self.counts[feed]["landed"] += 1
        if what:
            self.counts[feed][what] += 1

    def _how_many(self, mean: float) -> int:
        """A whole number that is `mean` on average: its floor or one more for large means, else geometric."""
        if mean > 10:
            return int(mean) + (self.rng.random() < mean % 1)
        n = 0
        while self.rng.random() < mean / (1 + mean):
            n += 1
        return n

    def _number(self, kind: str) -> str:
        self._numbers[kind] += 1
        return f"{kind}{self._numbers[kind]:09d}"


def _account(person: Person, day: date, op: str) -> Record:
    return {"user_id": person.user_id, "changed_on": str(day), "op": op, "birth_year": person.birth_year,
            "gender": person.gender, "occupation": person.job, "region": person.region, "country": person.country,
            "joined_on": str(person.joined_on), "labels": "|".join(person.labels)}  # fmt: skip


def _tie(pair: Sequence[str], since: datetime, changed: datetime, op: str) -> Record:
    return {"follower": pair[0], "followed": pair[1], "since": _stamp(since), "changed_at": _stamp(changed), "op": op}


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _write_gzip(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    # No name and no time in the archive: the same seed gives the same bytes.
    with file.open("wb") as raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as packed:
        packed.write(text.encode())


def _write_csv(file: Path, rows: Iterable[Record]) -> None:
    rows = list(rows)
    file.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    file.write_text(text.getvalue(), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m include.sources.shop", description="Make the simulated shop.")
    parser.add_argument("out", type=Path, help="folder to write to")
    for name, default in (("seed", 1), ("users", 300), ("items", 200), ("days", 60)):
        parser.add_argument(f"--{name}", type=int, default=default)
    args = parser.parse_args(arguments)
    truth = generate(args.out, args.seed, args.users, args.items, args.days)
    total = sum(feed["landed"] for feed in truth.feeds.values())
    print(f"shop: {total:,} records from {truth.first} to {truth.last}, seed {truth.seed}")


if __name__ == "__main__":
    main()
