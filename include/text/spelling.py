"""Words of a text as names are compared by: small letters, no accents, no apostrophes; and which word a slip meant.

A Han character is a word of its own, so that names are found in Chinese, which has no spaces.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(r"&|[^\W_]+(?:['’][^\W_]+)*")
_WORD_OR_HAN = re.compile(rf"[{_HAN}]|&|(?:(?![{_HAN}])[^\W_])+(?:['’](?:(?![{_HAN}])[^\W_])+)*")
_HAS_HAN = re.compile(f"[{_HAN}]")
_ACCENT = re.compile("[\u0300-\u036f]")
_APOSTROPHES = str.maketrans("", "", "'’")
LEAST, MOST = (
    6,
    30,
)  # letters of a word in which one slip is forgiven, from twice as many on two; of a word one may read


class Words(NamedTuple):
    """The words of a text: characters from and up to before, and how each is compared."""

    spans: list[tuple[int, int]]
    plain: list[str]


def words(text: str) -> Words:
    """In the order of the text. `&` is "and"; hyphens and other marks are between words."""
    if text.isascii():
        spans = [found.span() for found in _WORD.finditer(text)]
        small = text.lower()
        said = [small[a:b] for a, b in spans]
        return Words(spans, said if "'" not in text and "&" not in text else [_ascii(word) for word in said])
    pattern = _WORD_OR_HAN if _HAS_HAN.search(text) else _WORD
    spans = [found.span() for found in pattern.finditer(text)]
    return Words(spans, [_plain(text[a:b]) for a, b in spans])


def is_han(plain: str) -> bool:
    """Whether it begins with a Chinese character."""
    return not plain.isascii() and _HAS_HAN.match(plain) is not None


def _plain(word: str) -> str:
    if word.isascii():
        return _ascii(word.lower())
    bare = _ACCENT.sub("", unicodedata.normalize("NFKD", word.translate(_APOSTROPHES)).casefold())
    return unicodedata.normalize("NFC", bare)


def _ascii(small: str) -> str:
    return small.replace("'", "") if small != "&" else "and"


class Meant(NamedTuple):
    """The word that was meant, and how many slips it is away."""

    word: str
    slips: int


@dataclass(frozen=True)
class Spelling:
    """What a word with a slip in it meant: one of `known`. Words that have the same parts left when letters are dropped
    are compared (Garbe 2012, SymSpell)."""

    known: frozenset[str]

    def meant(self, word: str) -> Meant | None:
        """None of a known word, and where no known word is near, or two are as near. A slip is a letter too
        many, too few, another one, or two that changed places; the first letter is right, and an "s" at the end is
        none."""
        if (word[0], len(word)) not in self._near or word in self.known or not word.isalpha():
            return None
        near = {known for part in _parts(word, _slips(len(word) + 1)) for known in self._by_part.get(part, ())}
        found = sorted(
            (n, known) for known in near if (n := slips(word, known)) <= _slips(len(known)) and _differ(word, known)
        )
        if not found or (len(found) > 1 and found[0][0] == found[1][0]):
            return None
        return Meant(found[0][1], found[0][0])

    @cached_property
    def _near(self) -> set[tuple[str, int]]:
        """First letters and numbers of letters that words near to known ones have. Most words are not among them."""
        known = {(word[0], len(word)) for word in self.known if len(word) <= MOST}
        return {(first, letters + n) for first, letters in known for n in range(-_slips(letters), _slips(letters) + 1)}

    @cached_property
    def _by_part(self) -> dict[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for word in self.known:
            if word.isalpha() and len(word) <= MOST and (n := _slips(len(word))):
                for part in _parts(word, n):
                    found[part].append(word)
        return dict(found)


def slips(one: str, other: str) -> int:
    """Letters to add, drop, change or swap with their neighbour (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one):
        last, before, row = before, row, [i + 1]
        for j, b in enumerate(other):
            least = min(before[j] + (a != b), before[j + 1] + 1, row[j] + 1)
            if i and j and a == other[j - 1] and b == one[i - 1]:
                least = min(least, last[j - 1] + 1)
            row.append(least)
    return row[-1]


def _slips(letters: int) -> int:
    """How many are forgiven."""
    return min(2, letters // LEAST)


def _differ(word: str, known: str) -> bool:
    return word[0] == known[0] and word + "s" != known and known + "s" != word


def _parts(word: str, dropped: int) -> Iterator[str]:
    """The word, and what is left of it without up to so many letters. The first stays."""
    found = {word}
    yield word
    for _ in range(dropped):
        found = {part[:n] + part[n + 1 :] for part in found for n in range(1, len(part))}
        yield from found


def plain(text: str) -> str:
    """The words of a text as they are compared, with single spaces."""
    return " ".join(words(text).plain)
