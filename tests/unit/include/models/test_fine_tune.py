"""An encoder that is trained further."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from include.models.evaluate import roc_auc
from include.models.fine_tune import Recipe, fine_tune
from include.models.sentiment import Labelled
from tests.encoder import make_encoder
from tests.unit.include.models.reviews import FIRST


@pytest.mark.slow
def test_it_learns_from_the_texts_and_twice_the_same(tmp_path: Path):
    texts = tuple(f"the {thing} is {word}" for thing in ("paper", "magazine", "read") * 8 for word in ("good", "bad"))
    positive = np.array(["good" in text for text in texts])
    rows = Labelled(
        texts, np.zeros((len(texts), 0), dtype=np.float32), positive, (FIRST,) * len(texts), ("u",) * len(texts)
    )
    recipe = Recipe(lower=1, epochs=10, rate=0.01)
    one, two = (fine_tune(make_encoder(tmp_path / name), rows, recipe)(texts) for name in ("one", "two"))
    assert roc_auc(positive, one) == 1
    assert np.array_equal(one, two)
