"""Whether a model of sentiment does what anybody would expect of it, on sentences that were made for it.

After CheckList (Ribeiro et al. 2020, "Beyond Accuracy: Behavioral Testing of NLP Models"): a small test for each thing
a reader of texts must be able to do, which a good figure on reviews may hide. A version is held against the champion's
rates before it takes its place. All sentences are written by hand, or follow from templates that are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Literal

import numpy as np

from include.models.sentiment import Reads, pleased, read
from include.text.language import CHINESE, ENGLISH

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Encode = Callable[[Sequence[str]], NDArray[np.float32]]  # texts to vectors [n, dim]; NaN where there is none

Expected = Literal["pleased", "displeased", "as before", "no less pleased", "no more pleased", "nothing"]
MOST_WORSE = 0.1  # of the cases of a behaviour: by so much more fails than with the champion, and somebody has to look
_TOLERANCE = 0.1  # of a probability, within which it counts as the same (CheckList's own)


@dataclass(frozen=True)
class Case:
    """`text` is expected to be read as such; against `before` where that compares."""

    text: str
    expected: Expected
    before: str = ""


@dataclass(frozen=True)
class Behaviour:
    """Cases of one kind. `is_known_weakness`: reported, and never a doubt."""

    name: str
    cases: tuple[Case, ...]
    is_known_weakness: bool = False


@cache
def behaviours(language: str) -> tuple[Behaviour, ...]:
    """What is asked of what reads a language. Nothing where no cases were written for it."""
    return {ENGLISH: _english, CHINESE: _chinese}.get(language, tuple)()


def texts(languages: Iterable[str]) -> list[str]:
    """All that have to be embedded, each once."""
    cases = [case for language in languages for behaviour in behaviours(language) for case in behaviour.cases]
    return list(dict.fromkeys(text for case in cases for text in (case.text, case.before)))


def pass_rates(models: Mapping[str, Reads], vectors: Mapping[str, NDArray[np.float32]]) -> dict[str, float]:
    """Share of cases that pass, by behaviour, with the language before its name if that is not English; `vectors` of
    all `texts`."""
    return {
        behaviour.name if language == ENGLISH else f"{language} {behaviour.name}": _rate(
            {language: models[language]}, language, behaviour.cases, vectors
        )
        for language in models
        for behaviour in behaviours(language)
    }


def doubt(mine: Mapping[str, float], champions: Mapping[str, float]) -> str | None:
    """The first behaviour that is much worse than the champion's, in words; or that reads what cannot be read."""
    weaknesses = {b.name for language in (ENGLISH, CHINESE) for b in behaviours(language) if b.is_known_weakness}
    for name, rate in mine.items():
        if name.split()[-1] == "unreadable" and rate < 1:
            return f"it reads texts in which there is nothing to be read ({name}: {rate:.0%} pass)"
        if name not in weaknesses and rate < champions.get(name, 0.0) - MOST_WORSE:
            return f"{name}: {rate:.0%} of the cases pass, where the champion has {champions[name]:.0%}"
    return None


def _rate(
    models: Mapping[str, Reads], language: str, cases: Sequence[Case], vectors: Mapping[str, NDArray[np.float32]]
) -> float:
    now, before = ([getattr(case, side) for case in cases] for side in ("text", "before"))
    stacked = [np.stack([vectors[text] for text in side]) for side in (now, before)]
    if cases[0].expected == "nothing":  # the language has to be told first
        return float(np.isnan(read(models, now, stacked[0])).mean())
    found = [
        pleased(models, [language] * len(cases), side, of) for side, of in zip((now, before), stacked, strict=True)
    ]
    return float(np.mean([_passes(c.expected, *pair) for c, *pair in zip(cases, *found, strict=True)]))


def _passes(expected: Expected, now: float, before: float) -> bool:
    """`now` and `before` are probabilities that the author is pleased; NaN passes nothing."""
    match expected:
        case "pleased":
            return now >= 0.5
        case "displeased":
            return now < 0.5
        case "no less pleased":
            return now > before - _TOLERANCE
        case "no more pleased":
            return now < before + _TOLERANCE
        case "as before":
            return (now - 0.5) * (before - 0.5) > 0 or abs(now - before) <= _TOLERANCE
        case "nothing":
            return bool(np.isnan(now))


_THINGS = ("magazine", "phone", "camera", "book", "blender")
_PRAISE, _BLAME = ("good", "excellent", "useful", "great"), ("bad", "terrible", "useless", "boring")
_BRANDS = ("Acme", "Nordwind", "Bellweather", "Kestrel", "Umbra")


def _english() -> tuple[Behaviour, ...]:
    sides: tuple[tuple[tuple[str, ...], Expected, Expected, Expected], ...] = (
        (_PRAISE, "pleased", "displeased", "no less pleased"),
        (_BLAME, "displeased", "pleased", "no more pleased"),
    )
    plain, negated, intensified, misspelt, renamed = [], [], [], [], []
    for opinions, so, opposite, stronger in sides:
        for thing, word in product(_THINGS, opinions):
            said = f"This {thing} is {word}."
            plain.append(Case(said, so))
            negated += [Case(f"This {thing} is not {word}.", opposite),
                        Case(f"I would not say that this {thing} is {word}.", opposite)]  # fmt: skip
            intensified += [Case(f"This {thing} is {more} {word}.", stronger, said)
                            for more in ("really", "extremely", "absolutely")]  # fmt: skip
            misspelt.append(Case(f"This {thing} is {_swapped(word)}. I have used it for a month.", "as before",
                                 f"This {thing} is {word}. I have used it for a month."))  # fmt: skip
            renamed += [Case(f"My new {brand} {thing} is {word}.", "as before", f"My new {thing} is {word}.")
                        for brand in _BRANDS[:2]]  # fmt: skip
    for one, another in product(_BRANDS, _BRANDS):
        if one != another:
            renamed += [Case(f"{one} let me down: it broke in a week.", "as before",
                             f"{another} let me down: it broke in a week."),
                        Case(f"I am so happy with {one}, I will buy it again.", "as before",
                             f"I am so happy with {another}, I will buy it again.")]  # fmt: skip
    return (
        Behaviour("praise and blame", (*plain, *_said(_PLAIN))),
        Behaviour("negation", (*negated, *_said(_NEGATED))),
        Behaviour("intensifiers", tuple(intensified)),
        Behaviour("brands", tuple(renamed)),
        Behaviour("typos", tuple(misspelt)),
        Behaviour("paraphrase", tuple(Case(other, "as before", one) for one, other in _PARAPHRASES)),
        Behaviour("unreadable", tuple(Case(text, "nothing") for text in _UNREADABLE)),
        Behaviour("sarcasm", _said({"displeased": _SARCASM}), is_known_weakness=True),
    )


def _chinese() -> tuple[Behaviour, ...]:
    things, praise, blame = ("杂志", "手机", "相机", "书"), ("好", "棒", "好用"), ("差", "糟糕", "难用")
    plain, negated, intensified = [], [], []
    for thing in things:
        for word in (*praise, *blame):
            so: tuple[Expected, Expected] = (
                ("pleased", "no less pleased") if word in praise else ("displeased", "no more pleased")
            )
            said = f"这个{thing}很{word}。"
            plain.append(Case(said, so[0]))
            intensified += [Case(f"这个{thing}{more}{word}。", so[1], said) for more in ("非常", "特别")]
            if word in praise:
                negated.append(Case(f"这个{thing}不{word}。", "displeased"))
    return (
        Behaviour("praise and blame", tuple(plain)),
        Behaviour("negation", tuple(negated)),
        Behaviour("intensifiers", tuple(intensified)),
        Behaviour("unreadable", tuple(Case(text, "nothing") for text in _UNREADABLE_TO_CHINESE)),
    )


def _swapped(word: str) -> str:
    """Two letters in its middle have changed places; of those that are the same, the next two."""
    at = next(n for n in range(max(1, len(word) // 2 - 1), len(word) - 1) if word[n] != word[n + 1])
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _said(by: Mapping[Expected, Sequence[str]]) -> tuple[Case, ...]:
    return tuple(Case(text, expected) for expected, some in by.items() for text in some)


_PLAIN: dict[Expected, Sequence[str]] = {
    "pleased": ("I love it.", "It works perfectly.", "Best purchase of the year.", "Everyone in the family enjoys it.",
                "I would buy it again.", "It arrived early and in perfect condition."),
    "displeased": ("I hate it.", "It broke after two days.", "A waste of money.", "I want my money back.",
                   "I would never buy it again.", "It arrived late and damaged."),
}  # fmt: skip
_NEGATED: dict[Expected, Sequence[str]] = {
    "pleased": ("I have no complaints.", "It never let me down.", "There is nothing wrong with it.",
                "I did not expect it, but I have no regrets.", "It is not a waste of money at all.",
                "I cannot find a single fault with it."),
    "displeased": ("I do not recommend it.", "I don't like it.", "It never worked.", "It did not help at all.",
                   "I am not happy with it.", "There is nothing good about it.", "It isn't worth the price.",
                   "I have yet to find anything useful in it."),
}  # fmt: skip
_PARAPHRASES = (
    ("I really like this magazine.", "This magazine is really to my liking."),
    ("The battery dies quickly.", "The battery does not last long."),
    ("It was delivered late.", "The delivery came later than promised."),
    ("The price is fair for what you get.", "For what you get, the price is fair."),
    ("I cancelled my subscription.", "I put an end to my subscription."),
    ("My children love it.", "It is loved by my children."),
    ("It broke within a week.", "Within a week it was broken."),
    ("I would recommend it to anyone.", "Anyone should get one, in my opinion."),
    ("Half of the pages are advertisements.", "Every second page is an advertisement."),
    ("The instructions are hard to follow.", "It is hard to follow the instructions."),
    ("The pictures are beautiful.", "It has beautiful pictures."),
    ("The seller never answered.", "I never got an answer from the seller."),
    ("It is easy to use.", "Using it is easy."),
    ("The first issue never came.", "I am still waiting for the first issue."),
    ("It is worth every cent.", "It is well worth the money."),
    ("The sound is poor.", "It has poor sound."),
    ("I regret buying this.", "I wish I had not bought this."),
    ("I look forward to every issue.", "Every issue is something I look forward to."),
    ("It looks cheap.", "It has a cheap look."),
    ("I am very satisfied.", "I could not be more satisfied."),
)
_UNREADABLE = (
    "", " ", "😀", "!!! ???", "5/5", "12345", "Это очень хороший журнал, мне нравится.", "这本杂志很好，我非常喜欢。",
    "この雑誌はとても良いです。", "Cette revue est vraiment très mauvaise, je suis déçu.",
    "Das ist eine wirklich schlechte Zeitschrift, und sie kam zu spät.", "Esta revista es muy buena y me gusta mucho.",
    "La rivista è arrivata in ritardo e danneggiata.", "هذه المجلة جيدة جدا وأنا أحبها.",
    "Bardzo dobry magazyn, polecam każdemu.",
)  # fmt: skip
_UNREADABLE_TO_CHINESE = (
    "", "😀", "！！！", "12345", "Sehr gute Zeitschrift, wirklich.", "This magazine is good.",
    "この雑誌はとても良いです。",
)  # fmt: skip
_SARCASM = (
    "Oh great, another issue full of advertisements.", "Wonderful, it broke on the first day.",
    "I just love waiting six months for my first issue.", "Brilliant idea to print it in a size nobody can read.",
    "Thanks a lot for sending me the wrong one, twice.", "If you enjoy throwing money away, this is perfect for you.",
    "What a surprise, it does not work.", "Best paperweight I ever bought.",
    "So helpful that I fell asleep on page two.", "Five stars for the box, it is the only thing that arrived.",
    "Great product, if you like returning things.", "Yes, of course I wanted half of the pages missing.",
)  # fmt: skip
