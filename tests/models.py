"""Models in a registry without a training."""

from __future__ import annotations

import json
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from include.models import artefact, item_means, limits, names, topics
from include.models.limits import Limits
from include.models.names import Names
from include.models.registry import FOLDER, Registry
from include.models.sentiment import Sentiment, SentimentModel
from include.models.topics import Topics


def word_model(space: str) -> SentimentModel:
    """It knows three words: `good` alone is a probability of 0.953, `bad` or `late` alone one of 0.047."""
    weights = np.array([-3.0, 3.0, -3.0])
    return SentimentModel("tfidf", space, 1.0, weights, 0.0, ("bad", "good", "late"), np.ones(3))


def register(registry: Registry[Sentiment], model: SentimentModel, through: date, promoted: bool = True) -> int:
    """Its number."""
    with tempfile.TemporaryDirectory() as folder:
        tags = {"space": model.space, "digest": artefact.save({model.language: model}, Path(folder))}
        return _register(registry, folder, tags, through, promoted)


def register_limits(registry: Registry[Limits], found: Limits, through: date) -> int:
    """Its number; it is the champion."""
    with tempfile.TemporaryDirectory() as folder:
        learned = json.dumps(dict.fromkeys(found, str(through)))
        tags = {"learned": learned, "digest": limits.save(found, Path(folder))}
        return _register(registry, folder, tags, through, promoted=True)


def means(source: str, **items: tuple[str, int]) -> pa.Table:
    """Items of a source with their mean and how many users rated them."""
    rows = [{"source": source, "item_id": item, "mean": Decimal(mean), "users": n} for item, (mean, n) in items.items()]
    return pa.Table.from_pylist(rows, schema=item_means.schema())


def register_means(registry: Registry[pa.Table], found: pa.Table, through: date) -> int:
    """Its number; it is the champion."""
    with tempfile.TemporaryDirectory() as folder:
        learned = json.dumps(dict.fromkeys(found["source"].to_pylist(), str(through)))
        tags = {"learned": learned, "digest": item_means.save(found, Path(folder))}
        return _register(registry, folder, tags, through, promoted=True)


def register_names(registry: Registry[Names], found: Names, through: date) -> int:
    """Its number; it is the champion."""
    with tempfile.TemporaryDirectory() as folder:
        learned = json.dumps({name.source: str(through) for name in found.names})
        tags = {"learned": learned, "digest": names.save(found, Path(folder))}
        return _register(registry, folder, tags, through, promoted=True)


def register_topics(registry: Registry[Topics], found: Topics, through: date) -> int:
    """Its number; it is the champion."""
    with tempfile.TemporaryDirectory() as folder:
        tags = {"space": found.space, "digest": topics.save(found, Path(folder))}
        return _register(registry, folder, tags, through, promoted=True)


def _register(registry: Registry[Any], folder: str, tags: dict[str, str], through: date, promoted: bool) -> int:
    with registry.experiment("tests") as experiment:
        run = registry.client.create_run(experiment).info.run_id
        registry.client.log_artifacts(run, folder, FOLDER)
        number = registry.register(f"runs:/{run}/{FOLDER}", run, {"trained_through": str(through), **tags})
    if promoted:
        registry.promote(number, "a test")
    return number
