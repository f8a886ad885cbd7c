"""Tags on words, and the entities they are."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from include.text.tags import ASPECT_TAGS, ENTITY_TAGS, decode, name_of_aspect, name_of_entity, spans, tagged


def scores(*tags: str, sure: float = 0.9) -> np.ndarray:
    """Log probabilities in which each word has one likeliest tag."""
    rest = (1 - sure) / (len(ENTITY_TAGS) - 1)
    return np.log(np.array([[sure if tag == mine else rest for tag in ENTITY_TAGS] for mine in tags]))


def test_entities_begin_and_go_on():
    tags = ["O", "B-person", "I-person", "B-person", "I-place", "I-place", "O", "B-product"]
    assert spans(tags) == [(1, 2, "person"), (3, 3, "person"), (4, 5, "place"), (7, 7, "product")]
    assert spans(["O", "O"]) == spans([]) == []


def test_the_least_sure_word_counts():
    found = tagged(np.concatenate([scores("B-place"), scores("I-place", sure=0.6), scores("O")]), ENTITY_TAGS)
    assert [(e.first, e.last, e.kind, round(e.confidence, 3)) for e in found] == [(0, 1, "place", 0.6)]
    assert tagged(scores("O", "O"), ENTITY_TAGS) == []
    assert tagged(np.zeros((0, len(ENTITY_TAGS))), ENTITY_TAGS) == []


def test_nothing_goes_on_without_a_beginning():
    found = tagged(scores("O", "I-person", "I-person", sure=0.5), ENTITY_TAGS)
    assert [(e.first, e.last, e.kind) for e in found] == [(1, 2, "person")]


@given(arrays(np.float64, st.tuples(st.integers(1, 4), st.just(len(ASPECT_TAGS))), elements=st.floats(-9, 0)))
def test_the_likeliest_way_of_all(of_words: np.ndarray):
    """Against trying every one."""

    def is_allowed(way: tuple[int, ...]) -> bool:
        tags = ["O", *(ASPECT_TAGS[n] for n in way)]
        return all(b[0] != "I" or (a != "O" and a[2:] == b[2:]) for a, b in pairwise(tags))

    def weight(way: tuple[int, ...]) -> float:
        return float(sum(row[n] for row, n in zip(of_words, way, strict=True)))

    ways = product(range(len(ASPECT_TAGS)), repeat=len(of_words))
    best = max(weight(way) for way in ways if is_allowed(way))
    assert abs(weight(tuple(decode(of_words, ASPECT_TAGS))) - best) < 1e-9


@pytest.mark.parametrize(
    ("written", "entity", "aspect"),
    [("Sony's", "sony", "sony"), ("New \n York", "new york", "new york"), ("Ring Tones", "ring tones", "ring tone"),
     ("news", "news", "news"), ("lens", "lens", "lens"), ("price", "price", "price"), ("Glasses", "glasses", "glasses"),
     ("size", "size", "size"), ("display is", "display is", "display is"), ("graphics", "graphics", "graphics"),
     ("menus", "menus", "menus"), ("dvds", "dvds", "dvd"), ("Straße", "strasse", "strasse"), ("ads", "ads", "ads")],
)  # fmt: skip
def test_names_in_their_normal_form(written: str, entity: str, aspect: str):
    assert (name_of_entity(written), name_of_aspect(written)) == (entity, aspect)
