"""Sentiment learned from magazine reviews through 2015, on those from 2016 on: no worse than TF-IDF alone."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from include.models.evaluate import difference, interval, roc_auc
from include.models.sentiment import split as by_time
from include.models.sentiment import tune
from include.models.training_set import read_training_set
from include.privacy import make_key
from include.query import Lake
from include.settings import ROOT, Settings
from include.sources.load import load_sources

DATA = ROOT.parent / "shared" / "data"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (DATA / "rees46_sample").is_dir(), reason="the real data is not in ../shared/data"),
]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A lake with the magazine reviews and their vectors."""
    folder: Path = tmp_path_factory.mktemp("magazines")
    make_key(folder / "key")
    named = {
        "PORTRAIT_LAKE": str(folder / "lake"),
        "PORTRAIT_KEY_FILE": str(folder / "key"),
        "PORTRAIT_DATA": str(DATA),
    }
    for application in ("ingest", "understand"):
        command = [sys.executable, "-m", f"jobs.{application}", "--start", "1995-01-01", "--end", "2019-10-03",
                   "--run-id", "real", "--source", "amazon_magazines"]  # fmt: skip
        subprocess.run(command, env=os.environ | named, cwd=ROOT, check=True, capture_output=True)
    return Settings(lake=folder / "lake", key_file=folder / "key", data=DATA)


def test_vectors_and_words_together_are_no_worse_than_words(settings: Settings):
    described = load_sources(settings.source_folders)
    past = by_time(read_training_set(Lake(settings), described, date(2015, 12, 31)).rows)
    every = read_training_set(Lake(settings), described, date(2019, 10, 2))
    new = every.rows.rows(np.array([i for i, day in enumerate(every.rows.days) if day >= date(2016, 1, 1)]))
    assert (len(new.texts), int(new.positive.sum())) == (490, 433)  # different texts; reviews are 615 and 72

    words, both = (tune(past, kind, every.space)[0].probability(new.texts, new.vectors) for kind in ("tfidf", "both"))
    found, gain = interval(roc_auc, new.positive, both), difference(roc_auc, new.positive, both, words)
    print(f"ROC-AUC {found.value:.3f} [{found.low:.3f}, {found.high:.3f}], "
          f"over TF-IDF {gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]")  # fmt: skip
    assert found.low > 0.9
    assert gain.value >= 0
    assert gain.high > 0
