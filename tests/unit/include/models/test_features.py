"""What a model reads of a text."""

from __future__ import annotations

import numpy as np
import pytest

from include.models.features import Features, learn_words, matrix, weighted

FIVE = ("u1", "u2", "u3", "u4", "u5")


@pytest.mark.parametrize(
    ("kind", "texts", "known"),
    [("counts", ("a late paper", "late paper"), ("late", "paper")),
     ("tfidf", ("a late paper", "late paper"), ("late", "late paper", "paper")),
     ("characters", ("很好", "很好"), ("好", "很", "很好")),
     ("segmented", ("这本杂志不便宜", "杂志不便宜！"), ("不", "不 便宜", "便宜", "杂志", "杂志 不")),
     ("vectors", ("late", "late"), ())],
)  # fmt: skip
def test_words_that_five_authors_have(kind: Features, texts: tuple[str, ...], known: tuple[str, ...]):
    vocabulary, idf = learn_words(kind, [texts[0], *[texts[1]] * 4], FIVE)
    assert len(idf) == len(vocabulary)
    assert vocabulary == known


def test_what_few_authors_write_is_not_kept_however_often():
    texts = [*["late paper, says Zebulon"] * 9, *["late paper"] * 4]
    assert learn_words("counts", texts, ["u1"] * 9 + [*FIVE[1:]])[0] == ("late", "paper")
    assert learn_words("counts", texts, ["u1"] * 10 + [*FIVE[2:]])[0] == ()
    assert learn_words("counts", ["!"] * 5, FIVE)[0] == ()


def test_words_are_counted_or_weighted_by_how_rare_they_are():
    texts = ("late late paper", "paper", "late paper")
    assert weighted("counts", ("late", "paper"), np.ones(2), texts).toarray().tolist() == [[2, 1], [0, 1], [1, 1]]
    rare = weighted("tfidf", ("late", "paper"), np.array([2.0, 1.0]), texts).toarray()
    assert np.allclose((rare**2).sum(axis=1), 1)
    assert rare[2, 0] == pytest.approx(2 * rare[2, 1])


def test_the_vector_stands_before_the_words():
    vectors = np.array([[0.5, -1.0]], dtype=np.float32)
    assert matrix("both", ("late",), np.ones(1), ["late"], vectors).toarray().tolist() == [[0.5, -1.0, 1.0]]
    assert matrix("vectors", (), np.zeros(0), ["late"], vectors).toarray().tolist() == [[0.5, -1.0]]
    assert matrix("counts", ("late",), np.ones(1), ["late"], vectors).toarray().tolist() == [[1.0]]
