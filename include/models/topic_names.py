"""Names of topics: the words that tell them from each other, and ids that stay from one training to the next."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Indices = NDArray[np.intp]

LEAST_USERS = 5  # who use a word in texts of a topic: what fewer write may tell who they are
WORDS = 4
_MORE = 2.0  # times as often as in all texts: "great" tells no review from another
KEPT = 1 / 3  # of the texts of either: two topics of one size share half of theirs
_WORD = re.compile(r"[^\W\d_]{3,}")


def words_of_topics(
    texts: Sequence[str], users: Sequence[Collection[str]], labels: Indices, topics: int
) -> list[tuple[str, ...]]:
    """Up to four words for each topic, by class-based TF-IDF: tf(word, topic) * log(1 + A / f(word)), with A the mean
    number of words of a topic and f how often all topics have the word (Grootendorst 2022, "BERTopic").

    `labels` [n] are topics, -1: none. A word counts once a text, and where five users have it in the topic and it is
    twice as frequent there as in all texts; English stop words are left out. A topic may have no word.
    """
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    counts: list[Counter[str]] = [Counter() for _ in range(topics)]
    who: list[dict[str, set[str]]] = [defaultdict(set) for _ in range(topics)]
    for text, by, label in zip(texts, users, labels, strict=True):
        if label < 0:
            continue
        for word in set(_WORD.findall(text.lower())) - ENGLISH_STOP_WORDS:
            counts[label][word] += 1
            who[label][word].update(by)
    whole: Counter[str] = sum(counts, Counter())
    mean, sizes = whole.total() / topics, np.bincount(labels[labels >= 0], minlength=topics)
    found = []
    for label, of in enumerate(counts):
        telling = {
            word: n
            for word, n in of.items()
            if len(who[label][word]) >= LEAST_USERS and n / sizes[label] >= _MORE * whole[word] / sizes.sum()
        }
        weights = {word: n * float(np.log1p(mean / whole[word])) for word, n in telling.items()}
        found.append(tuple(sorted(weights, key=lambda word: (-weights[word], word))[:WORDS]))
    return found


def carried(before: Sequence[str | None], labels: Indices, topics: int, highest: int) -> tuple[list[str], int]:
    """An id for each topic, and the highest number that was ever given.

    `before` tells the topic of each text by the version before, None: none. A topic keeps the id of the one that it
    shares most texts with (Jaccard index; the best assignment of all, Kuhn 1955), if that is enough; else it gets a
    number that was never used.
    """
    from scipy.optimize import linear_sum_assignment

    known = sorted({name for name in before if name is not None})
    ids: list[str | None] = [None] * topics
    if known:
        column = {name: n for n, name in enumerate(known)}
        old = np.array([-1 if name is None else column[name] for name in before])
        shared = np.array([[np.sum((labels == k) & (old == o)) for o in range(len(known))] for k in range(topics)])
        mine, theirs = (np.bincount(x[x >= 0], minlength=n) for x, n in ((labels, topics), (old, len(known))))
        jaccard = shared / np.maximum(mine[:, None] + theirs[None, :] - shared, 1)
        for k, o in zip(*linear_sum_assignment(-jaccard), strict=True):
            if jaccard[k, o] >= KEPT:
                ids[k] = known[o]
    given = []
    for name in ids:
        if name is None:
            highest += 1
            name = f"t{highest:04d}"
        given.append(name)
    return given, highest


def without(text: str, spans: Collection[tuple[int, int]]) -> str:
    """The text with these characters blanked."""
    for start, end in spans:
        text = text[:start] + " " * (min(end, len(text)) - start) + text[end:]
    return text
