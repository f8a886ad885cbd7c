"""The registered versions of the sentiment model, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from include.models.registry import Version
from include.models.train import Trained
from include.show.table import print_table

_SHOWN = {"roc_auc": "ROC-AUC", "gain_over_tfidf": "gain over TF-IDF", "brier": "Brier score"}


def rows(versions: Iterable[Version]) -> list[dict[str, Any]]:
    """One row a version, as programs read it."""
    return [
        {"version": v.number, "trained_through": v.trained_through, "space": v.space, "aliases": list(v.aliases),
         "decision": v.decision, "digest": v.digest}
        for v in versions
    ]  # fmt: skip


def print_versions(screen: Console, versions: Sequence[Version]) -> None:
    """A table; one line where there is none."""
    if not versions:
        screen.print(Text("no model is registered yet: run `portrait models train`, or the DAG models_train"))
        return
    shown = [[v.number, v.trained_through, v.space, ", ".join(v.aliases), v.decision] for v in versions]
    print_table(screen, ("version", "trained through", "space", "aliases", "decision"), shown, wrap=True)


def print_trained(screen: Console, trained: Trained) -> None:
    """What came of a training: figures with their intervals, and the decision."""
    v = trained.version
    screen.print(Text(f"sentiment version {v.number}, {trained.features}, trained through {v.trained_through}"))
    for name, title in _SHOWN.items():
        f = trained.figures[name]
        screen.print(Text(f"  {title:18s} {f.value:.3f}  [{f.low:.3f}, {f.high:.3f}]"))
    state = "champion" if trained.promoted else "not promoted"
    screen.print(Text(f"  {state}: {trained.decision}"))
