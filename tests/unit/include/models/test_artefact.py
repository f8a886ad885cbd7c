"""A model on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from include.errors import BadInput
from include.models.artefact import load, save
from include.models.features import KINDS, Features
from include.models.sentiment import fit
from tests.unit.include.models.reviews import reviews


@pytest.mark.parametrize("features", KINDS["en"])
def test_what_is_loaded_says_the_same(tmp_path: Path, features: Features):
    rows = reviews(200)
    model = fit(rows, features, 1.0, "space")
    again = load(tmp_path, save({"en": model}, tmp_path), "1")["en"]
    assert np.array_equal(again.probability(rows.texts, rows.vectors), model.probability(rows.texts, rows.vectors))


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
