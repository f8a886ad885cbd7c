"""Records of no use: each kind of dirt that a shop's logs have, made from a record that is right.

A kind names what is wrong with the record; what a reader calls it is the reader's business.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

Record = dict[str, Any]
Line = str | bytes | Record  # a text or bytes stand for a line that is not written as a record
Spoil = Callable[[Random, Record], Line]


def _with(**wrong: object) -> Spoil:
    return lambda _rng, record: {**record, **wrong}


def _without(name: str) -> Spoil:
    return lambda _rng, record: {key: value for key, value in record.items() if key != name}


def _cut(rng: Random, record: Record) -> str:
    line = line_of(record)
    return line[: rng.randint(5, len(line) - 2)]


def _glued(_rng: Random, record: Record) -> str:
    """Two writers at once."""
    return line_of(record) + line_of(record)


def _bytes(_rng: Random, record: Record) -> bytes:
    """A byte that UTF-8 does not have."""
    return line_of(record).encode().replace(b'"at":"', b'"at":"\xff', 1)


def line_of(record: object) -> str:
    """A record as a line of JSON."""
    return json.dumps(record, separators=(",", ":"))


_LINES: dict[str, Spoil] = {"cut": _cut, "glued": _glued, "bytes": _bytes}
KINDS: dict[str, dict[str, Spoil]] = {
    "events": _LINES | {
        "unknown kind": _with(kind="teleport"),
        "no kind": _without("kind"),
        "no time": _without("at"),
        "no time that is one": _with(at="yesterday"),
        "future": _with(at="2031-01-01T00:00:00Z"),
        "ancient": _with(at="1970-01-01T00:00:00Z"),
        "free": _with(kind="purchase", price=0),
        "negative price": _with(kind="purchase", price=-9.99),
        "price in words": _with(kind="purchase", price="much"),
        "a billion pieces": _with(kind="purchase", quantity=10**9, price=1),
        "a price beyond all": _with(kind="purchase", quantity=1, price=10**12),
        "unknown currency": _with(kind="purchase", price=1, currency="Euro"),
        "unknown operation": _with(op="explode"),
    },
    "texts": _LINES | {
        "nobody": _without("user_id"),
        "no text": _without("text"),
        "blank": _with(text=" \t "),
        "nine stars": _with(kind="review", stars=9),
        "no stars": _with(kind="review", stars=0),
        "unknown kind": _with(kind="rumour"),
        "no time": _without("at"),
        "future": _with(at="2031-01-01T00:00:00Z"),
    },
    "items": {
        "no id": _with(sku=""),
        "price in words": _with(price="much"),
        "unknown currency": _with(currency="Euro"),
    },
    "users": {
        "no id": _with(user_id=""),
        "unknown operation": _with(op="explode"),
        "year in words": _with(birth_year="long ago"),
    },
    "follows": {
        "nobody": _with(follower=""),
        "nobody followed": _with(followed=""),
        "unknown operation": _with(op="explode"),
    },
}  # fmt: skip


def spoil(rng: Random, feed: str, record: Record) -> tuple[str, Line]:
    """A kind of dirt, and the record with it."""
    kind = rng.choice(list(KINDS[feed]))
    return kind, KINDS[feed][kind](rng, record)
