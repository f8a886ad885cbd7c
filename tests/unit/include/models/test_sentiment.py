"""Learning from ratings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from include.errors import PortraitError
from include.models.evaluate import roc_auc
from include.models.features import KINDS, Features
from include.models.sentiment import LEARNERS, Labelled, Learner, fit, label, platt, pleased, read, split, tune
from tests.models import word_model
from tests.unit.include.models.chinese import chinese_reviews
from tests.unit.include.models.reviews import reviews


@pytest.mark.parametrize(
    ("rating", "low", "high", "said"),
    [(5, 1, 5, True), (4, 1, 5, True), (3, 1, 5, None), (2, 1, 5, False), (1, 1, 5, False), (7.5, 0, 10, True),
     (5, 0, 10, None), (0, 0, 10, False)],
)  # fmt: skip
def test_a_rating_says_pleased_displeased_or_nothing(rating: float, low: float, high: float, said: bool | None):
    assert label(rating, low, high) is said


def test_a_split_is_by_time_and_tears_no_day_apart():
    parts = split(reviews(100))
    days = [set(p.days) for p in (parts.train, parts.validation, parts.test)]
    assert max(days[0]) < min(days[1]) <= max(days[1]) < min(days[2])
    assert sum(len(p.texts) for p in (parts.train, parts.validation, parts.test)) == 100
    assert len(parts.test.texts) >= 20


@pytest.mark.parametrize("learner", LEARNERS)
@pytest.mark.parametrize("features", KINDS["en"])
def test_each_kind_of_features_learns(features: Features, learner: Learner):
    model, seen = tune(split(reviews(600)), features, "space", learner)
    fresh = reviews(400, seed=2)
    probability = model.probability(fresh.texts, fresh.vectors)
    assert ((probability > 0) & (probability < 1)).all()
    assert roc_auc(fresh.positive, probability) > (0.7 if features == "vectors" else 0.85)
    assert 0.5 < seen <= 1
    assert bool(model.vocabulary) == (features != "vectors")


def test_scaled_probabilities_mean_what_they_say():
    rows = reviews(3000, noise=0.2)
    model, on = fit(rows.rows(np.arange(1500)), "both", 1000.0, "space"), rows.rows(np.arange(1500, 2500))
    slope, shift = platt(model.logit(on.texts, on.vectors), on.positive)
    model = replace(model, slope=slope, shift=shift)
    fresh = rows.rows(np.arange(2500, 3000))
    probability = model.probability(fresh.texts, fresh.vectors)
    sure = probability > 0.8
    assert abs(probability[sure].mean() - fresh.positive[sure].mean()) < 0.06


def test_a_text_of_unknown_words_gets_what_the_vector_says():
    model = fit(reviews(300), "tfidf", 1.0, "space")
    nothing = model.probability(["漢字", ""], np.zeros((2, 4), dtype=np.float32))
    assert nothing[0] == nothing[1]


def test_too_few_of_a_class_are_said():
    rows = reviews(50)
    with pytest.raises(PortraitError, match=r"the test part has \d+ texts with a good rating and \d+ with a bad one"):
        rows.require_both("the test part")


def test_learning_twice_gives_the_same_model():
    one, two = (fit(reviews(300), "both", 1.0, "space") for _ in range(2))
    assert np.array_equal(one.weights, two.weights)
    assert one.vocabulary == two.vocabulary


@pytest.mark.parametrize("learner", LEARNERS)
def test_without_a_word_that_enough_people_write_all_texts_are_as_likely(learner: Learner):
    rows = replace(reviews(300), authors=("u",) * 300)
    model, seen = tune(split(rows), "tfidf", "space", learner)
    found = model.probability(rows.texts, rows.vectors)
    assert (model.vocabulary, seen) == ((), 0.5)
    assert found == pytest.approx(rows.positive.mean(), abs=0.1)


def test_rows_are_joined_in_order():
    rows = Labelled(
        ("a", "b"), np.eye(2, dtype=np.float32), np.array([True, False]), (date(2020, 1, 1),) * 2, ("u", "v")
    )
    both = rows.rows(np.array([1])).rows_and(rows)
    assert (both.texts, both.authors) == (("b", "a", "b"), ("v", "u", "v"))
    assert both.vectors.tolist() == [[0, 1], [1, 0], [0, 1]]


@pytest.mark.parametrize("features", KINDS["zh"])
def test_chinese_is_learned_from_its_characters_or_words(features: Features):
    model, _ = tune(split(chinese_reviews(400)), features, "space", language="zh")
    fresh = chinese_reviews(300, seed=2)
    assert roc_auc(fresh.positive, model.probability(fresh.texts, fresh.vectors)) > 0.9
    assert model.dim == 0


def test_each_text_is_read_by_the_model_of_its_language():
    models = {"en": word_model("space"), "zh": fit(chinese_reviews(400), "characters", 10.0, "space", language="zh")}
    texts = ["good", "质量很好，我非常喜欢", "质量很差，我很失望", "gut", "good", "good"]
    vectors = np.array([[1], [np.nan], [1], [1], [np.nan], [1]], dtype=np.float32)
    found = pleased(models, ["en", "zh", "zh", "de", "en", None], texts, vectors)
    assert found[0] == pytest.approx(0.953, abs=1e-3)
    assert found[1] > 0.5 > found[2]  # Chinese has no vector, and needs none
    assert np.isnan(found[3:]).all()


def test_without_a_vector_at_all_only_words_are_read():
    found = pleased({"en": word_model("space")}, ["en"], ["good"], np.zeros((1, 0), dtype=np.float32))
    assert np.isnan(found).all()


def test_the_language_of_a_text_is_told_before_it_is_read():
    vectors = np.ones((3, 1), dtype=np.float32)
    found = read(
        {"en": word_model("space")}, ["The paper is good.", "Das Papier ist wirklich sehr gut.", "😀"], vectors
    )
    assert np.isnan(found).tolist() == [False, True, True]
