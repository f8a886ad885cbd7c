"""Sentiment of a text: the probability that its author is pleased, learned from the ratings that stand beside texts.

Logistic regression on the text's vector, on TF-IDF of its words, or on both, then Platt scaling (Platt 1999) so that
probabilities mean what they say. Plain functions on arrays: no lake, no registry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from include.errors import PortraitError
from include.models.evaluate import roc_auc
from include.text.language import ENGLISH

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    Floats = NDArray[np.float64]

Features = Literal["tfidf", "vectors", "both"]
KINDS: tuple[Features, ...] = ("tfidf", "vectors", "both")
STRENGTHS = (0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)  # of C, inverse regularisation: the same budget for every kind
LEAST = 20  # texts of each class in a part: with fewer no interval says anything
_SEED = 20_190_101
_WORDS = 20_000


class TooFew(PortraitError):
    """There are not enough rated texts. Nothing is wrong: more will come."""


@dataclass(frozen=True)
class Labelled:
    """Texts with what their rating says, oldest first. `vectors` is [n, dim] float32, `positive` [n] bool."""

    texts: tuple[str, ...]
    vectors: NDArray[np.float32]
    positive: NDArray[np.bool_]
    days: tuple[date, ...]

    def rows(self, chosen: NDArray[np.intp]) -> Labelled:
        texts, days = (tuple(values[i] for i in chosen) for values in (self.texts, self.days))
        return Labelled(texts, self.vectors[chosen], self.positive[chosen], days)

    def rows_and(self, later: Labelled) -> Labelled:
        """These rows and then the others."""
        vectors = np.concatenate([self.vectors, later.vectors])
        positive = np.concatenate([self.positive, later.positive])
        return Labelled(self.texts + later.texts, vectors, positive, self.days + later.days)

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

    def logit(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> Floats:
        """Before scaling, [n]."""
        found = np.full(len(texts), self.intercept, dtype=np.float64)
        dim = len(self.weights) - len(self.vocabulary)
        if dim:
            found += vectors.astype(np.float64) @ self.weights[:dim]
        if self.vocabulary:
            found += _weighted(self.vocabulary, self.idf, texts) @ self.weights[dim:]
        return found

    def probability(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> Floats:
        """That the author is pleased, [n]."""
        scaled: Floats = 1.0 / (1.0 + np.exp(-np.clip(self.slope * self.logit(texts, vectors) + self.shift, -30, 30)))
        return scaled


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


def fit(rows: Labelled, features: Features, strength: float, space: str) -> SentimentModel:
    """One model on all rows, not scaled yet."""
    from sklearn.linear_model import LogisticRegression

    vocabulary, idf = _learn_words(rows.texts) if features != "vectors" else ((), np.zeros(0))
    learner = LogisticRegression(C=strength, max_iter=2000, random_state=_SEED)
    learner.fit(_matrix(rows, features, vocabulary, idf), rows.positive)
    return SentimentModel(features, space, strength, learner.coef_[0], float(learner.intercept_[0]), vocabulary, idf)


def tune(parts: Split, features: Features, space: str) -> tuple[SentimentModel, float]:
    """The model with the strength that has the best ROC-AUC on the validation part, and that figure.

    Probabilities are scaled there; then the weights are learned anew from both parts before the test.
    """
    seen = parts.validation
    tried = [fit(parts.train, features, strength, space) for strength in STRENGTHS]
    figures = [roc_auc(seen.positive, model.logit(seen.texts, seen.vectors)) for model in tried]
    best = int(np.argmax(figures))
    platt = scaled(tried[best], seen)
    known = parts.train.rows_and(seen)
    return replace(fit(known, features, STRENGTHS[best], space), slope=platt.slope, shift=platt.shift), figures[best]


def scaled(model: SentimentModel, on: Labelled) -> SentimentModel:
    """The same model with probabilities that fit `on`, which it was not trained on."""
    from sklearn.linear_model import LogisticRegression

    logits = model.logit(on.texts, on.vectors)[:, None]
    platt = LogisticRegression(C=1e6, random_state=_SEED).fit(logits, on.positive)
    return replace(model, slope=float(platt.coef_[0][0]), shift=float(platt.intercept_[0]))


def day_boundary(days: Sequence[date], row: int) -> int:
    """The first row of the day that `row` is on."""
    while 0 < row < len(days) and days[row - 1] == days[row]:
        row -= 1
    return row


def _matrix(rows: Labelled, features: Features, vocabulary: Sequence[str], idf: Floats) -> Any:
    from scipy.sparse import csr_matrix, hstack

    parts = []
    if features != "tfidf":
        parts.append(csr_matrix(rows.vectors.astype(np.float64)))
    if features != "vectors":
        parts.append(_weighted(vocabulary, idf, rows.texts))
    return hstack(parts).tocsr()


def _learn_words(texts: Sequence[str]) -> tuple[tuple[str, ...], Floats]:
    """Words and pairs of words that two texts have, and how rare each is."""
    words = _vectorizer(min_df=2, max_features=_WORDS)
    words.fit(texts)
    return tuple(words.get_feature_names_out()), np.asarray(words.idf_, dtype=np.float64)


def _weighted(vocabulary: Sequence[str], idf: Floats, texts: Sequence[str]) -> csr_matrix:
    words = _vectorizer(vocabulary=list(vocabulary))
    words.idf_ = idf
    return words.transform(texts)


def _vectorizer(**options: Any) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, strip_accents="unicode", **options)
