"""Which language a text is in. A plain function of the text alone, without torch and without the encoder.

Naive Bayes over the text's letters (py3langid, after Lui and Baldwin 2012), among languages that reviews are written
in, and with English expected more often than any other. Of a text too short for letters to tell, English is still said
where all of its words are English ones. What stays in doubt is unknown, which is never read any further.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.metadata import version as installed
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from include.text.encoder import DEFAULT

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

ENGLISH, CHINESE = "en", "zh"
_RULES = 1  # of this file: raise it with anything that changes an answer
_AMONG = [
    "en",
    "zh",
    "de",
    "fr",
    "es",
    "pt",
    "it",
    "nl",
    "pl",
    "sv",
    "da",
    "no",
    "fi",
    "cs",
    "sk",
    "sl",
    "hr",
    "ru",
    "uk",
    "bg",
    "sr",
    "ja",
    "ko",
    "ar",
    "fa",
    "tr",
    "el",
    "he",
    "hi",
    "vi",
    "id",
    "th",
    "ro",
    "hu",
    "ca",
    "et",
    "lt",
    "lv",
    "az",
    "bn",
    "ta",
    "te",
    "ur",
]
_EXPECTED = 20.0  # times as often as any other language: with less, most short English texts stay in doubt
_SURE, _POSSIBLE = 0.8, 0.3  # probability from which on a language is said; from which on it is if the words agree
_READ = 500  # characters: what they say, the rest says too
_WORD = re.compile(r"[^\W\d_]+")


class Language(NamedTuple):
    """ISO 639-1 code, none where it is in doubt, and the probability that the text is in it, or in the likeliest."""

    code: str | None
    confidence: float


def language_version() -> str:
    """What `detect` answers by, for the rows that hold its answers."""
    return f"py3langid-{installed('py3langid')}-{_RULES}"


def detect(text: str) -> Language:
    """The language of a text."""
    text = text[:_READ]
    if not _WORD.search(text):
        return Language(None, 0.0)
    weighed = {code: share * (_EXPECTED if code == ENGLISH else 1.0) for code, share in _identifier().rank(text)}
    code = max(weighed, key=weighed.__getitem__)
    total = sum(weighed.values())
    confidence = weighed[code] / total
    if confidence > _SURE:
        return Language(code, confidence)
    english = weighed[ENGLISH] / total
    if english > _POSSIBLE and _is_english(text):
        return Language(ENGLISH, english)
    return Language(None, confidence)


def _is_english(text: str) -> bool:
    known = english_words()
    return all(word in known for word in _WORD.findall(text.lower()))


@cache
def _identifier() -> LanguageIdentifier:
    import numpy as np
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    found = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    found.set_languages(_AMONG)
    # As they are multiplied, and those of a feature side by side: the same numbers in half the time.
    found.nb_ptc = np.ascontiguousarray(found.nb_ptc, dtype=np.float32)
    return found


@cache
def english_words() -> frozenset[str]:
    """The whole words that the packaged encoder, which is an English one, was made with."""
    spec = find_spec(DEFAULT)
    if spec is None or spec.origin is None:
        return frozenset()
    lines = (Path(spec.origin).parent / "model" / "vocab.txt").read_text("utf-8").splitlines()
    return frozenset(w for w in lines if w.isascii() and w.isalpha() and (len(w) > 1 or w in "ai"))
