"""Registering what was fitted for each source: one run of MLflow, one version."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from include.models.registry import CHALLENGER, FOLDER, M, Registry, Version


def record(
    registry: Registry[M],
    save: Callable[[Path], str],
    *,
    learned: Mapping[str, date],
    decision: str,
    parameters: Mapping[str, object],
    figures: Mapping[str, Mapping[str, float]],
    promoted: bool,
    space: str | None = None,
) -> Version:
    """The new version: what `save` writes into a folder, whose digest it returns. It is the challenger, and the
    champion if `promoted`. `learned` is the newest day it knows of each source; `figures` are numbers of sources;
    `space` is that of the vectors it reads."""
    import mlflow

    through = str(max(learned.values()))
    with registry.plainly(), tempfile.TemporaryDirectory() as temporary:
        digest = save(Path(temporary))
        with registry.experiment(registry.name) as experiment, mlflow.start_run(experiment_id=experiment) as run:
            mlflow.log_params({"trained_through": through, **parameters})
            mlflow.log_metrics({f"{source}.{name}": n for source, of in figures.items() for name, n in of.items()})
            mlflow.log_artifacts(temporary, FOLDER)
            days = json.dumps({source: str(day) for source, day in learned.items()})
            tags = {"trained_through": through, "learned": days, "digest": digest, "decision": decision}
            tags |= {"space": space} if space else {}
            number = registry.register(f"runs:/{run.info.run_id}/{FOLDER}", run.info.run_id, tags)
            registry.client.set_registered_model_alias(registry.name, CHALLENGER, str(number))
    if promoted:
        registry.promote(number, decision)
    return next(v for v in registry.versions() if v.number == number)
