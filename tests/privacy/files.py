"""A source with all five feeds whose identifiers and free texts are words that occur nowhere else."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from pathlib import Path

DAYS = ("2024-01-01", "2024-01-02")
FIRST = "QZIDfirstXJ"  # the event that both days tell of
DESCRIPTION = """
source: canary
about: Every feed, every identifier, and every kind of dirt
licence: none
history: {first: 2024-01-01}
feeds:
  events:
    delivery: changes
    order: v
    inputs:
      - path: canary/events-{day}.jsonl.gz
        format: jsonl
        columns: {id: string, user: string, session: string, basket: string, kind: string, item: string, at: timestamp, n: int, v: int, op: string, query: string, device: string}
        lookups:
          homes: {path: canary/homes.csv, format: csv, columns: {user: string, country: string}, key: user}
        map: {event_id: id, user_id: user, session_id: session, order_id: basket, kind: kind, item_id: item, happened_at: at, quantity: n, op: op, query: query, device: device, country: homes.country}
      - name: nameless
        path: canary/more-{day}.csv
        format: csv
        columns: {user: string, session: string, kind: string, at: timestamp, v: int, query: string}
        map: {user_id: user, session_id: session, kind: kind, happened_at: at, query: query}
  texts:
    path: canary/texts-{day}.jsonl
    format: jsonl
    columns: {id: string, answers: string, user: string, kind: string, at: timestamp, title: string, text: string, stars: int}
    rating_scale: [1, 5]
    map: {text_id: id, parent_id: answers, user_id: user, kind: kind, happened_at: at, title: title, text: text, rating: stars}
  items:
    path: canary/items-{day}.csv
    format: csv
    columns: {sku: string, name: string, words: string, price: "decimal(18,4)"}
    map: {item_id: sku, title: name, description: words, price: price}
  users:
    path: canary/users-{day}.csv
    format: csv
    delivery: changes
    order: v
    columns: {user: string, age: int, v: int, op: string}
    map: {user_id: user, age: age, op: op}
  follows:
    path: canary/follows-{day}.jsonl
    format: jsonl
    columns: {who: string, whom: string, since: timestamp}
    map: {user_id: who, target_id: whom, since: since}
"""


@dataclass
class Canaries:
    """Writes the files and remembers which words stand in them."""

    name: str = "canary"
    identifiers: set[str] = field(default_factory=lambda: {FIRST})
    texts: set[str] = field(default_factory=set)

    def id(self, what: str) -> str:
        """An identifier that starts like no column, file or message does."""
        self.identifiers.add(word := f"QZID{len(self.identifiers):02d}{what}XJ")
        return word

    def text(self, what: str) -> str:
        """A word of somebody's text."""
        self.texts.add(word := f"QZTX{len(self.texts):02d}{what}XJ")
        return word

    def write(self, sources: Path, data: Path) -> None:
        (sources / "canary.yaml").write_text(DESCRIPTION)
        folder = data / "canary"
        folder.mkdir()
        ann, ben = self.id("ann"), self.id("ben")
        (folder / "homes.csv").write_text(f"user,country\n{ann},DE\n{self.id('lookup')},FR\n")
        for number, day in enumerate(DAYS):
            (folder / f"events-{day}.jsonl.gz").write_bytes(gzip.compress(self._events(ann, ben, day).encode()))
            (folder / f"more-{day}.csv").write_text(self._more(ben, day))
            (folder / f"texts-{day}.jsonl").write_text(self._texts(ann, day))
            (folder / f"items-{day}.csv").write_text(self._items())
            (folder / f"users-{day}.csv").write_text(self._users(ann, number))
            follow = {"who": ann, "whom": ben if number else self.id("target"), "since": f"{day}T01:00:00"}
            lines = [follow, {"who": self.id("alone")}, {"who": self.id("when"), "whom": ben, "since": "ever"}]
            (folder / f"follows-{day}.jsonl").write_text(_jsonl(*lines, f'{{"who": "{self.id("cut")}'))

    def _events(self, ann: str, ben: str, day: str) -> str:
        """Good ones, a correction of the day before, a bad type, an impossible time, an unknown kind, cut-off lines."""
        first = {"id": FIRST, "user": ann, "session": self.id("session"), "basket": self.id("order"),
                 "kind": "purchase", "item": "a", "at": f"{DAYS[0]}T10:00:00", "n": 1, "v": int(day[-1]),
                 "query": self.text("query"), "device": "phone"}  # fmt: skip
        more = {**first, "id": self.id("event"), "user": ben, "kind": "search", "at": f"{day}T11:00:00"}
        bad = [
            {**more, "id": self.id("type"), "user": self.id("type"), "n": self.text("type"), "session": None},
            {**more, "id": self.id("time"), "user": self.id("time"), "at": "2999-01-01T00:00:00"},
            {**more, "id": self.id("kind"), "user": self.id("kind"), "kind": "teleport", "query": self.text("kind")},
            {**more, "id": self.id("untimed"), "at": None},
            {**more, "id": self.id("order"), "v": self.id("order")},
            {**more, "id": self.id("op"), "op": self.text("op")},
        ]
        broken = f'{{"id": "{self.id("broken")}", "user": "{self.id("broken")}", "query": "{self.text("broken")}'
        return _jsonl(first, more, *bad, [self.id("array")], broken)

    def _more(self, ben: str, day: str) -> str:
        lines = [
            "user,session,kind,at,v,query",
            f"{ben},{self.id('session')},view,{day}T12:00:00,1,{self.text('query')}",
            f"{self.id('short')},{self.id('short')},view",
            f"{self.id('stamp')},,view,{self.text('stamp')},1,",
            f'{self.id("quote")},,view,{day}T12:00:00,1,"{self.text("quote")}',
        ]
        return "\n".join(lines)

    def _texts(self, ann: str, day: str) -> str:
        good = {"id": self.id("text"), "answers": self.id("parent"), "user": ann, "kind": "review", "stars": 4,
                "at": f"{day}T13:00:00", "title": self.text("title"), "text": f"<b>{self.text('text')}</b> words"}  # fmt: skip
        rejected = {**good, "id": self.id("text"), "stars": 9, "text": self.text("rejected")}
        typed = {**good, "id": self.id("text"), "stars": self.text("stars")}
        empty = {**good, "id": self.id("text"), "text": "<br>", "title": self.text("title")}
        return _jsonl(good, rejected, typed, empty, f'"{self.text("bare")}"')

    def _items(self) -> str:
        lines = [
            "sku,name,words,price",
            f"a,{self.text('name')},{self.text('words')},2.50",
            f",{self.text('name')},,1",
            f"b,{self.text('name')},,{self.text('price')}",
            f"c,{self.text('cut')}",
        ]
        return "\n".join(lines)

    def _users(self, ann: str, number: int) -> str:
        lines = [
            "user,age,v,op",
            f"{ann},{30 + number},{number},",
            f"{self.id('user')},20,1,",
            f"{self.id('user')},{self.text('age')},1,",
            f"{self.id('user')},20,{self.id('order')},",
            f"{self.id('user')},20",
        ]
        return "\n".join(lines)


def _jsonl(*lines: object) -> str:
    return "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
