"""Words of a claim and of its evidence, so that `batteries` is `battery` and `prices` is `pricing`."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[㐀-鿿]|[^\W_㐀-鿿]+(?:'[^\W_㐀-鿿]+)*")  # a Chinese character is a word here
_VOWEL = re.compile(r"[aeiouy]")
_LOST_AN_E = re.compile(r"[^aeiou][aeiouy][^aeiouwxy]")  # of what is left of `hiked` and `rating`
_LEAST = 3  # letters that an ending must leave


def words(text: str) -> list[str]:
    """In small letters, in the order of the text; `doesn't` is `does not`."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    text = re.sub(r"\b(ca|wo)n't\b", r"\1 not", text)
    return _WORD.findall(text.replace("n't", " not"))


def stems(text: str) -> list[str]:
    """Of each word, in the order of the text."""
    return [stem(word) for word in words(text)]


def stem(word: str) -> str:
    """What is left of an English word without its endings: the first steps of Porter (1980), shortened.

    Forms of one word are alike, but for irregular ones; now and then two words are (`news`, `new`), which may take a
    claim for supported that is not.
    """
    word = _without_ending(_singular(word.removesuffix("'s").removesuffix("'")))
    if len(word) > _LEAST + 1:
        word = word.removesuffix("e")
    return f"{word[:-1]}i" if word.endswith("y") and len(word) > _LEAST - 1 else word


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > _LEAST + 1:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "zes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > _LEAST else word


def _without_ending(word: str) -> str:
    if word.endswith("ied") and len(word) > _LEAST + 1:
        return f"{word[:-3]}y"
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= _LEAST and _VOWEL.search(rest):
            if rest[-1] == rest[-2] and len(rest) > _LEAST and rest[-1] not in "lsz":
                return rest[:-1]
            return f"{rest}e" if _LOST_AN_E.fullmatch(rest) else rest
    rest = word.removesuffix("ly")
    return rest if len(rest) > _LEAST else word
