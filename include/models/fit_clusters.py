"""Clusters of the texts of a source: k-means, a tree (Ward 1963) and HDBSCAN (Campello et al. 2013), compared.

Vectors of texts of one source all point much the same way: their mean is taken off, and the fifty directions are kept
along which they differ most. Whatever finds clusters, a text belongs to the one whose middle is nearest; so methods are
compared, and so texts are read.

Chosen is, of those that are stable, the one with the most topics whose silhouette is within a tenth of the best.
Stable: middles found in two bootstrap samples sort the texts alike, with an adjusted Rand index of 0.55 or more in the
mean. Silhouettes of two clusters are often best and say least; the finer ones say more, as long as they come back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from include.models.topics import Clusters, near

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]
    Indices = NDArray[np.intp]

LEAST = 150  # texts of a source: of fewer no clusters are looked for
COMPARED = 3_000  # texts that clusters are found in: what is compared costs the square of it
STABLE = 0.55  # at 0.5 the magazine reviews came apart anew where a tenth of them were added (decision 26)
_AS_GOOD = 0.9  # of the best silhouette
_LEAST_TOPICS = 4  # fewer tell tone and length of texts apart, not what they are about
_COUNTS = (4, 6, 8, 12, 16, 24, 32)
_SIZES = (15, 40)  # texts of the smallest cluster, for HDBSCAN
_TEXTS_OF_A_TOPIC = 25  # in the mean, at least
_AXES = 50
_SAMPLES = 5
_SEED = 20_260_101

Find = Callable[["Doubles"], "Indices"]  # rows [n, p] to a cluster each, -1: none


@dataclass(frozen=True)
class Compared:
    """How good the clusters of a method are. `asked` is their number, or of HDBSCAN the least size."""

    method: str
    asked: int
    topics: int
    silhouette: float
    stability: float


@dataclass(frozen=True)
class Found:
    """Clusters without names, and how they were chosen."""

    clusters: Clusters
    chosen: Compared
    tried: tuple[Compared, ...]

    @property
    def is_stable(self) -> bool:
        return self.chosen.stability >= STABLE


def find_clusters(vectors: Floats) -> Found | None:
    """The clusters of texts [n, dim]; None where there are too few texts, or nothing that tells them apart.

    The first ones are compared, so rows have to come in an order that says nothing. The same rows give the same bits.
    """
    from threadpoolctl import threadpool_limits

    if len(vectors) < LEAST:
        return None
    with threadpool_limits(1):  # sums of several threads come in any order
        return _find(vectors[:COMPARED])


def _find(vectors: Floats) -> Found | None:
    mean = vectors.mean(axis=0, dtype=np.float64)
    axes = _axes(vectors - mean)
    rows = unit((vectors - mean) @ axes.T)
    chance = np.random.default_rng(_SEED)
    drawn = [np.unique(chance.integers(0, len(rows), len(rows))) for _ in range(_SAMPLES)]
    counts = [k for k in _COUNTS if k <= max(_LEAST_TOPICS, len(rows) // _TEXTS_OF_A_TOPIC)]
    whole, samples = _candidates(rows, counts), [_candidates(rows[some], counts) for some in drawn]
    tried: dict[Compared, tuple[Doubles, list[Indices]]] = {}
    for (method, asked), find in whole.items():
        middles = centres(rows, find(rows))
        if len(middles) < _LEAST_TOPICS:
            continue
        sorted_by = []
        for some, others in zip(drawn, samples, strict=True):
            found = centres(rows[some], others[method, asked](rows[some]))
            sorted_by.append((rows @ found.T).argmax(axis=1) if len(found) else np.zeros(len(rows), dtype=np.intp))
        labels = (rows @ middles.T).argmax(axis=1)
        if len(np.unique(labels)) < len(middles):
            continue
        tried[Compared(method, asked, len(middles), *_worth(rows, labels, sorted_by))] = (middles, sorted_by)
    if not tried:
        return None
    chosen = choose(tuple(tried))
    middles, sorted_by = tried[chosen]
    clusters = Clusters(
        mean.astype(np.float32), axes.astype(np.float32), middles.astype(np.float32), (), -1.0, 0.0, 0.0
    )
    return Found(_calibrated(clusters, vectors, sorted_by), chosen, tuple(tried))


def choose(tried: Sequence[Compared]) -> Compared:
    """By the rule above; where none is stable, the one that is most."""
    stable = [c for c in tried if c.stability >= STABLE]
    if not stable:
        return max(tried, key=lambda c: c.stability)
    best = max(c.silhouette for c in stable)
    good = [c for c in stable if c.silhouette >= best * _AS_GOOD]
    return max(good, key=lambda c: (c.topics, c.stability))


def _candidates(rows: Doubles, counts: Sequence[int]) -> dict[tuple[str, int], Find]:
    """Method and what it is asked for, to what finds clusters in `rows`."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from sklearn.cluster import HDBSCAN, KMeans

    tree = linkage(rows, "ward")

    def kmeans(k: int) -> Find:
        return lambda rows: KMeans(k, n_init=4, random_state=_SEED).fit_predict(rows)

    def cut(k: int) -> Find:
        return lambda _: fcluster(tree, k, "maxclust").astype(np.intp) - 1

    def dense(size: int) -> Find:
        return lambda rows: HDBSCAN(min_cluster_size=size, min_samples=5, copy=True).fit_predict(rows)

    found = {("k-means", k): kmeans(k) for k in counts} | {("tree", k): cut(k) for k in counts}
    return found | {("hdbscan", size): dense(size) for size in _SIZES}


def _worth(rows: Doubles, labels: Indices, sorted_by: Sequence[Indices]) -> tuple[float, float]:
    """Silhouette by cosine (Rousseeuw 1987), and mean adjusted Rand index (Hubert and Arabie 1985) of all pairs."""
    from sklearn.metrics import adjusted_rand_score, silhouette_score

    alike = [adjusted_rand_score(a, b) for a, b in combinations(sorted_by, 2)]
    return float(silhouette_score(rows, labels, metric="cosine")), float(np.mean(alike))


def _calibrated(clusters: Clusters, vectors: Floats, sorted_by: Sequence[Indices]) -> Clusters:
    """With the threshold that nineteen of twenty texts pass, and the probability that a sample agrees, by margin."""
    from sklearn.linear_model import LogisticRegression

    nearest, similarity, margin = near(clusters.cosines(vectors))
    agreed = np.concatenate([_in_terms_of(nearest, labels) == nearest for labels in sorted_by])
    threshold = float(np.quantile(similarity, 0.05))
    if agreed.all() or not agreed.any():
        return replace(clusters, threshold=threshold, shift=4.0 if agreed.all() else -4.0)
    fitted = LogisticRegression(C=1e6).fit(np.tile(margin, len(sorted_by))[:, None], agreed)
    return replace(clusters, threshold=threshold, slope=float(fitted.coef_[0][0]), shift=float(fitted.intercept_[0]))


def _in_terms_of(mine: Indices, theirs: Indices) -> Indices:
    """Their labels, each called by the one of mine that it matches in the best assignment of all; -1: none."""
    from scipy.optimize import linear_sum_assignment
    from sklearn.metrics.cluster import contingency_matrix

    there, here = np.unique(theirs), np.unique(mine)
    names = np.full(there.max() + 1, -1, dtype=np.intp)
    for t, m in zip(*linear_sum_assignment(-contingency_matrix(theirs, mine)), strict=True):
        names[there[t]] = here[m]
    return names[theirs]


def centres(rows: Doubles, labels: Indices) -> Doubles:
    """The middle of each cluster, of length one, [k, p]; without those of no cluster (-1)."""
    middles = [rows[labels == k].mean(axis=0) for k in np.unique(labels[labels >= 0])]
    return unit(np.array(middles)) if middles else np.empty((0, rows.shape[1]))


def unit(rows: Doubles) -> Doubles:
    """Rows of length one."""
    found: Doubles = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return found


def _axes(moved: Doubles) -> Doubles:
    """The directions along which rows around zero differ most, [p, dim]; the largest part of each is positive."""
    _, vectors = np.linalg.eigh(moved.T @ moved)
    axes: Doubles = vectors.T[::-1][:_AXES]
    largest = axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)]
    turned: Doubles = axes * np.sign(largest)[:, None]
    return turned
