"""Clusters that are there are found, and found again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from include.models.fit_clusters import LEAST, Compared, Found, choose, find_clusters
from tests.unit.include.models.topical import about, topical


@pytest.fixture(scope="module")
def found() -> Found:
    clusters = find_clusters(topical().vectors)
    assert clusters
    return clusters


def test_four_clusters_are_found(found: Found):
    assert (found.chosen.topics, found.is_stable) == (4, True)
    vectors = np.concatenate([about(thing, 20, 90 + thing) for thing in range(4)])  # new ones
    index, confidence = found.clusters.assign(vectors)
    known = index >= 0
    assert known.mean() > 0.8
    assert adjusted_rand_score(np.repeat(range(4), 20)[known], index[known]) == 1.0
    assert confidence[known].min() > 0.9


def test_every_method_was_tried(found: Found):
    assert {c.method for c in found.tried} == {"k-means", "tree", "hdbscan"}
    assert found.chosen in found.tried


def test_a_text_about_something_else_is_unknown(found: Found):
    assert (found.clusters.assign(about(9, 20, 5))[0] == -1).all()


def test_the_same_texts_give_the_same_bits(found: Found):
    again = find_clusters(topical().vectors)
    assert again
    for name in ("mean", "axes", "centroids"):
        assert getattr(again.clusters, name).tobytes() == getattr(found.clusters, name).tobytes()
    assert (again.clusters.threshold, again.chosen) == (found.clusters.threshold, found.chosen)


def test_too_few_texts_have_no_clusters():
    assert find_clusters(topical().vectors[: LEAST - 1]) is None


def test_the_most_topics_of_the_good_and_stable_ones_are_chosen():
    few = Compared("k-means", 4, 4, 0.20, 0.90)
    more = replace(few, asked=8, topics=8, silhouette=0.185, stability=0.60)
    tree = replace(more, method="tree", stability=0.70)
    flat = replace(few, asked=12, topics=12, silhouette=0.17, stability=0.90)
    shaky = replace(few, asked=16, topics=16, silhouette=0.30, stability=0.54)
    assert choose([few, more, tree, flat, shaky]) == tree
    assert choose([few, shaky]) == few
    assert choose([shaky, replace(shaky, stability=0.2)]) == shaky
