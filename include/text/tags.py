"""Entities as tags on words: begin, inside, outside (Ramshaw and Marcus 1995)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

TYPES = ("person", "place", "organisation", "product")
TAGS = ("O", *(f"{part}-{kind}" for kind in TYPES for part in "BI"))
_NEVER = -1e4
# What may follow what: inside an entity comes only after its beginning, or further inside of it.
_FOLLOWS = np.array([[0.0 if b[0] != "I" or (a != "O" and a[2:] == b[2:]) else _NEVER for b in TAGS] for a in TAGS])
_FIRST = np.array([_NEVER if tag[0] == "I" else 0.0 for tag in TAGS])


class Entity(NamedTuple):
    """Characters `start` to `end` of a text; `confidence` is the least probability of the tags of its words."""

    start: int
    end: int
    kind: str
    confidence: float


class Tagged(NamedTuple):
    """Words `first` to `last`, the latter included; `confidence` is the least of their tags' probabilities."""

    first: int
    last: int
    kind: str
    confidence: float


def decode(scores: NDArray[np.floating]) -> NDArray[np.intp]:
    """The likeliest tags [words] that may follow each other, of log probabilities [words, TAGS] (Viterbi 1967)."""
    best = scores[0] + _FIRST
    came_from = np.zeros((len(scores), len(TAGS)), dtype=np.intp)
    for n in range(1, len(scores)):
        ways = best[:, None] + _FOLLOWS
        came_from[n] = ways.argmax(axis=0)
        best = ways.max(axis=0) + scores[n]
    found = np.empty(len(scores), dtype=np.intp)
    found[-1] = best.argmax()
    for n in range(len(scores) - 1, 0, -1):
        found[n - 1] = came_from[n, found[n]]
    return found


def entities(scores: NDArray[np.floating]) -> list[Tagged]:
    """What log probabilities [words, TAGS] say; nothing of no words."""
    if not len(scores) or not (scores.argmax(axis=1) != 0).any():  # most texts have none: outside is the best way
        return []
    tags = decode(scores)
    sure = np.exp(scores[np.arange(len(tags)), tags])
    return [Tagged(a, b, kind, float(sure[a : b + 1].min())) for a, b, kind in spans([TAGS[tag] for tag in tags])]


def spans(tags: Sequence[str]) -> list[tuple[int, int, str]]:
    """(first word, last word, kind) of each entity. One that goes on without a beginning begins there."""
    found: list[tuple[int, int, str]] = []
    for n, tag in enumerate(tags):
        if tag == "O":
            continue
        goes_on = tag[0] == "I" and found and found[-1][1:] == (n - 1, tag[2:])
        if goes_on:
            found[-1] = (found[-1][0], n, tag[2:])
        else:
            found.append((n, n, tag[2:]))
    return found
