"""The marks of the exam: pure functions of what was found and what is so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from include.models.evaluate import roc_auc
from include.models.topics import STEP
from include.text.corpora import Sentence, Span
from include.text.product_reviews import Opinion
from include.text.tags import TYPES, name_of_aspect

MENTIONED = {"brand": "organisation", "product": "product"}  # by the shop's own word: the kind of entity it is
OPINION = {1: "praised", -1: "blamed"}  # of an aspect; what is only named is neither
LEAST_EVENTS = 10  # of a user whose interest one may ask for


class Place(NamedTuple):
    """A record: its file, below the shop's folder, and where in it, from 1."""

    file: str
    position: int


def top_interest(found: Mapping[str, str], so: Mapping[str, str], events: Mapping[str, int]) -> float:
    """Of the users who did at least ten things, the share whose strongest interest was found. `found` and `so` are
    categories by user; who has none in `found` counts as wrong."""
    asked = [user for user, n in events.items() if n >= LEAST_EVENTS and user in so]
    return sum(found.get(user) == so[user] for user in asked) / len(asked) if asked else float("nan")


def rejected_is_dirt(rejected: Iterable[Place], dirt: Iterable[Place]) -> float:
    """How well both are the same: what is in both over what is in either (Jaccard)."""
    one, other = set(rejected), set(dirt)
    return len(one & other) / len(one | other) if one | other else 1.0


def categories(found: Mapping[str, str | None], so: Mapping[str, Sequence[str]]) -> float:
    """Of the texts in `found`, the share whose category is right: a path from the top, as far down as it goes. Who has
    none counts as wrong."""
    right = sum(is_path(path, so[text]) for text, path in found.items())
    return right / len(found) if found else float("nan")


def is_path(found: str | None, so: Sequence[str]) -> bool:
    """Whether what was found are the first steps of the path that is so."""
    steps = found.split(STEP) if found else []
    return bool(steps) and steps == list(so[: len(steps)])


class Found(NamedTuple):
    """Of what was taken for something, how much is; of what is it, how much was found."""

    precision: float
    recall: float


def bots(suspects: set[str], busy: set[str], every: set[str]) -> Found:
    """`suspects` against the bots: precision over `every` bot there is, recall over those `busy` while one looked."""
    precision = len(suspects & every) / len(suspects) if suspects else float("nan")
    return Found(precision, len(suspects & busy) / len(busy) if busy else float("nan"))


def sentiment(pleased: Mapping[str, float], polarity: Mapping[str, int]) -> float:
    """ROC-AUC of the probability that an author is pleased, over texts whose words praise (1) or blame (-1)."""
    asked = [text for text in pleased if polarity.get(text)]
    return roc_auc(np.array([polarity[t] > 0 for t in asked], bool), np.array([pleased[t] for t in asked], float))


def mentions(
    found: Mapping[str, Collection[Span]], so: Mapping[str, Collection[Span]], kinds: Collection[str]
) -> float:
    """Micro F1 of exact spans and kinds over the texts in `found`. `so` has these `kinds` alone: what was taken for
    another, a person or a place, is wrong only where it stands in the place of one of those."""
    right = wrong = missed = 0
    for text, spans in found.items():
        mine = {span for span in spans if span[2] in kinds}
        right += len(mine & set(so.get(text, ())))
        wrong += len(mine - set(so.get(text, ())))
        missed += len(set(so.get(text, ())) - mine)
    return 2 * right / (2 * right + wrong + missed) if right + wrong + missed else float("nan")


def entities(predicted: Sequence[frozenset[Span]], rows: Sequence[Sentence]) -> dict[str, float]:
    """Micro precision, recall and F1 of exact spans and kinds; F1 by kind."""
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    for mine, sentence in zip(predicted, rows, strict=True):
        right.update(kind for *_, kind in mine & sentence.entities)
        wrong.update(kind for *_, kind in mine - sentence.entities)
        missed.update(kind for *_, kind in sentence.entities - mine)

    by_kind = {f"f1_{kind}": _f1(right[kind], wrong[kind], missed[kind]) for kind in TYPES}
    return _rounded(_figures(right.total(), wrong.total(), missed.total()) | by_kind)


def aspects(predicted: Sequence[frozenset[Span]], rows: Sequence[Opinion]) -> dict[str, float]:
    """Micro precision, recall and F1 of aspects with their polarity, `f1_terms` of aspects whatever their polarity, and
    the share of the terms found whose `polarity` is right. A term is right that has the same first and last word as a
    labelled one; what is named twice in a sentence counts once."""
    named = [({(name_of_aspect(s.text[a:b]), kind) for a, b, kind in mine},
              {(name_of_aspect(s.text[a:b]), kind) for a, b, kind in s.aspects})
             for mine, s in zip(predicted, rows, strict=True)]  # fmt: skip
    terms = [({name for name, _ in mine}, {name for name, _ in theirs}) for mine, theirs in named]
    found = sum(len(mine & theirs) for mine, theirs in terms)
    both = _counts(named)
    return _rounded(_figures(*both) | {"f1_terms": _f1(*_counts(terms)), "polarity": both[0] / max(1, found)})


def _counts(pairs: Iterable[tuple[set[Any], set[Any]]]) -> tuple[int, int, int]:
    """How many are in both, in the first alone, in the second alone."""
    counted = [(len(a & b), len(a - b), len(b - a)) for a, b in pairs]
    return sum(c[0] for c in counted), sum(c[1] for c in counted), sum(c[2] for c in counted)


def _figures(right: int, wrong: int, missed: int) -> dict[str, float]:
    return {"precision": right / max(1, right + wrong), "recall": right / max(1, right + missed),
            "f1": _f1(right, wrong, missed)}  # fmt: skip


def _f1(right: int, wrong: int, missed: int) -> float:
    return 2 * right / max(1, 2 * right + wrong + missed)


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in figures.items()}
