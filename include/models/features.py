"""What a model of sentiment reads: the vector of a text, its words weighted, or both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from include.text.language import CHINESE, ENGLISH

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    Floats = NDArray[np.float64]

Features = Literal["counts", "tfidf", "vectors", "both", "characters", "segmented"]
KINDS: dict[str, tuple[Features, ...]] = {
    ENGLISH: ("tfidf", "counts", "vectors", "both"),
    CHINESE: ("characters", "segmented"),
}  # by language; the first is what the others are held against
WITHOUT_VECTORS = frozenset({CHINESE})  # of the packaged encoder, which knows English: read by their words alone
LEAST_AUTHORS = 5  # who write a word: what fewer write may tell who they are, and a model goes to many places
_MOST_WORDS = 20_000


def learn_words(kind: Features, texts: Sequence[str], authors: Sequence[str]) -> tuple[tuple[str, ...], Floats]:
    """What LEAST_AUTHORS have in common of words or characters, and how rare each is in texts. Nothing where only
    vectors are read."""
    if kind == "vectors":
        return (), np.zeros(0)
    counter = _vectorizer(kind, min_df=LEAST_AUTHORS)
    try:
        counts = counter.fit_transform(texts)
    except ValueError:  # not a word in them
        return (), np.zeros(0)
    written = _by_author(counts, authors)
    known = np.flatnonzero(np.asarray((written > 0).sum(axis=0)).ravel() >= LEAST_AUTHORS)
    often = np.asarray(written.sum(axis=0)).ravel()[known]
    chosen = np.sort(known[np.argsort(-often, kind="stable")[:_MOST_WORDS]])
    found = tuple(counter.get_feature_names_out()[chosen])
    return found, np.ones(len(found)) if kind == "counts" else np.asarray(counter.idf_[chosen], dtype=np.float64)


def _by_author(counts: csr_matrix, authors: Sequence[str]) -> csr_matrix:
    """In how many texts each author has each word."""
    from scipy.sparse import csr_matrix

    _, of = np.unique(np.asarray(authors, dtype=object).astype(str), return_inverse=True)
    whose = csr_matrix((np.ones(len(of)), (of, np.arange(len(of)))))
    return (whose @ (counts > 0)).tocsr()


def weighted(kind: Features, vocabulary: Sequence[str], idf: Floats, texts: Sequence[str]) -> csr_matrix:
    """[n, words]"""
    words = _vectorizer(kind, vocabulary=list(vocabulary))
    if kind != "counts":
        words.idf_ = idf
    return words.transform(texts)


def matrix(
    kind: Features, vocabulary: Sequence[str], idf: Floats, texts: Sequence[str], vectors: NDArray[np.float32]
) -> Any:
    """[n, dimensions of the vector, then words], those of the two that are read."""
    from scipy.sparse import csr_matrix, hstack

    nothing = csr_matrix((len(texts), 0))
    parts = [csr_matrix(vectors.astype(np.float64)) if kind in ("vectors", "both") else nothing]
    if vocabulary:
        parts.append(weighted(kind, vocabulary, idf, texts))
    return hstack(parts).tocsr()


def _vectorizer(kind: Features, **options: Any) -> Any:
    """Words and pairs of words, or characters up to three in a row; of `counts` words alone, as often as they stand."""
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

    if kind == "counts":
        return CountVectorizer(strip_accents="unicode", **options)
    if kind == "characters":
        return TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, **options)
    if kind == "segmented":
        from include.text.chinese import words

        return TfidfVectorizer(tokenizer=words, token_pattern=None, ngram_range=(1, 2), sublinear_tf=True, **options)
    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, strip_accents="unicode", **options)
