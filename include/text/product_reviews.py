"""Sentences of product reviews, with what people say they praise and blame (Hu and Liu 2004, CC BY 4.0)."""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from include.errors import BadInput
from include.text.corpora import Span
from include.text.words import SHAPES, words

FILE = "nltk_product_reviews_1.zip"
PRODUCTS = ("Apex_AD2600_Progressive_scan_DVD player", "Canon_G3", "Creative_Labs_Nomad_Jukebox_Zen_Xtra_40GB")
HELD_OUT = ("Nikon_coolpix_4300", "Nokia_6610")  # a camera, of which another is learned from, and a kind of its own
_ASPECT = re.compile(r"([^,\[\]]+)\[\s*([+-])\s*\d?\s*\]((?:\s*\[\w+\])*)")
_NOT_IN_THE_WORDS = ("[u]", "[p]")
# As the file has them: a space before each mark, and small letters only.
_SPACED = re.compile(r" (?=n't\b|'(?:s|t|d|m|ve|re|ll)\b|[.,;:!?)])|(?<=\() ")
_WRITTEN_LARGE = re.compile(r"^\W*[a-z]|(?<=[.!?] )[a-z]|\bi(?=\b(?!-))")
_FORMS = ("", "s", "es", "d", "ed", "ing", "ped", "ping")
_MARK = SHAPES.index("mark")


@dataclass(frozen=True)
class Opinion:
    """A sentence of a review, as people write it, and the characters of what is `praised` or `blamed` in it."""

    text: str
    aspects: frozenset[Span]
    review: int


@dataclass(frozen=True)
class Opinions:
    """Sentences in the order of the file. `unmarked` aspects were said not to be in the words, `lost` ones could not be
    found there: sentences with these are left out."""

    sentences: tuple[Opinion, ...]
    found: int
    unmarked: int
    lost: int


def read_products(folder: Path, products: Iterable[str]) -> Opinions:
    """All sentences of the `products`. BadInput where the file is not in the folder."""
    sentences: list[Opinion] = []
    found = unmarked = lost = review = 0
    for line in _lines(folder / FILE, products):
        if line.startswith("[t]"):
            review += 1
        told, is_sentence, said = line.partition("##")
        if not is_sentence:
            continue
        text = natural(said)
        aspects = {name.strip(): polarity for name, polarity, marks in _ASPECT.findall(told) if not _is_unmarked(marks)}
        unmarked += sum(_is_unmarked(marks) for *_, marks in _ASPECT.findall(told))
        spans, missing = align(text, aspects)
        found, lost = found + len(aspects) - missing, lost + missing
        if not missing:
            sentences.append(Opinion(text, spans, review))
    return Opinions(tuple(sentences), found, unmarked, lost)


def _lines(file: Path, products: Iterable[str]) -> Iterator[str]:
    try:
        with zipfile.ZipFile(file) as packed:
            for product in products:
                yield from packed.read(f"product_reviews_1/{product}.txt").decode("latin-1").splitlines()
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise BadInput(f"aspects: {file} cannot be read ({type(error).__name__}); set PORTRAIT_DATA") from None


def _is_unmarked(marks: str) -> bool:
    return any(mark in marks for mark in _NOT_IN_THE_WORDS)


def natural(said: str) -> str:
    """With marks at their words, and capitals where a sentence begins."""
    text = _SPACED.sub("", " ".join(html.unescape(said).split()))
    return _WRITTEN_LARGE.sub(lambda letter: letter[0].upper(), text)


def align(text: str, aspects: dict[str, str]) -> tuple[frozenset[Span], int]:
    """Where in the text each aspect (`+` praised, `-` blamed) is named, every time, and how many are named nowhere.

    Longer ones first: a battery's life is not its battery. A word may stand in another form, in the plural say.
    """
    of_text = [w for w in zip(*(a.tolist() for a in words(text)), strict=True) if w[2] != _MARK]
    written = [text[start:end].casefold().removesuffix("'s") for start, end, _ in of_text]
    spans: list[Span] = []
    missing = 0
    for name in sorted(aspects, key=len, reverse=True):
        wanted = [name[a:b].casefold() for a, b, shape in zip(*words(name), strict=True) if shape != _MARK]
        places = [n for n in range(len(written)) if wanted and _is_named(wanted, written[n : n + len(wanted)])]
        missing += not places
        for n in places:
            start, end = of_text[n][0], of_text[n + len(wanted) - 1][1]
            if not any(a < end and start < b for a, b, _ in spans):
                spans.append((start, end, "praised" if aspects[name] == "+" else "blamed"))
    return frozenset(spans), missing


def _is_named(wanted: Sequence[str], there: Sequence[str]) -> bool:
    return len(wanted) == len(there) and all(
        mine == other or mine in {other + form for form in _FORMS} | {_plural(other)}
        for mine, other in zip(there, wanted, strict=True)
    )


def _plural(word: str) -> str:
    return word[:-1] + "ies" if word.endswith("y") else word + "s"


def together(sentences: Sequence[Opinion], count: int) -> list[Opinion]:
    """`count` sentences of a review after each other as one text, so that they are read as they are written."""
    found = []
    for start in range(0, len(sentences), count):
        some = sentences[start : start + count]
        if len({s.review for s in some}) > 1 or len(some) < 2:
            continue
        offsets = [sum(len(s.text) + 1 for s in some[:n]) for n in range(len(some))]
        spans = {(a + at, b + at, kind) for s, at in zip(some, offsets, strict=True) for a, b, kind in s.aspects}
        found.append(Opinion(" ".join(s.text for s in some), frozenset(spans), some[0].review))
    return found
