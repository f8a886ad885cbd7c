"""The registered versions of the models, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from include.models.limits import FLOORS
from include.models.registry import Version
from include.models.train import Trained
from include.models.train_item_means import Averaged
from include.models.train_limits import Fitted
from include.models.train_names import Gathered
from include.models.train_topics import Clustered
from include.show.table import print_table

_SHOWN = {"roc_auc": "ROC-AUC", "gain_over_tfidf": "gain over TF-IDF", "brier": "Brier score",
          "zh_roc_auc": "ROC-AUC, Chinese"}  # fmt: skip

_OF_TOPICS = (
    "texts",
    "topics",
    "silhouette",
    "stability",
    "topics_kept",
    "categories",
    "accuracy",
    "accuracy_majority",
    "right",
)


def rows(found: Mapping[str, Iterable[Version]]) -> list[dict[str, Any]]:
    """One row a version, as programs read it."""
    return [
        {"model": model, "version": v.number, "trained_through": v.trained_through, "space": v.space,
         "sources": list(v.learned), "aliases": list(v.aliases), "decision": v.decision, "digest": v.digest,
         "behaviour": dict(v.behaviour)}
        for model, versions in found.items() for v in versions
    ]  # fmt: skip


def print_versions(screen: Console, found: Mapping[str, Sequence[Version]]) -> None:
    """A table; one line where there is none."""
    if not any(found.values()):
        screen.print(Text("no model is registered yet: run `portrait models train`, or the DAG models_train"))
        return
    shown = [
        [model, v.number, v.trained_through, v.space or ", ".join(v.learned), ", ".join(v.aliases), v.decision]
        for model, versions in found.items()
        for v in versions
    ]
    print_table(screen, ("model", "version", "trained through", "of", "aliases", "decision"), shown, wrap=True)


def print_trained(screen: Console, trained: Trained) -> None:
    """What came of a training: figures with their intervals, and the decision."""
    v = trained.version
    screen.print(Text(f"sentiment version {v.number}, {trained.features}, trained through {v.trained_through}"))
    for name, title in _SHOWN.items():
        if f := trained.figures.get(name):
            screen.print(Text(f"  {title:18s} {f.value:.3f}  [{f.low:.3f}, {f.high:.3f}]"))
    if trained.behaviour:
        rates = ", ".join(f"{name} {rate:.0%}" for name, rate in trained.behaviour.items())
        screen.print(Text(f"  {'behaviour':18s} {rates}"))
    _print_decision(screen, trained)


def print_fitted(screen: Console, fitted: Fitted) -> None:
    """What came of a fitting: the limits of each source, and the decision."""
    v = fitted.version
    screen.print(Text(f"limits version {v.number}, trained through {v.trained_through}"))
    shown = [[source, *(of.get(name) for name in FLOORS)] for source, of in fitted.limits.items()]
    print_table(screen, ("source", *FLOORS), shown)
    _print_decision(screen, fitted)


def print_averaged(screen: Console, averaged: Averaged) -> None:
    """What came of a fitting of item means: how many items of each source have one, and the decision."""
    v = averaged.version
    screen.print(Text(f"item_means version {v.number}, trained through {v.trained_through}"))
    shown = [[source, n, averaged.ratings[source]] for source, n in averaged.items.items()]
    print_table(screen, ("source", "items", "ratings"), shown)
    _print_decision(screen, averaged)


def print_gathered(screen: Console, gathered: Gathered) -> None:
    """What came of gathering names: how many brands, titles and kinds of things of each source, and the decision."""
    v = gathered.version
    screen.print(Text(f"names version {v.number}, trained through {v.trained_through}"))
    shown = [[source, *of.values()] for source, of in gathered.counts.items()]
    print_table(screen, ("source", "brands", "titles", "kinds"), shown)
    _print_decision(screen, gathered)


def print_clustered(screen: Console, clustered: Clustered) -> None:
    """What came of a fitting of topics: figures of each source, and the decision."""
    v = clustered.version
    screen.print(Text(f"topics version {v.number}, trained through {v.trained_through}"))
    shown = [[source, *map(_short, map(of.get, _OF_TOPICS))] for source, of in clustered.figures.items()]
    print_table(screen, ("source", *(name.replace("_", " ") for name in _OF_TOPICS)), shown)
    _print_decision(screen, clustered)


def _short(figure: float | None) -> str:
    return "" if figure is None else f"{figure:.3f}" if isinstance(figure, float) else f"{figure:,}"


def _print_decision(screen: Console, came: Trained | Fitted | Averaged | Gathered | Clustered) -> None:
    state = "champion" if came.promoted else "not promoted"
    screen.print(Text(f"  {state}: {came.decision}"))
