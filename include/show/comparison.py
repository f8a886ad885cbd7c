"""The comparison of what might read sentiment: `build/sentiment.json` for programs, `build/sentiment.md` for people."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from include.models.compare import Compared, Comparison
from include.models.evaluate import Interval

_LABELS = ("accuracy", "precision", "recall", "f1")
_HEAD = ("features", "learner", "ROC-AUC in the folds", "ROC-AUC after", "minus the best's, in the folds",
         "minus the best's, after", "accuracy", "precision", "recall", "F1", "Brier", "calibration error",
         "negation", "to fit, s", "to read 1,000, s")  # fmt: skip


def write(found: Comparison, folder: Path) -> list[Path]:
    """Both files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"sentiment.{suffix}" for suffix in ("json", "md")]
    files[0].write_text(json.dumps(_plain(asdict(found)), indent=1) + "\n")
    files[1].write_text(markdown(found))
    return files


def markdown(found: Comparison) -> str:
    """A paragraph on what was compared, and a table, best first."""
    cut = [f"{row.features}, {row.learner} ({row.tried} of {row.settings})"
           for row in found.rows if row.tried < row.settings]  # fmt: skip
    past, test = (f"{found.texts[part]:,} texts ({found.displeased[part]:,} displeased)" for part in ("past", "test"))
    settings = max(row.settings for row in found.rows)
    about = (
        f"Learned from {past}, measured on {test} from {found.test_from} on. Each candidate: the same five folds of "
        f"the past, {settings} settings, {found.cap:.0f} seconds of a core. In brackets 95 % of 2,000 bootstrap draws. "
        "Precision, recall and F1 are of the displeased; negation is the share of such cases that pass."
    )
    lines = [
        about,
        "",
        f"Cut by the seconds: {'; '.join(cut) or 'nothing'}.",
        *(f"Left out: {said}." for said in found.left_out),
        "",
        f"| {' | '.join(_HEAD)} |",
        f"|{'---|' * len(_HEAD)}",
        *(f"| {' | '.join(_cells(row))} |" for row in found.rows),
    ]
    return "\n".join(lines) + "\n"


def _cells(row: Compared) -> list[str]:
    figures = row.figures
    return [
        row.features,
        f"{row.learner}, {row.setting}" if row.setting else row.learner,
        _number(row.folds),
        _interval(figures["roc_auc"]),
        _interval(row.on_folds, "+"),
        _interval(row.on_test, "+"),
        *(_number(figures[name].value) for name in (*_LABELS, "brier", "calibration_error")),
        f"{row.behaviour['negation']:.0%}" if "negation" in row.behaviour else "",
        f"{row.fit_seconds:.1f}",
        f"{row.predict_seconds:.3f}",
    ]


def _interval(found: Interval | None, sign: str = "") -> str:
    return f"{found.value:{sign}.3f} [{found.low:{sign}.3f}, {found.high:{sign}.3f}]" if found else ""


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.3f}"


def _plain(value: Any) -> Any:
    """JSON has no NaN."""
    if isinstance(value, dict):
        return {key: _plain(of) for key, of in value.items()}
    if isinstance(value, list):
        return [_plain(of) for of in value]
    return None if isinstance(value, float) and math.isnan(value) else value
