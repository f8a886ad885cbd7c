"""Words of a text as the finder of entities sees them: where they are, and what they look like."""

from __future__ import annotations

import re
from typing import NamedTuple

_WORD = re.compile(r"(?:https?://|www\.)\S+|[@#]\w+|\w+(?:['’]\w+)*|[^\w\s]")
SHAPES = ("mention", "tag", "address", "mark", "number", "code", "small code", "small", "capitals", "initial",
          "capitalised", "mixed")  # fmt: skip


class Word(NamedTuple):
    """Characters `start` to `end` of the text."""

    start: int
    end: int
    shape: int  # of SHAPES


def words(text: str) -> list[Word]:
    """In the order of the text. Spaces are in none."""
    return [Word(found.start(), found.end(), SHAPES.index(shape(found[0]))) for found in _WORD.finditer(text)]


def shape(word: str) -> str:
    """What is lost on an encoder that reads small letters only."""
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
