"""A model on disk."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from include.errors import BadInput
from include.models.artefact import load, save, seal
from include.models.features import KINDS, Features
from include.models.sentiment import fit
from tests.unit.include.models.chinese import chinese_reviews
from tests.unit.include.models.reviews import reviews


@pytest.mark.parametrize("features", KINDS["en"])
def test_what_is_loaded_says_the_same(tmp_path: Path, features: Features):
    rows = reviews(200)
    model = fit(rows, features, 1.0, "space")
    again = load(tmp_path, save({"en": model}, tmp_path), "1")["en"]
    assert np.array_equal(again.probability(rows.texts, rows.vectors), model.probability(rows.texts, rows.vectors))


def test_the_models_of_a_version_stay_apart(tmp_path: Path):
    english, chinese = reviews(200), chinese_reviews(200)
    models = {
        "en": fit(english, "both", 1.0, "space", "svm"),
        "zh": fit(chinese, "characters", 1.0, "space", language="zh"),
    }
    again = load(tmp_path, save(models, tmp_path), "1")
    for code, rows in (("en", english), ("zh", chinese)):
        assert np.array_equal(
            again[code].probability(rows.texts, rows.vectors), models[code].probability(rows.texts, rows.vectors)
        )
        assert (again[code].language, again[code].learner) == (code, models[code].learner)


def test_a_version_from_when_there_was_one_language_is_read_on(tmp_path: Path):
    rows = reviews(200)
    model = fit(rows, "both", 1.0, "space")
    save_file({"weights": model.weights, "idf": model.idf}, tmp_path / "numbers.safetensors")
    names = ("features", "space", "strength", "intercept", "slope", "shift", "vocabulary")
    (tmp_path / "model.json").write_text(json.dumps({name: getattr(model, name) for name in names}))
    again = load(tmp_path, seal(tmp_path, ["numbers.safetensors", "model.json"]), "1")
    assert list(again) == ["en"]
    assert np.array_equal(
        again["en"].probability(rows.texts, rows.vectors), model.probability(rows.texts, rows.vectors)
    )


@pytest.mark.parametrize("name", ["manifest.json", "model.json", "numbers.safetensors"])
@pytest.mark.parametrize("damage", ["changed", "gone", "cut off"])
def test_a_file_that_is_not_what_was_registered_is_named_and_not_read(tmp_path: Path, name: str, damage: str):
    digest = save({"en": fit(reviews(200), "both", 1.0, "space")}, tmp_path)
    file = tmp_path / name
    if damage == "gone":
        file.unlink()
    else:
        content = file.read_bytes()
        file.write_bytes(content[:-3] if damage == "cut off" else content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(BadInput, match=f"model sentiment 3: {name} is"):
        load(tmp_path, digest, "sentiment 3")


def test_no_file_of_it_is_a_pickle(tmp_path: Path):
    save({"en": fit(reviews(200), "both", 1.0, "space")}, tmp_path)
    assert sorted(f.suffix for f in tmp_path.iterdir()) == [".json", ".json", ".safetensors"]
