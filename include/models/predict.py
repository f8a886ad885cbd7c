"""The model in MLflow's own form, for whoever serves it from there. Portrait itself reads the files (`artefact`).

MLflow keeps this file beside the model and runs it to load it: it needs the package `portrait` at the same version.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel
from numpy.typing import NDArray

from include.models.artefact import MANIFEST, digest_of, load
from include.models.sentiment import read


class Sentiment(PythonModel):
    """Rows with `text` and `vector` in, the probability that each author is pleased out: NaN in languages that
    it has not learned."""

    def load_context(self, context: Any) -> None:
        folder = Path(context.artifacts["model"])
        self._models = load(folder, digest_of(folder / MANIFEST), "of MLflow")

    def predict(self, context: Any, model_input: pd.DataFrame) -> NDArray[np.float64]:  # type: ignore[override] # noqa: ARG002
        vectors = np.array(model_input["vector"].tolist(), dtype=np.float32)
        return read(self._models, list(model_input["text"]), vectors)


set_model(Sentiment())
