"""Entities and aspects as tags on words: begin, inside, outside (Ramshaw and Marcus 1995)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Tags = tuple[str, ...]
TYPES = ("person", "place", "organisation", "product")
POLARITIES = ("praised", "blamed")
ENTITY_TAGS: Tags = ("O", *(f"{part}-{kind}" for kind in TYPES for part in "BI"))
ASPECT_TAGS: Tags = ("O", *(f"{part}-{kind}" for kind in POLARITIES for part in "BI"))
_NEVER = -1e4
_POSSESSIVE = re.compile(r"['’]s$")
_PLURAL = re.compile(r"(?<=[^\W\d_]{3})(?<![suiz])(?<!ic)(?<!ch|sh|ie|se|xe|ze|he)s$")
_NO_PLURALS = frozenset({"lens", "news", "always", "perhaps"})


class Entity(NamedTuple):
    """Characters `start` to `end` of a text: an entity, or an aspect whose `kind` is praised or blamed. `confidence` is
    the least probability of the tags of its words, `name` what stands there in its normal form."""

    start: int
    end: int
    kind: str
    confidence: float
    name: str


class Tagged(NamedTuple):
    """Words `first` to `last`, the latter included; `confidence` is the least of their tags' probabilities."""

    first: int
    last: int
    kind: str
    confidence: float


@cache
def _rules(tags: Tags) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What may follow what, and come first: inside comes only after its beginning, or further inside of it."""
    follows = [[0.0 if b[0] != "I" or (a != "O" and a[2:] == b[2:]) else _NEVER for b in tags] for a in tags]
    return np.array(follows), np.array([_NEVER if tag[0] == "I" else 0.0 for tag in tags])


def decode(scores: NDArray[np.floating], tags: Tags) -> NDArray[np.intp]:
    """The likeliest `tags` [words] that may follow each other, of log probabilities [words, tags] (Viterbi 1967)."""
    follows, comes_first = _rules(tags)
    likeliest: NDArray[np.intp] = scores.argmax(axis=1)
    if comes_first[likeliest[0]] == 0 and not follows[likeliest[:-1], likeliest[1:]].any():
        return likeliest  # nearly always: no way can be likelier
    best = scores[0] + comes_first
    came_from = np.zeros((len(scores), len(tags)), dtype=np.intp)
    for n in range(1, len(scores)):
        ways = best[:, None] + follows
        came_from[n] = ways.argmax(axis=0)
        best = ways.max(axis=0) + scores[n]
    found = np.empty(len(scores), dtype=np.intp)
    found[-1] = best.argmax()
    for n in range(len(scores) - 1, 0, -1):
        found[n - 1] = came_from[n, found[n]]
    return found


def tagged(scores: NDArray[np.floating], tags: Tags) -> list[Tagged]:
    """What log probabilities [words, tags] say; nothing of no words."""
    if not len(scores) or not (scores.argmax(axis=1) != 0).any():  # most texts have none: outside is the best way
        return []
    found = decode(scores, tags)
    sure = np.exp(scores[np.arange(len(found)), found])
    return [Tagged(a, b, kind, float(sure[a : b + 1].min())) for a, b, kind in spans([tags[n] for n in found])]


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


def name_of_entity(written: str) -> str:
    """In small letters with single spaces, and nobody's: "Sony's" is "sony"."""
    return _POSSESSIVE.sub("", " ".join(written.casefold().split()))


def name_of_aspect(written: str) -> str:
    """The same, and in the singular where an s says no more: "Ring tones" is "ring tone", "news" stays."""
    name = name_of_entity(written)
    return name if name.rpartition(" ")[2] in _NO_PLURALS else _PLURAL.sub("", name)
