"""Made-up texts of users about four things, with vectors that tell which."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

import numpy as np

from include.models.topic_texts import SourceTexts

WORDS = ("recipe oven flavour", "goal striker referee", "guitar chorus drummer", "engine gearbox diesel")
SHELVES = ("Kitchen", "Football", "Music", "Cars")
FIRST = date(2019, 1, 1)
DIM = 16


def about(thing: int, n: int, seed: int, spread: float = 0.3) -> np.ndarray:
    """Unit vectors [n, dim] around the direction of a thing; all texts lean the same way, too."""
    rows = np.random.default_rng(seed).normal(size=(n, DIM)) * spread / np.sqrt(DIM)
    rows[:, thing] += 1.0
    rows[:, -1] += 2.0
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def topical(each: int = 60, seed: int = 1, things: int = 4, paths: bool = True) -> SourceTexts:
    """`each` texts about each thing, by forty users, in the order of their hashes."""
    rows = []
    for thing in range(things):
        for n, vector in enumerate(about(thing, each, seed + thing)):
            text = f"a good {WORDS[thing]} number {n}"
            of = ("Shop", SHELVES[thing]) if paths else ()
            rows.append((hashlib.sha256(text.encode()).hexdigest(), text, vector, frozenset({f"u{n % 40}"}),
                         FIRST + timedelta(days=n), of))  # fmt: skip
    hashes, texts, vectors, users, days, of_items = zip(*sorted(rows, key=lambda row: row[0]), strict=True)
    return SourceTexts(hashes, texts, np.array(vectors), users, days, of_items, len(rows), max(days))
