"""Sentiment of a text: the probability that its author is pleased, learned from the ratings that stand beside texts.

A linear model for each language, on the text's vector, on its words, or on both (`features`), then Platt scaling (Platt
1999) so that probabilities mean what they say. Plain functions on arrays: no lake, no registry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, TypeAlias

import numpy as np

from include.errors import PortraitError
from include.models.evaluate import roc_auc
from include.models.features import KINDS, WITHOUT_VECTORS, Features, learn_words, matrix, weighted
from include.text.language import ENGLISH, detect

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Learner = Literal["logistic", "svm"]
LEARNERS: tuple[Learner, ...] = ("logistic", "svm")  # those whose model is a weight for each feature
STRENGTHS = (0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)  # of C, inverse regularisation: the same budget for every candidate
LEAST = 20  # texts of each class in a part: with fewer no interval says anything
_SEED = 20_190_101


class Candidate(NamedTuple):
    """What may be trained and registered."""

    features: Features
    learner: Learner = "logistic"

    @property
    def name(self) -> str:
        return self.features if self.learner == "logistic" else f"{self.features}_{self.learner}"


CANDIDATES = {
    language: tuple(Candidate(kind, learner) for kind in kinds for learner in LEARNERS)
    for language, kinds in KINDS.items()
}


class TooFew(PortraitError):
    """There are not enough rated texts. Nothing is wrong: more will come."""


@dataclass(frozen=True)
class Labelled:
    """Texts with what their rating says, oldest first. `vectors` is [n, dim] float32, `positive` [n] bool; `authors`
    are pseudonyms, of which words are kept that several share."""

    texts: tuple[str, ...]
    vectors: NDArray[np.float32]
    positive: NDArray[np.bool_]
    days: tuple[date, ...]
    authors: tuple[str, ...]

    def rows(self, chosen: NDArray[np.intp]) -> Labelled:
        texts, days, authors = (tuple(values[i] for i in chosen) for values in (self.texts, self.days, self.authors))
        return Labelled(texts, self.vectors[chosen], self.positive[chosen], days, authors)

    def rows_and(self, later: Labelled) -> Labelled:
        """These rows and then the others."""
        vectors = np.concatenate([self.vectors, later.vectors])
        positive = np.concatenate([self.positive, later.positive])
        days, authors = self.days + later.days, self.authors + later.authors
        return Labelled(self.texts + later.texts, vectors, positive, days, authors)

    def require_both(self, what: str) -> None:
        """TooFew where a class has too few texts to learn from or to measure on."""
        pleased = int(self.positive.sum())
        displeased = len(self.texts) - pleased
        if min(pleased, displeased) < LEAST:
            raise TooFew(
                f"sentiment: {what} has {pleased:,} texts with a good rating and {displeased:,} with a bad one; "
                f"at least {LEAST} of each are needed"
            )


@dataclass(frozen=True)
class Split:
    """By time: nothing in a later part is older than anything in an earlier one."""

    train: Labelled
    validation: Labelled
    test: Labelled

    def require_both(self, through: date) -> None:
        """TooFew where a part has too few texts of a class."""
        for name in ("train", "validation", "test"):
            getattr(self, name).require_both(f"the {name} part (up to {through})")


@dataclass(frozen=True)
class SentimentModel:
    """A trained model. `weights` are those of the vector's dimensions, then of `vocabulary`; `idf` belongs to it."""

    features: Features
    space: str
    strength: float
    weights: Floats
    intercept: float
    vocabulary: tuple[str, ...]
    idf: Floats
    slope: float = 1.0  # of Platt scaling, over the logit
    shift: float = 0.0
    language: str = ENGLISH  # of the texts it has learned from, the only ones that it reads
    learner: Learner = "logistic"

    @property
    def dim(self) -> int:
        """Of the vectors that it reads; 0: none."""
        return len(self.weights) - len(self.vocabulary)

    def logit(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> Floats:
        """Before scaling, [n]."""
        found = np.full(len(texts), self.intercept, dtype=np.float64)
        if self.dim:
            found += vectors.astype(np.float64) @ self.weights[: self.dim]
        if self.vocabulary:
            found += weighted(self.features, self.vocabulary, self.idf, texts) @ self.weights[self.dim :]
        return found

    def probability(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> Floats:
        """That the author is pleased, [n]."""
        return probabilities(self.logit(texts, vectors), self.slope, self.shift)


class Reads(Protocol):
    """What can be asked what the authors of texts feel."""

    def probability(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> Floats: ...


Sentiment: TypeAlias = Mapping[str, SentimentModel]  # language to what reads it: one version


def pleased(
    models: Mapping[str, Reads], languages: Sequence[str | None], texts: Sequence[str], vectors: NDArray[np.float32]
) -> Floats:
    """The probability of each text that its author is pleased, [n]. NaN where no model reads its language, or its
    vector is none (NaN) and the language is read by vectors."""
    found = np.full(len(texts), np.nan)
    has_vector = ~np.isnan(vectors).all(axis=1)
    spoken = np.array(languages, dtype=object)
    for language, model in models.items():
        rows = np.flatnonzero((spoken == language) & (has_vector | (language in WITHOUT_VECTORS))).tolist()
        if rows:
            found[rows] = model.probability([texts[row] for row in rows], vectors[rows])
    return found


def read(models: Mapping[str, Reads], texts: Sequence[str], vectors: NDArray[np.float32]) -> Floats:
    """The same of texts whose languages are yet to be told."""
    return pleased(models, [detect(text).code for text in texts], texts, vectors)


def label(rating: float, low: float, high: float) -> bool | None:
    """Pleased from three quarters of the scale on (4 of 5 stars), displeased up to one quarter (2 of 5)."""
    share = (rating - low) / (high - low)
    return True if share >= 0.75 else False if share <= 0.25 else None


def split(rows: Labelled, validation: float = 0.2, test: float = 0.2) -> Split:
    """The newest `test` share of the texts, before it the `validation` share; a day is never torn apart."""
    n = len(rows.texts)
    cuts = [day_boundary(rows.days, round(n * share)) for share in (1 - validation - test, 1 - test)]
    parts = [rows.rows(np.arange(a, b)) for a, b in zip([0, *cuts], [*cuts, n], strict=True)]
    return Split(*parts)


def fit(
    rows: Labelled, features: Features, strength: float, space: str,
    learner: Learner = "logistic", language: str = ENGLISH,
) -> SentimentModel:  # fmt: skip
    """One model on all rows, not scaled yet."""
    words = learn_words(features, rows.texts, rows.authors)
    line = _fit(learner, strength, matrix(features, *words, rows.texts, rows.vectors), rows.positive)
    return SentimentModel(features, space, strength, *line, *words, language=language, learner=learner)


def tune(
    parts: Split, features: Features, space: str, learner: Learner = "logistic", language: str = ENGLISH
) -> tuple[SentimentModel, float]:
    """The model with the strength that has the best ROC-AUC on the validation part, and that figure.

    Probabilities are scaled there; then the weights are learned anew from both parts before the test.
    """
    words = learn_words(features, parts.train.texts, parts.train.authors)
    known, seen = (matrix(features, *words, rows.texts, rows.vectors) for rows in (parts.train, parts.validation))
    lines = [_fit(learner, strength, known, parts.train.positive) for strength in STRENGTHS]
    logits = [seen @ weights + intercept for weights, intercept in lines]
    figures = [roc_auc(parts.validation.positive, logit) for logit in logits]
    best = int(np.argmax(figures))
    slope, shift = platt(logits[best], parts.validation.positive)
    whole = fit(parts.train.rows_and(parts.validation), features, STRENGTHS[best], space, learner, language)
    return replace(whole, slope=slope, shift=shift), figures[best]


def platt(logits: Floats, positive: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and shift of the logits with which probabilities mean what they say."""
    from sklearn.linear_model import LogisticRegression

    line = LogisticRegression(C=1e6, random_state=_SEED).fit(logits[:, None], positive)
    return float(line.coef_[0][0]), float(line.intercept_[0])


def probabilities(logits: Floats, slope: float, shift: float) -> Floats:
    """With the slope and the shift of Platt scaling."""
    found: Floats = 1.0 / (1.0 + np.exp(-np.clip(slope * logits + shift, -30, 30)))
    return found


def day_boundary(days: Sequence[date], row: int) -> int:
    """The first row of the day that `row` is on."""
    while 0 < row < len(days) and days[row - 1] == days[row]:
        row -= 1
    return row


def _fit(learner: Learner, strength: float, features: Any, positive: NDArray[np.bool_]) -> tuple[Floats, float]:
    """Weights and intercept."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    if not features.shape[1]:  # not a word that enough people write
        share = positive.mean()
        return np.zeros(0), float(np.log(share / (1 - share)))
    options = {"C": strength, "random_state": _SEED}
    line = LinearSVC(**options, max_iter=5000) if learner == "svm" else LogisticRegression(**options, max_iter=2000)
    line.fit(features, positive)
    return line.coef_[0], float(line.intercept_[0])
