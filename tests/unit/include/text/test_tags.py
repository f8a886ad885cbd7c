"""Tags on words, and the entities they are."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from include.text.tags import TAGS, decode, entities, spans


def scores(*tags: str, sure: float = 0.9) -> np.ndarray:
    """Log probabilities in which each word has one likeliest tag."""
    rest = (1 - sure) / (len(TAGS) - 1)
    return np.log(np.array([[sure if tag == mine else rest for tag in TAGS] for mine in tags]))


def test_entities_begin_and_go_on():
    tags = ["O", "B-person", "I-person", "B-person", "I-place", "I-place", "O", "B-product"]
    assert spans(tags) == [(1, 2, "person"), (3, 3, "person"), (4, 5, "place"), (7, 7, "product")]
    assert spans(["O", "O"]) == spans([]) == []


def test_the_least_sure_word_counts():
    found = entities(np.concatenate([scores("B-place", sure=0.9), scores("I-place", sure=0.6), scores("O")]))
    assert [(e.first, e.last, e.kind, round(e.confidence, 3)) for e in found] == [(0, 1, "place", 0.6)]
    assert entities(scores("O", "O")) == []
    assert entities(np.zeros((0, len(TAGS)))) == []


def test_nothing_goes_on_without_a_beginning():
    found = entities(scores("O", "I-person", "I-person", sure=0.5))
    assert [(e.first, e.last, e.kind) for e in found] == [(1, 2, "person")]


@given(arrays(np.float64, st.tuples(st.integers(1, 4), st.just(len(TAGS))), elements=st.floats(-9, 0)))
def test_the_likeliest_way_of_all(of_words: np.ndarray):
    """Against trying every one."""

    def is_allowed(way: tuple[int, ...]) -> bool:
        tags = ["O", *(TAGS[n] for n in way)]
        return all(b[0] != "I" or (a != "O" and a[2:] == b[2:]) for a, b in pairwise(tags))

    def weight(way: tuple[int, ...]) -> float:
        return float(sum(row[n] for row, n in zip(of_words, way, strict=True)))

    ways = product(range(len(TAGS)), repeat=min(len(of_words), 3))
    of_words = of_words[:3]
    best = max(weight(way) for way in ways if is_allowed(way))
    assert abs(weight(tuple(decode(of_words))) - best) < 1e-9
