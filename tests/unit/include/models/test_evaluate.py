"""Figures and their intervals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score

from include.models.evaluate import brier, calibration_error, difference, draw, interval, roc_auc

chance = np.random.default_rng(3)
POSITIVE = chance.random(400) < 0.6
SCORE = np.clip(0.5 + 0.25 * (POSITIVE - 0.5) + 0.2 * chance.normal(size=400), 0.01, 0.99)
NOISE = chance.random(400)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40))
def test_roc_auc_is_that_of_scikit_learn(rows: list[tuple[bool, int]]):
    positive, score = np.array([p for p, _ in rows]), np.array([s / 5 for _, s in rows])
    if len(set(positive)) == 2:
        assert roc_auc(positive, score) == pytest.approx(roc_auc_score(positive, score))
    else:
        assert np.isnan(roc_auc(positive, score))


def test_brier_is_that_of_scikit_learn():
    assert brier(POSITIVE, SCORE) == pytest.approx(brier_score_loss(POSITIVE, SCORE))


def test_calibration_error_by_hand():
    positive = np.array([True, False, True, True])
    assert calibration_error(positive, np.array([0.55, 0.55, 0.95, 0.95])) == pytest.approx((0.05 * 2 + 0.05 * 2) / 4)


def test_an_interval_holds_the_figure_and_is_the_same_each_time():
    found = interval(roc_auc, POSITIVE, SCORE)
    assert 0.5 < found.low < found.value < found.high < 1
    assert found == interval(roc_auc, POSITIVE, SCORE)


def test_a_difference_is_surely_above_zero_only_where_it_is():
    assert difference(roc_auc, POSITIVE, SCORE, NOISE).low > 0
    same = difference(roc_auc, POSITIVE, SCORE, SCORE)
    assert (same.low, same.value, same.high) == (0, 0, 0)
    other = difference(roc_auc, POSITIVE, NOISE, chance.random(400))
    assert other.low < 0 < other.high


def test_three_pictures_are_drawn(tmp_path: Path):
    files = draw(tmp_path, POSITIVE, SCORE, "made up")
    assert [f.name for f in files] == ["roc.png", "calibration.png", "confusion.png"]
    assert all(f.read_bytes().startswith(b"\x89PNG") for f in files)
