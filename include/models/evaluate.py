"""How good probabilities are: figures with bootstrap intervals, and the pictures people look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Metric = Callable[[Bools, Floats], float]

DRAWS = 2000
_SEED = 7
_BINS = 10


@dataclass(frozen=True)
class Interval:
    """A figure and where 95 % of its bootstrap draws lie (percentile bootstrap, Efron 1979)."""

    value: float
    low: float
    high: float


def roc_auc(positive: Bools, score: Floats) -> float:
    """Chance that a pleased text scores above a displeased one; ties count half (Mann-Whitney)."""
    pleased, displeased = score[positive], np.sort(score[~positive])
    if not len(pleased) or not len(displeased):
        return float("nan")
    below = [np.searchsorted(displeased, pleased, side) for side in ("left", "right")]
    return float((below[0] + below[1]).sum() / (2 * len(pleased) * len(displeased)))


def brier(positive: Bools, probability: Floats) -> float:
    """Mean squared distance of probability and outcome; lower is better (Brier 1950)."""
    return float(np.mean((probability - positive) ** 2))


def calibration_error(positive: Bools, probability: Floats) -> float:
    """Mean distance of what was said and what was, over ten bins of equal width (Naeini et al. 2015)."""
    bins = np.minimum((probability * _BINS).astype(int), _BINS - 1)
    gaps = [abs(probability[bins == b].mean() - positive[bins == b].mean()) * (bins == b).sum() for b in set(bins)]
    return float(sum(gaps) / len(positive))


METRICS: dict[str, Metric] = {"roc_auc": roc_auc, "brier": brier, "calibration_error": calibration_error}


def interval(metric: Metric, positive: Bools, score: Floats) -> Interval:
    """The metric on all rows, and on rows drawn with replacement."""
    return _interval(metric(positive, score), lambda rows: metric(positive[rows], score[rows]), len(positive))


def difference(metric: Metric, positive: Bools, mine: Floats, theirs: Floats) -> Interval:
    """Of two scores of the same rows, mine minus theirs, drawn in pairs."""

    def on(rows: NDArray[np.intp]) -> float:
        return metric(positive[rows], mine[rows]) - metric(positive[rows], theirs[rows])

    return _interval(on(np.arange(len(positive))), on, len(positive))


def _interval(value: float, on: Callable[[NDArray[np.intp]], float], n: int) -> Interval:
    chance = np.random.default_rng(_SEED)
    drawn = np.array([on(chance.integers(0, n, n)) for _ in range(DRAWS)])
    low, high = np.nanquantile(drawn, [0.025, 0.975])  # a draw without one of the classes says nothing
    return Interval(value, float(low), float(high))


def draw(folder: Path, positive: Bools, probability: Floats, title: str) -> list[Path]:
    """ROC curve, calibration and confusion as PNG files."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from sklearn.calibration import CalibrationDisplay
    from sklearn.metrics import ConfusionMatrixDisplay, RocCurveDisplay

    pictures = {
        "roc": lambda axes: RocCurveDisplay.from_predictions(positive, probability, ax=axes, plot_chance_level=True),
        "calibration": lambda axes: CalibrationDisplay.from_predictions(
            positive,
            probability,
            n_bins=_BINS,
            strategy="quantile",
            ax=axes,  # as many texts in each
        ),
        "confusion": lambda axes: ConfusionMatrixDisplay.from_predictions(
            positive, probability >= 0.5, ax=axes, display_labels=("displeased", "pleased"), colorbar=False
        ),
    }
    files = []
    for name, picture in pictures.items():
        figure, axes = pyplot.subplots(figsize=(5, 4.5))
        picture(axes)  # type: ignore[no-untyped-call]
        axes.set_title(title, fontsize=9)
        figure.tight_layout()
        figure.savefig(folder / f"{name}.png", dpi=110)
        pyplot.close(figure)
        files.append(folder / f"{name}.png")
    return files
