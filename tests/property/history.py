"""Random small sources: what happened, what was told about it later, and in which files it came."""

from __future__ import annotations

import json
import os
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

FIRST = date(2024, 1, 1)
DAYS = int(os.environ.get("PORTRAIT_DAYS", "3"))  # on which something arrives

_DESCRIPTION = """
source: {name}
about: a random history
licence: none
time_zone: UTC
history: {{first: 2024-01-01}}
feeds:
  events:
    delivery: {delivery}
{order}    inputs:
      - path: {name}/events-{{day}}*.jsonl
        format: jsonl
        columns: {{id: string, at: string, user: string, kind: string, item: string, n: int, price: string, v: int, op: string}}
        map: {{{ids}user_id: user, kind: kind, item_id: item, quantity: n, unit_price: "try_cast(price AS decimal(18,4))", currency: "'EUR'", happened_at: "to_timestamp(at)"}}
  items:
    delivery: {items}
{item_order}    inputs:
      - path: {name}/items-{{day}}.jsonl
        format: jsonl
        columns: {{id: string, brand: string, v: int}}
        map: {{item_id: id, brand: brand}}
  users:
    delivery: {items}
{item_order}    inputs:
      - path: {name}/users-{{day}}.jsonl
        format: jsonl
        columns: {{id: string, country: string, v: int, op: string}}
        map: {{{user_op}user_id: id, country: country}}
  follows:
    delivery: {items}
{item_order}    inputs:
      - path: {name}/follows-{{day}}.jsonl
        format: jsonl
        columns: {{who: string, whom: string, v: int, op: string}}
        map: {{{user_op}user_id: who, target_id: whom, kind: "'follow'"}}
"""


@dataclass
class History:
    """One source: its description and its files, by the day they arrive. Its worlds share items and nothing else."""

    name: str
    is_changes: bool
    files: dict[str, list[dict[str, object]]] = field(default_factory=dict)

    def write(self, sources: Path, data: Path) -> None:
        """The description and all files. A run only sees those of its days."""
        text = _DESCRIPTION.format(
            name=self.name,
            delivery="changes" if self.is_changes else "append",
            order="    order: v\n" if self.is_changes else "",
            ids="event_id: id, op: op, " if self.is_changes else "",
            items="changes" if self.is_changes else "snapshot",
            item_order="    order: v\n" if self.is_changes else "",
            user_op="op: op, " if self.is_changes else "",
        )
        (sources / f"{self.name}.yaml").write_text(text)
        (data / self.name).mkdir(parents=True)
        for file, records in self.files.items():
            (data / self.name / file).write_text("".join(json.dumps(r) + "\n" for r in records))


def draw(name: str, seed: int, worlds: int, is_changes: bool) -> History:
    """A source of many small worlds, each with its own users, events and files, drawn for it alone."""
    history = History(name, is_changes)
    dice = random.Random(f"{name} {seed}")
    for n in range(DAYS):
        items = [{"id": i, "brand": dice.choice("XYZ"), "v": n} for i in "abc" if dice.random() < 0.7]
        if items and dice.random() < 0.5:
            history.files[f"items-{_day(n)}.jsonl"] = items
        if dice.random() < 0.7:
            history.files[f"users-{_day(n)}.jsonl"] = [
                _user(dice, f"w{world:02d}-u{u}") for world in range(worlds) for u in (1, 4, 5) if dice.random() < 0.4
            ]
        if dice.random() < 0.7:
            history.files[f"follows-{_day(n)}.jsonl"] = [
                _tie(dice, f"w{world:02d}-u") for world in range(worlds) for _ in range(dice.randint(0, 2))
            ]
    for world in range(worlds):
        _draw_world(history, f"w{world:02d}", random.Random(f"{name} {seed} {world}"))
    return history


def _draw_world(history: History, world: str, dice: random.Random) -> None:
    """Every kind of trouble in some seed: late, repeated, corrected, moved, deleted, damaged, delivered again."""
    records: dict[int, list[dict[str, object]]] = {n: [] for n in range(DAYS)}
    for number in range(dice.randint(0, 10)):
        happened = dice.randrange(DAYS)
        record = _record(dice, world, number, happened)
        arrives = min(DAYS - 1, happened + dice.choice([0, 0, 0, 1, 3]))
        records[arrives].append(record)
        while dice.random() < 0.4:
            arrives = min(DAYS - 1, arrives + dice.choice([0, 1, 2]))
            records[arrives].append(_again(dice, record, happened, history.is_changes))
    for n, told in records.items():
        dice.shuffle(told)
        if told:
            history.files[f"events-{_day(n)}-{world}.jsonl"] = told
        if told and dice.random() < 0.3:  # the same bytes under another name, perhaps on another day
            history.files[f"events-{_day(dice.randrange(DAYS))}-{world}-again.jsonl"] = told


def _record(dice: random.Random, world: str, number: int, happened: int) -> dict[str, object]:
    return {
        "id": f"{world}-e{number}",
        "at": f"{_day(happened)}T{dice.randrange(24):02d}:{dice.randrange(60):02d}:00",
        "user": dice.choice([f"{world}-u1", f"{world}-u1", f"{world}-u2", None]),
        "kind": dice.choice(["view", "view", "cart", "purchase", "purchase", "teleport"]),
        "item": dice.choice(["a", "b", "c", None]),
        "n": dice.choice([1, 2, -1, None]),
        "price": dice.choice(["1.50", "2", "0", "cheap", None]),
        "v": 1,
        "op": "upsert",
    }


def _user(dice: random.Random, name: str) -> dict[str, object]:
    op = "delete" if dice.random() < 0.3 else "upsert"
    return {"id": name, "country": dice.choice(["AT", "DE"]), "v": dice.randint(0, 3), "op": op}


def _tie(dice: random.Random, user: str) -> dict[str, object]:
    """u4 and u5 do nothing; whom u1 and u2 follow, and who follows them, does."""
    who, whom = dice.choice("1245"), dice.choice("124")
    op = "delete" if dice.random() < 0.3 else "upsert"
    return {"who": user + who, "whom": user + whom, "v": dice.randint(0, 3), "op": op}


def _again(dice: random.Random, record: dict[str, object], happened: int, is_changes: bool) -> dict[str, object]:
    """A repetition, a richer or poorer copy, a correction, a move to another day or user, or a deletion."""
    if dice.random() < 0.3:
        return record
    if not is_changes:
        return {**record, dice.choice(["n", "price", "item"]): None}
    changed = {**record, "v": dice.randint(0, 3)}
    choice = dice.random()
    if choice < 0.3:
        return {**changed, "op": "delete"}
    if choice < 0.6:
        moved = max(0, happened + dice.choice([-1, 1]))
        return {**changed, "at": f"{_day(moved)}T05:00:00"}
    if choice < 0.8:  # somebody with nothing else: whoever loses this event has no row at all
        return {**changed, "user": f"{record['id']}-only"}
    return {**changed, "price": "9.99", "kind": "purchase"}


def _day(n: int) -> str:
    return (FIRST + timedelta(days=n)).isoformat()
