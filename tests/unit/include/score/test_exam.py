from __future__ import annotations

import json
from pathlib import Path

import pytest

from include.score import exam
from include.score.exam import Mark


def test_a_mark_without_a_bound_is_met_and_one_without_a_value_is_not() -> None:
    assert Mark("a", "easy", 1, 0.1, None).is_met
    assert Mark("a", "easy", 1, 0.8, 0.8).is_met
    assert not Mark("a", "easy", 1, 0.79, 0.8).is_met
    assert not Mark("a", "easy", 1, None, 0.8).is_met


def test_bounds_are_those_of_the_difficulty() -> None:
    assert exam._mark("shop_top_interest", "middle", 1, 0.91234).bound == 0.8
    assert exam._mark("shop_top_interest", "hard", 1, 0.5).bound is None
    assert exam._mark("shop_rejected_is_dirt", "hard", 1, 1.0).bound == 1.0
    assert exam._mark("shop_sentiment_auc", "hard", 1, float("nan")).value is None


def test_marks_of_other_difficulties_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exam, "RESULTS", tmp_path / "build" / "score.json")
    exam.write([Mark("a", "easy", 1, 0.5, None)])
    exam.write([Mark("a", "middle", 2, 0.6, 0.8)])
    exam.write([Mark("a", "easy", 3, 0.7, None)])
    assert json.loads(exam.RESULTS.read_text()) == [
        {"name": "a", "difficulty": "middle", "seed": 2, "value": 0.6, "bound": 0.8},
        {"name": "a", "difficulty": "easy", "seed": 3, "value": 0.7, "bound": None},
    ]
