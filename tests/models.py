"""Models in a registry without a training."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

import numpy as np

from include.models import artefact
from include.models.registry import FOLDER, Registry
from include.models.sentiment import SentimentModel


def word_model(space: str) -> SentimentModel:
    """It knows three words: `good` alone is a probability of 0.953, `bad` or `late` alone one of 0.047."""
    weights = np.array([-3.0, 3.0, -3.0])
    return SentimentModel("tfidf", space, 1.0, weights, 0.0, ("bad", "good", "late"), np.ones(3))


def register(registry: Registry, model: SentimentModel, through: date, promoted: bool = True) -> int:
    """Its number."""
    with registry.experiment("tests") as experiment, tempfile.TemporaryDirectory() as folder:
        run = registry.client.create_run(experiment).info.run_id
        tags = {
            "trained_through": str(through),
            "space": model.space,
            "digest": artefact.save(model, Path(folder)),
        }
        registry.client.log_artifacts(run, folder, FOLDER)
        number = registry.register(f"runs:/{run}/{FOLDER}", run, tags)
    if promoted:
        registry.promote(number, "a test")
    return number
