"""The comparison: equal budgets, paired differences, and a table that says all of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from include.models import compare as comparing
from include.models import evaluate
from include.models.compare import FOLDS, Comparison, _of_labels, compare, compare_lake, folds, learners
from include.models.sentiment import Labelled, TooFew, split
from include.show.comparison import write
from tests.unit.include.models.rated import lake_of
from tests.unit.include.models.reviews import reviews

FEW = {
    "logistic regression": {"C 0.1": partial(LogisticRegression, C=0.1), "C 10.0": partial(LogisticRegression, C=10.0)},
    "decision tree": {
        "max_depth 2": partial(DecisionTreeClassifier, max_depth=2, random_state=1),
        "max_depth 4": partial(DecisionTreeClassifier, max_depth=4, random_state=1),
    },
}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "DRAWS", 40)
    monkeypatch.setattr(comparing, "KINDS", ("TF-IDF", "vectors, TF-IDF"))
    monkeypatch.setattr(comparing, "learners", lambda: FEW)


def compared(cap: float = 60.0) -> Comparison:
    return compare(split(reviews(500)), lambda _: None, cap=cap)


@pytest.mark.usefixtures("small")
def test_candidates_are_ranked_by_the_folds_and_held_against_the_best():
    found = compared()
    best, *others = found.rows
    assert (best.features, best.learner) == ("vectors, TF-IDF", "logistic regression")
    assert [row.folds for row in found.rows] == sorted((row.folds for row in found.rows), reverse=True)
    assert best.on_test is best.on_folds is None
    assert all(row.on_test and row.on_folds and row.on_folds.value < 0.05 for row in others)
    assert others[-1].learner == "majority"
    assert others[-1].figures["roc_auc"].value == 0.5
    assert {row.tried for row in found.rows if row.learner != "majority"} == {2}
    assert found.texts["past"] + found.texts["test"] == 500


@pytest.mark.usefixtures("small")
def test_what_does_not_fit_into_the_seconds_is_cut_and_said(tmp_path: Path):
    found = compared(cap=0.0)
    assert {(row.tried, row.settings) for row in found.rows if row.learner != "majority"} == {(1, 2)}
    table = write(found, tmp_path)[1].read_text()
    assert "TF-IDF, decision tree (1 of 2)" in table
    plain = json.loads((tmp_path / "sentiment.json").read_text())
    assert plain["rows"][0]["on_test"] is None
    assert len(plain["rows"]) == 5
    lines = [line for line in table.splitlines() if line.startswith("|")]
    assert len(lines) == 2 + 5
    assert len({line.count("|") for line in lines}) == 1


@pytest.mark.usefixtures("small")
def test_a_further_candidate_may_learn_by_itself():
    def by_words(_rows: Labelled) -> Callable[[Sequence[str]], NDArray[np.float64]]:
        return lambda texts: np.array([float("great" in text or "lovely" in text) for text in texts])

    found = compare(split(reviews(500)), lambda _: None, cap=0.0, fine_tune=by_words)
    (row,) = (row for row in found.rows if row.features == "fine-tuned encoder")
    assert row.figures["roc_auc"].value > 0.6
    assert np.isnan(row.folds)
    assert row.on_folds is None
    assert row.on_test is not None


@pytest.mark.usefixtures("small")
def test_a_lake_is_compared_by_the_texts_that_training_has(tmp_path: Path):
    settings, heard = lake_of(tmp_path, reviews(500)).settings, list[str]()
    found = compare_lake(settings, date(2011, 1, 1), heard.append, cap=0.0)
    assert found.texts == compared(cap=0.0).texts
    assert {len(row.behaviour) for row in found.rows} == {0}  # another encoder made the vectors
    assert len(heard) == 4
    with pytest.raises(TooFew, match="at least 20 of each are needed"):
        compare_lake(settings, date(2010, 2, 1), heard.append)


def test_every_text_is_asked_about_once_and_classes_are_spread():
    positive = np.array([True, True, True, False] * 25)
    found = folds(positive)
    assert len(found) == FOLDS
    assert sorted(np.concatenate([asked for _, asked in found]).tolist()) == list(range(100))
    assert {int((~positive[asked]).sum()) for _, asked in found} == {5}
    assert all(not set(known) & set(asked) for known, asked in found)


def test_each_learner_has_as_many_settings():
    assert {name: len(settings) for name, settings in learners().items()} == dict.fromkeys(
        ("logistic regression", "linear SVM", "random forest", "decision tree", "small network"), 4
    )


def test_figures_of_what_is_called_displeased():
    positive = np.array([True, True, True, False, False])
    found = {name: metric(positive, np.array([0.9, 0.9, 0.1, 0.1, 0.9])) for name, metric in _of_labels().items()}
    assert found == {"accuracy": 0.6, "precision": 0.5, "recall": 0.5, "f1": 0.5}
    nobody = {name: metric(positive, np.full(5, 0.9)) for name, metric in _of_labels().items()}
    assert nobody == {"accuracy": 0.6, "precision": 0.0, "recall": 0.0, "f1": 0.0}
