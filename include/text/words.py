"""Words of a text as the finder of entities sees them: where they are, and what they look like."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WORD = re.compile(r"(?:https?://|www\.)\S+|[@#]\w+|\w+(?:['’]\w+)*|[^\w\s]")
SHAPES = ("mention", "tag", "address", "mark", "number", "code", "small code", "small", "capitals", "initial",
          "capitalised", "mixed")  # fmt: skip


class Words(NamedTuple):
    """Characters from `starts` up to before `ends` of the text, and `shapes` as indices of SHAPES, each [words]."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    shapes: NDArray[np.int64]


def words(text: str) -> Words:
    """In the order of the text. Spaces are in none."""
    found = [(*match.span(), shape(match[0])) for match in _WORD.finditer(text)]
    values = np.fromiter(chain.from_iterable(found), np.int64, 3 * len(found))
    return Words(values[::3], values[1::3], values[2::3])


@lru_cache(maxsize=1 << 16)  # most words of a text were in one before
def shape(word: str) -> int:
    """What is lost on an encoder that reads small letters only, as an index of SHAPES."""
    return SHAPES.index(_shape(word))


def _shape(word: str) -> str:
    letters = any(c.isalpha() for c in word)
    if word[0] in "@#" and len(word) > 1:
        return "mention" if word[0] == "@" else "tag"
    if word.lower().startswith(("http://", "https://", "www.")):
        return "address"
    if any(c.isdigit() for c in word):
        return ("code" if any(c.isupper() for c in word) else "small code") if letters else "number"
    if not letters:
        return "mark"
    if word.islower():
        return "small"
    if word.isupper():
        return "capitals" if len(word) > 1 else "initial"
    return "capitalised" if word[0].isupper() and word[1:].islower() else "mixed"
