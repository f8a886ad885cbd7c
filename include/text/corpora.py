"""The labelled sentences that the finder of entities learns from: WNUT-17 and the Broad Twitter Corpus (CC BY 4.0)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from include.errors import BadInput

TRAIN, DEV = "wnut17_wnut17train.conll", "wnut17_emerging.dev.conll"
TWEETS = tuple(f"btc_{part}.conll" for part in "abefgh")
_KINDS = {"person": "person", "PER": "person", "location": "place", "LOC": "place", "corporation": "organisation",
          "group": "organisation", "ORG": "organisation", "product": "product"}  # fmt: skip
Span = tuple[int, int, str]  # characters, and the kind


@dataclass(frozen=True)
class Sentence:
    """Words put together with single spaces, and the entities in them. `has_products`: whether those are labelled."""

    text: str
    entities: frozenset[Span]
    has_products: bool


def read(folder: Path, name: str) -> list[Sentence]:
    """Sentences of one file: a word and its tag a line, an empty line between sentences.

    Location is a place, corporation and group are organisations, creative works are left out. The tweets label whom
    they mention (`@name`) and their tags; those are no entities here, as in WNUT-17.
    """
    try:
        lines = (folder / name).read_text("utf-8").split("\n")
    except OSError as error:
        raise BadInput(f"entities: {folder / name} cannot be read ({error.strerror}); set PORTRAIT_DATA") from None
    found: list[Sentence] = []
    words: list[str] = []
    tags: list[str] = []
    for line in [*lines, ""]:
        parts = line.split()
        if len(parts) >= 2:
            words.append(parts[0])
            tags.append(parts[-1])
        elif words:
            tweet = name in TWEETS
            found.append(_sentence(*(_without_mentions(words, tags) if tweet else (words, tags)), not tweet))
            words, tags = [], []
    return found


def _without_mentions(words: Iterable[str], tags: Iterable[str]) -> tuple[list[str], list[str]]:
    kept: list[str] = []
    said: list[str] = []
    for word, tag in zip(words, tags, strict=True):
        if kept and kept[-1] in ("@", "#"):
            kept[-1] += word
            continue
        kept.append(word)
        said.append("O" if word[0] in "@#" else tag)
    return kept, said


def _sentence(words: Iterable[str], tags: Iterable[str], has_products: bool) -> Sentence:
    entities: list[Span] = []
    at, before = 0, "O"
    for word, tag in zip(words, tags, strict=True):
        kind = _KINDS.get(tag.partition("-")[2])
        if kind and tag[0] == "I" and _KINDS.get(before.partition("-")[2]) == kind:
            entities[-1] = (entities[-1][0], at + len(word), kind)
        elif kind:
            entities.append((at, at + len(word), kind))
        at, before = at + len(word) + 1, tag
    return Sentence(" ".join(words), frozenset(entities), has_products)
