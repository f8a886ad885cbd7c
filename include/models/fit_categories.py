"""Categories of a source's items, learned from texts about them: for texts about no item, or one without a category.

Split by time like sentiment: learned from the oldest three fifths, tuned and calibrated on the next fifth, measured on
the newest beside the largest category. Kept only if it is better with the whole interval above zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from include.models.evaluate import Interval, difference
from include.models.sentiment import day_boundary
from include.models.topics import Categories, path_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Bools = NDArray[np.bool_]
    Indices = NDArray[np.intp]

LEAST_TEXTS = 20  # of a category, to be learned
LEAST_USERS = 5
RIGHT = 0.8  # of the answers, on texts it has not learned from: the threshold is as low as that allows
_ANSWERS = 20  # at least, to say so
_STRENGTHS = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0)  # of C, inverse regularisation
_SEED = 20_260_101


@dataclass(frozen=True)
class AboutItems:
    """Texts about items with a category, oldest first: `vectors` [n, dim], `paths` top to leaf, who wrote them."""

    vectors: Floats
    paths: Sequence[Sequence[str]]
    days: Sequence[date]
    users: Sequence[Collection[str]]


@dataclass(frozen=True)
class Learned:
    """Categories, and what they are worth on the newest texts: accuracy of the likeliest and of the largest category,
    the share of texts that get an answer, and how many of the answers are right."""

    categories: Categories
    texts: int
    accuracy: float
    accuracy_majority: float
    gain: Interval
    answered: float
    right: float


def learn_categories(about: AboutItems) -> Learned | None:
    """None where there are not two categories with enough texts, or nothing is learned that beats the largest one."""
    from threadpoolctl import threadpool_limits

    level = level_of(about.paths)
    if level is None:
        return None
    names = np.array([path_of(path, level) or "" for path in about.paths])
    told = np.flatnonzero(names != "")
    days = [about.days[int(n)] for n in told]
    cuts = [0, *(day_boundary(days, round(len(told) * share)) for share in (0.6, 0.8))]
    train, seen, test = (told[a:b] for a, b in zip(cuts, [*cuts[1:], len(told)], strict=True))
    learnable = _with_enough(names[train], [about.users[int(n)] for n in train])
    train = train[np.isin(names[train], learnable)]
    if len(learnable) < 2 or not len(seen) or not len(test):
        return None
    with threadpool_limits(1):  # sums of several threads come in any order
        tried = [_fit(about.vectors[train], names[train], level, strength) for strength in _STRENGTHS]
        best = int(np.argmax([_right(model, about.vectors[seen], names[seen]).mean() for model in tried]))
        temperature = _temperature(tried[best], about.vectors[seen], names[seen])
        threshold = _threshold(replace(tried[best], temperature=temperature), about.vectors[seen], names[seen])
        if threshold is None:
            return None
        known = np.concatenate([train, seen[np.isin(names[seen], learnable)]])
        model = _fit(about.vectors[known], names[known], level, _STRENGTHS[best])
    model = replace(model, temperature=temperature, threshold=threshold)
    learned = _measured(model, about.vectors[test], names[test], Counter(names[known]).most_common(1)[0][0])
    return learned if learned.gain.low > 0 else None


def level_of(paths: Sequence[Sequence[str]]) -> int | None:
    """The first level, from the top, on which two categories have enough texts; None: there is none."""
    for level in range(1, max(map(len, paths), default=0) + 1):
        counts = Counter(path_of(path, level) for path in paths)
        if sum(1 for name, n in counts.items() if name is not None and n >= LEAST_TEXTS) > 1:
            return level
    return None


def _with_enough(names: NDArray[np.str_], users: Sequence[Collection[str]]) -> list[str]:
    """Categories with enough texts of enough users."""
    by: dict[str, set[str]] = {}
    for name, who in zip(names, users, strict=True):
        by.setdefault(str(name), set()).update(who)
    counts = Counter(map(str, names))
    return sorted(name for name, n in counts.items() if n >= LEAST_TEXTS and len(by[name]) >= LEAST_USERS)


def _fit(vectors: Floats, names: NDArray[np.str_], level: int, strength: float) -> Categories:
    from sklearn.linear_model import LogisticRegression

    learner = LogisticRegression(C=strength, max_iter=1000, random_state=_SEED).fit(vectors.astype(np.float64), names)
    weights, intercepts = learner.coef_, learner.intercept_
    if len(learner.classes_) == 2:  # it keeps one row for both
        weights, intercepts = np.vstack([0 * weights, weights]), np.append([0.0], intercepts)
    return Categories(
        level, tuple(map(str, learner.classes_)), weights.astype(np.float32), intercepts.astype(np.float32), 1.0, 0.0
    )


def _right(model: Categories, vectors: Floats, names: NDArray[np.str_]) -> Bools:
    """Whether the likeliest category is the text's."""
    found: Bools = np.array(model.names)[model.probabilities(vectors).argmax(axis=1)] == names
    return found


def _temperature(model: Categories, vectors: Floats, names: NDArray[np.str_]) -> float:
    """What the logits are divided by so that the texts of known categories are the likeliest (Guo et al. 2017)."""
    from scipy.optimize import minimize_scalar

    known = np.isin(names, model.names)
    column = np.searchsorted(model.names, names[known])

    def surprise(log_temperature: float) -> float:
        found = replace(model, temperature=float(np.exp(log_temperature))).probabilities(vectors[known])
        return float(-np.log(np.maximum(found[np.arange(len(column)), column], 1e-12)).mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(-3.0, 3.0), method="bounded").x)) if known.any() else 1.0


def _threshold(model: Categories, vectors: Floats, names: NDArray[np.str_]) -> float | None:
    """The lowest probability from which on enough answers are right; None: there is none. Texts of categories that
    are not learned have no right answer."""
    confidence = model.probabilities(vectors).max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    share = np.cumsum(_right(model, vectors, names)[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero((share >= RIGHT) & (np.arange(1, len(order) + 1) >= _ANSWERS))
    return float(confidence[order[enough[-1]]]) if len(enough) else None


def _measured(model: Categories, vectors: Floats, names: NDArray[np.str_], majority: str) -> Learned:
    right, largest = _right(model, vectors, names), names == majority
    answered = model.assign(vectors)[0] >= 0

    def accuracy(_: Bools, score: NDArray[np.float64]) -> float:
        return float(score.mean())

    gain = difference(accuracy, right, right.astype(np.float64), largest.astype(np.float64))
    return Learned(
        model, len(names), float(right.mean()), float(largest.mean()), gain, float(answered.mean()),
        float(right[answered].mean()) if answered.any() else float("nan"),
    )  # fmt: skip
