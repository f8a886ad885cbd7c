"""Training of the sentiment model: from the published release to a registered version and a decision about it.

Each kind of features gets the same tuning budget on the same time split, is learned anew from everything before the
test part, and measured there beside the majority. The one that was best on the validation part is registered.
It becomes the champion only if it is better than the champion with the whole interval above zero, on texts that neither
has seen; the first version, if the whole interval of its ROC-AUC lies above one half.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version as installed
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from include.errors import NoLake
from include.models import artefact
from include.models.evaluate import METRICS, Interval, difference, draw, interval, roc_auc
from include.models.registry import CHALLENGER, FOLDER, Registry, Version
from include.models.sentiment import KINDS, Features, Labelled, SentimentModel, Split, TooFew, split, tune
from include.models.training_set import TrainingSet, read_training_set
from include.query import Lake
from include.settings import Settings
from include.sources.load import load_sources

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PACKAGES = ("numpy", "scipy", "scikit-learn", "safetensors")
_PREDICT = Path(__file__).with_name("predict.py")


@dataclass(frozen=True)
class Trained:
    """What a training came to. `figures` are intervals by name, on the test part."""

    version: Version
    promoted: bool
    decision: str
    features: str
    figures: Mapping[str, Interval]


def train(settings: Settings, through: date, registry: Registry[SentimentModel] | None = None) -> Trained:
    """Train on what was known on `through`, log, register, decide. TooFew if there is too little to learn of."""
    registry = registry or Registry.sentiment(settings.models)
    champion = registry.champion()  # first: a server that does not answer is told before anything is computed
    lake = Lake(settings)
    data = read_training_set(lake, load_sources(settings.source_folders), through)
    parts = split(data.rows)
    for name in ("train", "validation", "test"):
        getattr(parts, name).require_both(f"the {name} part (up to {through})")
    candidates = {kind: tune(parts, kind, data.space) for kind in KINDS}
    chosen = max(candidates, key=lambda kind: candidates[kind][1])
    model = candidates[chosen][0]
    scores = {kind: found.probability(parts.test.texts, parts.test.vectors) for kind, (found, _) in candidates.items()}
    figures = _figures(parts, scores, chosen)
    promoted, decision = decide(registry, champion, data, parts.test, scores[chosen], figures["roc_auc"])
    number = _log(registry, data, parts, model, candidates, figures, decision, scores[chosen])
    if promoted:
        registry.promote(number, decision)
    version = next(v for v in registry.versions() if v.number == number)
    return Trained(version, promoted, decision, chosen, figures)


def newest_day(settings: Settings) -> date:
    """The newest day on which a text arrived. TooFew if there is none, or no lake yet."""
    try:
        lake = Lake(settings)
    except NoLake as error:
        raise TooFew(f"sentiment: {error}") from None
    found: date | None = lake.rows("select max(known_from) as day from silver.texts")[0]["day"]
    if found is None:
        raise TooFew("sentiment: there are no texts yet; run the build first")
    return found


def decide(
    registry: Registry[SentimentModel], champion: Version | None, data: TrainingSet, test: Labelled,
    score: NDArray[np.float64], auc: Interval,
) -> tuple[bool, str]:  # fmt: skip
    """Whether the new version becomes the champion, and why, in one line."""
    if champion is None:
        said = f"ROC-AUC {auc.value:.3f} [{auc.low:.3f}, {auc.high:.3f}] on texts it has not seen"
        if auc.low > 0.5:
            return True, f"first version: {said}"
        return False, f"no better than chance: {said}"
    if champion.space != data.space:
        return (
            False,
            f"version {champion.number} reads another space; promote by hand if the new space is meant to stay",
        )
    unseen = np.array([i for i, day in enumerate(test.days) if day > champion.trained_through], dtype=np.intp)
    rows = test.rows(unseen)
    try:
        rows.require_both(f"what is new since version {champion.number}")
    except TooFew as error:
        return False, str(error)
    theirs = registry.load(champion).probability(rows.texts, rows.vectors)
    gain = difference(roc_auc, rows.positive, score[unseen], theirs)
    said = f"ROC-AUC {gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}] against version {champion.number}"
    return gain.low > 0, f"{'better' if gain.low > 0 else 'not surely better'}: {said} on {len(unseen):,} new texts"


def _figures(parts: Split, scores: Mapping[Features, NDArray[np.float64]], chosen: Features) -> dict[str, Interval]:
    """The chosen kind's metrics by their names; ROC-AUC and its gain over TF-IDF for each kind beside it."""
    test = parts.test.positive
    majority = np.full(len(test), parts.train.positive.mean())
    figures = {name: interval(metric, test, scores[chosen]) for name, metric in METRICS.items()}
    figures |= {f"roc_auc_{kind}": interval(roc_auc, test, score) for kind, score in scores.items()}
    figures["roc_auc_majority"] = Interval(roc_auc(test, majority), 0.5, 0.5)
    figures["brier_majority"] = interval(METRICS["brier"], test, majority)
    figures["gain_over_tfidf"] = difference(roc_auc, test, scores[chosen], scores["tfidf"])
    return figures


def _log(
    registry: Registry[SentimentModel],
    data: TrainingSet,
    parts: Split,
    model: SentimentModel,
    candidates: Mapping[Features, tuple[SentimentModel, float]],
    figures: Mapping[str, Interval],
    decision: str,
    score: NDArray[np.float64],
) -> int:
    """One run and one version in the registry; its number."""
    import mlflow

    with registry.plainly(), tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / FOLDER
        folder.mkdir()
        digest = artefact.save(model, folder)
        with registry.experiment(registry.name) as experiment, mlflow.start_run(experiment_id=experiment) as run:
            mlflow.log_params(_parameters(data, parts, model))
            mlflow.log_metrics({name: figure.value for name, figure in figures.items()})
            mlflow.log_metrics(
                {f"{n}_{end}": v for n, f in figures.items() for end, v in (("low", f.low), ("high", f.high))}
            )
            mlflow.log_metrics({f"validation_roc_auc_{kind}": seen for kind, (_, seen) in candidates.items()})
            mlflow.log_dict({name: asdict(figure) for name, figure in figures.items()}, "figures.json")
            mlflow.log_artifacts(str(folder), FOLDER)
            title = f"{model.features}, {len(parts.test.texts):,} texts from {parts.test.days[0]} on"
            for picture in draw(Path(temporary), parts.test.positive, score, title):
                mlflow.log_artifact(str(picture), "pictures")
            logged = mlflow.pyfunc.log_model(
                name="predict",
                python_model=str(_PREDICT),
                artifacts={FOLDER: str(folder)},
                pip_requirements=[f"{package}=={installed(package)}" for package in _PACKAGES],
                **_shape(len(model.weights) - len(model.vocabulary)),
            )
            tags = {"trained_through": str(data.through), "space": data.space, "digest": digest, "decision": decision}
            number = registry.register(logged.model_uri, run.info.run_id, tags, logged.model_id)
            registry.client.set_registered_model_alias(registry.name, CHALLENGER, str(number))
    return number


def _shape(dim: int) -> dict[str, Any]:
    """Signature and example of MLflow's own form of the model, made of no text of anybody."""
    import pandas as pd
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema
    from mlflow.types.schema import Array, DataType

    inputs = Schema([ColSpec(DataType.string, "text"), ColSpec(Array(DataType.double), "vector")])
    signature = ModelSignature(inputs, Schema([ColSpec(DataType.double)]))
    example = pd.DataFrame({"text": ["A good magazine."], "vector": [[0.0] * dim]})
    return {"signature": signature, "input_example": example}


def _parameters(data: TrainingSet, parts: Split, model: SentimentModel) -> dict[str, object]:
    sizes = {name: len(getattr(parts, name).texts) for name in ("train", "validation", "test")}
    return {
        "features": model.features,
        "strength": model.strength,
        "words": len(model.vocabulary),
        "space": data.space,
        "trained_through": str(data.through),
        "sources": ",".join(data.sources),
        "content_sha256": data.content,
        **{f"version_of_{table}": number for table, number in data.release.items()},
        **{f"{name}_texts": size for name, size in sizes.items()},
        "test_from": str(parts.test.days[0]),
        "pleased_share": round(float(data.rows.positive.mean()), 4),
    }
