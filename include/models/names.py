"""Names of items: brands, titles and what kind of thing they are, as files, and where texts speak of them.

A name is compared by its words without capitals, accents, apostrophes and the spaces between ("WH 1000XM4" is
"wh-1000xm4"). Each source has names of its own; spans of two sources may lie over each other.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Literal, NamedTuple

from include.models import artefact
from include.text.spelling import Meant, Spelling, Words, is_han, words

What = Literal["brand", "title", "kind"]
# What it takes to be meant, beside the letters: nothing; a capital, or the kind of thing right after; a capital, no
# other name beside, and to be amid a sentence or before the kind of thing; all of it.
FREE, CAPITAL, AMID, BESIDE = range(4)
SURE, SPACED, PLURAL, WARY = 0.95, 0.9, 0.85, 0.85  # confidence: as written; other spaces; one "s" more; AMID or BESIDE
SLIPPED = (1.0, 0.85, 0.75)  # by how many slips; what a name with one is worth of its confidence
_START, _LONGER, _START_HAN = 5, 9, 2  # letters of a name by which it is looked up first
KIND_WORDS = 4  # of a kind of thing at most
_MANY = 12  # letters of a name in which two slips are forgiven
_FILE = "names.json"
_SHOUTED, _FEW = 0.6, 4  # share of words with a capital; words of which a share says something
_JOINTS = (" ", "-", "", "' ", "’ ")  # between words of one name
_ENDS = ".!?:;\n…。！？"


@dataclass(frozen=True, order=True)
class Name:
    """`words` is how it is compared, `name` how the source writes it, `item_id` the item if it is of one alone."""

    source: str
    words: str
    what: What
    name: str
    item_id: str | None
    needs: int

    @property
    def letters(self) -> str:
        return self.words.replace(" ", "")

    @property
    def plural(self) -> str:
        """Of a kind of thing the words of many, where they are more than an "s"; else the words."""
        if self.what != "kind":
            return self.words
        if self.words.endswith("y") and self.words[-2] not in "aeiou":
            return self.words[:-1] + "ies"
        return self.words + "es" if self.words.endswith(("x", "z", "ch", "sh")) else self.words


class Span(NamedTuple):
    """Characters `start` to `end` of a text speak of a name: a brand is an `organisation`, the others are a `product`.
    `confidence` says how near it is to what the source writes; it is no probability that was learned."""

    start: int
    end: int
    label: str
    confidence: float
    name: str
    source: str
    item_id: str | None


class Hit(NamedTuple):
    """Words `first` up to before `last` may be a name: `slips` in its letters; other spaces; an "s" too many."""

    name: Name
    first: int
    last: int
    end: int  # character
    slips: int
    is_spaced: bool
    is_plural: bool


@dataclass(frozen=True)
class Names:
    """All names that count, sorted, and `others`: by source, words near to one of theirs that are right as they are."""

    names: tuple[Name, ...]
    others: tuple[tuple[str, str], ...] = ()

    def spans(self, texts: Sequence[str]) -> list[list[Span]]:
        """What `matches` says of each text."""
        return [self.matches(text) for text in texts]

    def matches(self, text: str) -> list[Span]:
        """The names in a text, from left to right, of those that begin at a word the longest; those of one source do
        not overlap. Texts have passed `clean_text`."""
        seen = words(text)
        free: dict[str, int] = {}
        found: list[Span] = []
        for hit in self.hits(seen, text):
            of = hit.name
            if hit.first < free.get(of.source, 0):
                continue
            confidence = self._confidence(hit, seen, text)
            if confidence is None:
                continue
            free[of.source] = hit.last
            label = "organisation" if of.what == "brand" else "product"
            start = seen.spans[hit.first][0]
            found.append(Span(start, hit.end, label, confidence, of.name, of.source, of.item_id))
        return found

    def hits(self, seen: Words, text: str) -> Iterator[Hit]:
        """All that have the letters of a name, whatever it takes beside: by their first word, the longest first."""
        index = self._index
        meant = [index.meant(word) for word in seen.plain]
        said = [m.word if m else word for m, word in zip(meant, seen.plain, strict=True)]
        letters = "".join(said)
        ends = [0, *accumulate(map(len, said))]
        for first, most in index.beginnings(said, letters, ends):
            a, last = ends[first], first
            while last < len(said) and ends[last + 1] - a <= most:
                last += 1
            for n in range(last, first, -1):
                b = ends[n]
                if letters[a:b] in index.names:
                    wrong = [(word, m) for word, m in zip(seen.plain[first:n], meant[first:n], strict=True) if m]
                    for name in index.names[letters[a:b]]:
                        if not wrong or index.may_slip(name, b - a, wrong):
                            is_spaced = " ".join(said[first:n]) not in (name.words, name.plural)
                            slips = sum(m.slips for _, m in wrong)
                            yield Hit(name, first, n, seen.spans[n - 1][1], slips, is_spaced, False)
                if letters[b - 1] == "s" and letters[a : b - 1] in index.names and not any(meant[first:n]):
                    yield from _without_s(index.names[letters[a : b - 1]], first, n, seen, text)

    def _confidence(self, hit: Hit, seen: Words, text: str) -> float | None:
        """None where it is not meant."""
        is_kind = hit.name.what == "kind"
        changed = SPACED if hit.is_spaced else PLURAL if hit.is_plural and not is_kind else SURE
        is_code = any(c.isdigit() for c in hit.name.words)  # whose spaces nobody remembers
        needs = hit.name.needs if changed == SURE or is_kind or is_code else max(hit.name.needs, CAPITAL)
        if needs > FREE and not self._is_meant(hit, needs, seen, text):
            return None
        return round(min(changed, WARY if needs >= AMID else SURE) * SLIPPED[hit.slips], 3)

    def _is_meant(self, hit: Hit, needs: int, seen: Words, text: str) -> bool:
        written = [text[a:b] for a, b in seen.spans[hit.first : hit.last]]
        has_capital, is_shout = _is_capitalised(written, hit.name.name), is_shouted(seen, text)
        is_beside = self._is_beside(hit, seen)
        if needs == CAPITAL:
            return (has_capital and not is_shout) or is_beside
        if not has_capital or hit.is_plural or not _is_alone(hit, seen, text, is_beside):
            return False
        is_amid = not is_shout and is_amid_a_sentence(hit.first, seen, text)
        return is_amid and is_beside if needs == BESIDE else is_amid or is_beside

    def _is_beside(self, hit: Hit, seen: Words) -> bool:
        """Whether a kind of thing of the source is right after the name, or its end."""
        said = seen.plain[hit.first : hit.last + KIND_WORDS]
        n = hit.last - hit.first
        parts = [said[a:n] for a in range(1, n)] + [said[n:b] for b in range(n + 1, len(said) + 1)]
        return any((hit.name.source, " ".join(part)) in self._index.kinds for part in parts)

    @cached_property
    def _index(self) -> _Index:
        return _Index(self.names, self.others)


class _Index:
    """Names by their letters."""

    def __init__(self, names: Sequence[Name], others: Sequence[tuple[str, str]]) -> None:
        by_letters: defaultdict[str, list[Name]] = defaultdict(list)
        self.kinds = frozenset((name.source, name.words) for name in names if name.what == "kind")
        self._most: dict[str, int] = {}
        for name in names:
            for letters in {name.letters, name.plural.replace(" ", "")}:
                by_letters[letters].append(name)
                for start, most in _starts(letters).items():
                    self._most[start] = max(self._most.get(start, 0), most)
        self.names = {letters: tuple(of) for letters, of in by_letters.items()}
        self._others = frozenset(others)
        self._spelling = Spelling(frozenset(word for name in names for word in name.words.split(" ")))
        self.meant = lru_cache(maxsize=50_000)(self._meant)

    def beginnings(self, said: Sequence[str], letters: str, ends: Sequence[int]) -> Iterator[tuple[int, int]]:
        """At which words a name may begin, and how many letters it has at most. Most words are none."""
        most_of, may_be_han = self._most.get, not letters.isascii()
        for first, word in enumerate(said):
            a = ends[first]
            if may_be_han and is_han(word):
                most = most_of(letters[a : a + _START_HAN], 0)
            elif (most := most_of(letters[a : a + _START], -1)) >= 0:
                most = max(most, most_of(letters[a : a + _LONGER], 0))
            if len(word) < _START:
                most = max(most, most_of(word + " ", 0))
            if most > 0:
                yield first, most

    def may_slip(self, name: Name, letters: int, wrong: Sequence[tuple[str, Meant]]) -> bool:
        """Whether these words of a name of so many letters may be slips."""
        if sum(meant.slips for _, meant in wrong) > (1 if letters < _MANY else 2):
            return False
        return not any((name.source, word) in self._others for word, _ in wrong)

    def _meant(self, word: str) -> Meant | None:
        return None if word in self.names else self._spelling.meant(word)


def save(names: Names, folder: Path) -> str:
    """Write the files of a version; the digest by which it is known."""
    rows = [astuple(name) for name in names.names]
    told = {"names": rows, "others": names.others}
    (folder / _FILE).write_text(json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")
    return artefact.seal(folder, [_FILE])


def load(folder: Path, digest: str, name: str) -> Names:
    """The names that were saved under this digest. BadInput that names the file if one is other than it was."""
    artefact.require_sealed(folder, digest, name, [_FILE])
    told = json.loads((folder / _FILE).read_text("utf-8"))
    return Names(tuple(Name(*row) for row in told["names"]), tuple((source, word) for source, word in told["others"]))


def is_shouted(seen: Words, text: str) -> bool:
    """Whether capitals say nothing, because most of the longer words have one."""
    first = [text[a] for a, b in seen.spans if b - a > 3]
    return sum(letter.isupper() for letter in first) > _SHOUTED * max(_FEW, len(first))


def is_amid_a_sentence(first: int, seen: Words, text: str) -> bool:
    """Whether the word follows another one of its sentence."""
    return first > 0 and not any(mark in _ENDS for mark in text[seen.spans[first - 1][1] : seen.spans[first][0]])


def _is_alone(hit: Hit, seen: Words, text: str, is_beside: bool) -> bool:
    """Whether no other word with a capital stands right beside: with it they would be another name. A short word that
    begins a sentence says nothing, nor does a kind of thing behind."""
    before, after = hit.first - 1, hit.last
    if after < len(seen.spans) and not is_beside and _is_capital_after(hit.end, after, seen, text):
        return False
    if before < 0 or not text[seen.spans[before][0]].isupper():
        return True
    if text[seen.spans[before][1] : seen.spans[hit.first][0]] not in _JOINTS or seen.plain[before] == "i":
        return True
    return len(seen.plain[before]) < _START and not is_amid_a_sentence(before, seen, text)


def _is_capital_after(end: int, after: int, seen: Words, text: str) -> bool:
    start = seen.spans[after][0]
    return text[end:start] in _JOINTS and text[start].isupper()


def _is_capitalised(written: Sequence[str], name: str) -> bool:
    """Whether words are written as a name: all the longer ones, the first and the last with a capital, a short name in
    capitals alone; or as the source writes it, if that has a capital."""
    if not any(c.isupper() for c in "".join(written)):
        return False
    if " ".join(written) == name:
        return True
    if sum(map(len, written)) <= 3:
        return all(word.isupper() for word in written)
    must = [word for n, word in enumerate(written) if len(word) > 3 or n in (0, len(written) - 1)]
    return all(word[0].isupper() or not word[0].isalpha() for word in must)


def _without_s(names: Sequence[Name], first: int, last: int, seen: Words, text: str) -> Iterator[Hit]:
    """A genitive, or more than one."""
    end = seen.spans[last - 1][1]
    is_genitive = text[end - 2] in "'’"
    for name in names:
        is_spaced = " ".join(seen.plain[first:last])[:-1] != name.words
        yield Hit(name, first, last, end - 2 if is_genitive else end, 0, is_spaced, not is_genitive)


def _starts(letters: str) -> dict[str, int]:
    """By which first letters a name is looked up, and how many it has at most, a genitive included. A long name is by
    many, so that few words of a text go on to be compared; a short one also by what may be its first word."""
    most = len(letters) + 1
    if is_han(letters):
        return {letters[:_START_HAN]: most}
    if len(letters) < _START:
        many = letters + "s"
        return {many: most} | {many[:n] + " ": most for n in range(1, most + 1)}
    if len(letters) < _LONGER:
        return {letters[:_START]: most}
    return {letters[:_START]: 0, letters[:_LONGER]: most}
