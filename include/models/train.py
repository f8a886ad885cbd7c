"""Training of the sentiment model: from the published release to a registered version and a decision about it.

For each language with enough rated texts, every candidate (features and a learner) gets the same tuning budget on the
same time split, is learned anew from everything before the test part, and measured there beside the majority. The one
that was best on the validation part is registered.

It takes the champion's place in a language only if it is better than the champion with the whole interval above zero,
on texts that neither has seen; where the champion does not read the language, if the whole interval of its ROC-AUC lies
above one half. A version is the champion's models with those in their place; without one it is not promoted. Nor is it
if it behaves much worse than the champion (`behaviour`).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version as installed
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from include.models import artefact, behaviour
from include.models.evaluate import METRICS, Interval, difference, draw, interval, roc_auc
from include.models.newest import newest
from include.models.registry import CHALLENGER, FOLDER, Registry, Version
from include.models.sentiment import CANDIDATES, Candidate, Sentiment, SentimentModel, Split, TooFew, split, tune
from include.models.training_set import TrainingSet, read_training_set
from include.query import Lake
from include.settings import Settings
from include.sources.load import load_sources
from include.text.language import ENGLISH

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from include.models.behaviour import Encode

_PACKAGES = ("numpy", "scipy", "scikit-learn", "safetensors")
_PREDICT = Path(__file__).with_name("predict.py")


@dataclass(frozen=True)
class Learned:
    """What the texts of a language came to. `candidates` are models with their ROC-AUC on the validation part, `scores`
    their probabilities on the test part, `figures` intervals there; by name."""

    language: str
    data: TrainingSet
    parts: Split
    candidates: Mapping[str, tuple[SentimentModel, float]]
    chosen: str
    scores: Mapping[str, NDArray[np.float64]]
    figures: Mapping[str, Interval]

    @property
    def model(self) -> SentimentModel:
        return self.candidates[self.chosen][0]

    def name(self, figure: str) -> str:
        """Of one of its figures beside those of other languages."""
        return figure if self.language == ENGLISH else f"{self.language}_{figure}"


class Verdict(NamedTuple):
    """Whether a model takes the champion's place in its language, and why, in one line."""

    is_better: bool
    said: str


@dataclass(frozen=True)
class Trained:
    """What a training came to. `figures` are intervals by name, on the test part; `behaviour` shares of cases that
    pass, none if it could not be asked."""

    version: Version
    promoted: bool
    decision: str
    features: str
    figures: Mapping[str, Interval]
    behaviour: Mapping[str, float]


@dataclass(frozen=True)
class Behaved:
    """Pass rates of the version and of each candidate, by its name."""

    version: Mapping[str, float]
    candidates: Mapping[str, Mapping[str, float]]


def train(
    settings: Settings, through: date, registry: Registry[Sentiment] | None = None, encode: Encode | None = None
) -> Trained:
    """Train on what was known on `through`, log, register, decide. TooFew if there is too little to learn of.

    `encode` makes the vectors of the cases of `behaviour`; left out: the encoder of the settings.
    """
    registry = registry or Registry.sentiment(settings.models)
    champion = registry.champion()  # first: a server that does not answer is told before anything is computed
    learned, missed = _learn(settings, through)
    if not learned:
        raise missed[0]
    space = learned[0].data.space
    former = registry.load(champion) if champion and champion.space == space else {}
    verdicts = {of.language: decide(champion, former, of) for of in learned}
    better = [of for of in learned if verdicts[of.language].is_better]
    new = {of.language: of.model for of in better or learned}
    models = {**former, **new}
    # A language that goes over from the champion knows what the champion knows.
    kept = [champion.trained_through] if champion and set(former) - set(new) else []
    newest_known = max([*kept, *(of.data.through for of in learned)])
    behaved, doubt = _behave(learned, models, former, encode or encoder_of(settings, space))
    said = "; ".join(v.said if language == ENGLISH else f"{language}: {v.said}" for language, v in verdicts.items())
    decision = f"{doubt}; look, then promote by hand ({said})" if doubt and better else said
    promoted = bool(better) and not doubt
    number = _log(registry, learned, models, behaved, decision, newest_known)
    if promoted:
        registry.promote(number, decision)
    version = next(v for v in registry.versions() if v.number == number)
    chosen = ", ".join(of.name(of.chosen) for of in learned)
    figures = {of.name(name): figure for of in learned for name, figure in of.figures.items()}
    return Trained(version, promoted, decision, chosen, figures, behaved.version)


def newest_day(settings: Settings) -> date:
    """The newest day on which a text arrived. TooFew if there is none, or no lake yet."""
    return newest(settings, "select max(known_from) as day from silver.texts", "sentiment", "there are no texts yet")


def learn(data: TrainingSet, language: str, through: date) -> Learned:
    """Tune and measure every candidate of a language. TooFew if a part has too few of a class."""
    parts = split(data.rows)
    parts.require_both(through)
    candidates = {c.name: _tuned(parts, c, data.space, language) for c in CANDIDATES[language]}
    chosen = max(candidates, key=lambda name: candidates[name][1])
    test = parts.test
    scores = {name: model.probability(test.texts, test.vectors) for name, (model, _) in candidates.items()}
    return Learned(language, data, parts, candidates, chosen, scores, _figures(parts, scores, chosen, language))


def decide(champion: Version | None, former: Sentiment, of: Learned) -> Verdict:
    """`former` are the champion's models, none if it reads another space."""
    auc = of.figures["roc_auc"]
    if champion and champion.space != of.data.space:
        said = f"version {champion.number} reads another space; promote by hand if the new space is meant to stay"
        return Verdict(False, said)
    if champion is None or of.language not in former:
        said = f"ROC-AUC {auc.value:.3f} [{auc.low:.3f}, {auc.high:.3f}] on texts it has not seen"
        if auc.low > 0.5:
            return Verdict(True, f"first version: {said}")
        return Verdict(False, f"no better than chance: {said}")
    test = of.parts.test
    unseen = np.array([i for i, day in enumerate(test.days) if day > champion.trained_through], dtype=np.intp)
    rows = test.rows(unseen)
    try:
        rows.require_both(f"what is new since version {champion.number}")
    except TooFew as error:
        return Verdict(False, str(error))
    theirs = former[of.language].probability(rows.texts, rows.vectors)
    gain = difference(roc_auc, rows.positive, of.scores[of.chosen][unseen], theirs)
    said = f"ROC-AUC {gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}] against version {champion.number}"
    is_better = gain.low > 0
    return Verdict(is_better, f"{'better' if is_better else 'not surely better'}: {said} on {len(unseen):,} new texts")


def _learn(settings: Settings, through: date) -> tuple[list[Learned], list[TooFew]]:
    """Each language that has enough texts; why the others have not."""
    lake, described = Lake(settings), load_sources(settings.source_folders)
    learned: list[Learned] = []
    missed: list[TooFew] = []
    for language in CANDIDATES:
        try:
            learned.append(learn(read_training_set(lake, described, through, language), language, through))
        except TooFew as error:
            missed.append(error)
    return learned, missed


def _tuned(parts: Split, candidate: Candidate, space: str, language: str) -> tuple[SentimentModel, float]:
    return tune(parts, candidate.features, space, candidate.learner, language)


def _behave(
    learned: list[Learned], models: Sentiment, former: Sentiment, encode: Encode | None
) -> tuple[Behaved, str | None]:
    """What the cases of `behaviour` say, and whether that keeps the version from becoming the champion."""
    if encode is None:
        return Behaved({}, {}), "its behaviour could not be asked: another encoder made the vectors than is set here"
    asked = behaviour.texts(models)
    vectors = dict(zip(asked, encode(asked), strict=True))
    candidates = {of.name(name): behaviour.pass_rates({of.language: model}, vectors)
                  for of in learned for name, (model, _) in of.candidates.items()}  # fmt: skip
    found = Behaved(behaviour.pass_rates(models, vectors), candidates)
    return found, behaviour.doubt(found.version, behaviour.pass_rates(former, vectors))


def encoder_of(settings: Settings, space: str) -> Encode | None:
    """What makes vectors of this space, if that is what the settings name."""
    from include.text.device import choose_device
    from include.text.encode import load_encoder
    from include.text.encoder import find_encoder

    found = find_encoder(settings.encoder)
    return load_encoder(found.folder, choose_device(settings.device)).encode if found.space == space else None


def _figures(
    parts: Split, scores: Mapping[str, NDArray[np.float64]], chosen: str, language: str
) -> dict[str, Interval]:
    """The chosen candidate's metrics by their names; beside them ROC-AUC of each candidate, and the gain over the
    first."""
    test = parts.test.positive
    majority = np.full(len(test), parts.train.positive.mean())
    figures = {name: interval(metric, test, scores[chosen]) for name, metric in METRICS.items()}
    figures |= {f"roc_auc_{name}": interval(roc_auc, test, score) for name, score in scores.items()}
    figures["roc_auc_majority"] = Interval(roc_auc(test, majority), 0.5, 0.5)
    figures["brier_majority"] = interval(METRICS["brier"], test, majority)
    first = CANDIDATES[language][0].name
    figures[f"gain_over_{first}"] = difference(roc_auc, test, scores[chosen], scores[first])
    return figures


def _log(
    registry: Registry[Sentiment], learned: list[Learned], models: Sentiment, behaved: Behaved, decision: str,
    through: date,
) -> int:  # fmt: skip
    """One run and one version in the registry; its number."""
    import mlflow

    figures = {of.name(name): figure for of in learned for name, figure in of.figures.items()}
    with registry.plainly(), tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / FOLDER
        folder.mkdir()
        digest = artefact.save(models, folder)
        with registry.experiment(registry.name) as experiment, mlflow.start_run(experiment_id=experiment) as run:
            mlflow.log_params({of.name(name): value for of in learned for name, value in _parameters(of).items()})
            mlflow.log_metrics({name: figure.value for name, figure in figures.items()})
            mlflow.log_metrics(
                {f"{n}_{end}": v for n, f in figures.items() for end, v in (("low", f.low), ("high", f.high))}
            )
            mlflow.log_metrics({of.name(f"validation_roc_auc_{name}"): seen
                                for of in learned for name, (_, seen) in of.candidates.items()})  # fmt: skip
            mlflow.log_metrics({f"behaviour_{n.replace(' ', '_')}": rate for n, rate in behaved.version.items()})
            mlflow.log_dict({name: asdict(figure) for name, figure in figures.items()}, "figures.json")
            mlflow.log_dict(asdict(behaved), "behaviour.json")
            mlflow.log_artifacts(str(folder), FOLDER)
            for of in learned:
                _draw(Path(temporary) / of.language, of)
                mlflow.log_artifacts(str(Path(temporary) / of.language), f"pictures/{of.language}")
            logged = mlflow.pyfunc.log_model(
                name="predict",
                python_model=str(_PREDICT),
                artifacts={FOLDER: str(folder)},
                pip_requirements=[f"{package}=={installed(package)}" for package in _PACKAGES],
                **_shape(max(model.dim for model in models.values())),
            )
            tags = {"trained_through": str(through), "space": learned[0].data.space, "digest": digest,
                    "decision": decision, "behaviour": json.dumps(dict(behaved.version))}  # fmt: skip
            number = registry.register(logged.model_uri, run.info.run_id, tags, logged.model_id)
            registry.client.set_registered_model_alias(registry.name, CHALLENGER, str(number))
    return number


def _draw(folder: Path, of: Learned) -> None:
    folder.mkdir()
    title = f"{of.chosen}, {len(of.parts.test.texts):,} texts from {of.parts.test.days[0]} on"
    draw(folder, of.parts.test.positive, of.scores[of.chosen], title)


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


def _parameters(of: Learned) -> dict[str, object]:
    data, parts, model = of.data, of.parts, of.model
    sizes = {name: len(getattr(parts, name).texts) for name in ("train", "validation", "test")}
    return {
        "features": model.features,
        "learner": model.learner,
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
