"""Limits of what a person does in a day, fitted for each source: beyond one of them a user's day is a suspect.

A limit is where the modified z-score of the value is 3.5 (Iglewicz and Hoaglin 1993, "How to detect and handle
outliers"), and never below what a person can do. Scores are taken of logarithms, or of roots where the value is a small
count. Half of the values may be of machines, or all of them the same: the spread is that of the middle or, where it is
wider, that of the upper tail.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from include.models import artefact

FLOORS = {
    "volume": 200.0, "burst": 30.0, "busy_hours": 16.0, "full_hours": 6.0, "session_speed": 20.0, "price_factor": 10.0,
}  # fmt: skip
LEAST = 100  # values: of fewer one cannot say what is usual
_Z = 3.5
_MAD_OF_ONE = 0.6745  # of a normal distribution with deviation one
_Q95_OF_ONE = 1.6449
_FILE = "limits.json"

Limits = Mapping[str, Mapping[str, float]]  # source to limit to value


@dataclass(frozen=True)
class Scale:
    """On which values lie about as far above their middle as below it: SQL to get there, and the way back."""

    sql: str
    back: Callable[[float], float]


LOGARITHM = Scale("ln({})", math.exp)
# Of hours there are 24 at most, and mostly one or two: logarithms would put their limit where no day can come. Anscombe
# 1948, "The transformation of Poisson, binomial and negative-binomial data".
ROOT = Scale("sqrt({} + 0.375)", lambda root: root * root - 0.375)


def scale_of(name: str) -> Scale:
    """The scale of a limited column."""
    return ROOT if name in ("busy_hours", "full_hours") else LOGARITHM


@dataclass(frozen=True)
class Spread:
    """How `n` values lie on their scale: their median, their median distance from it, their 95th percentile."""

    n: int
    median: float
    deviation: float
    q95: float


def limit(spread: Spread, floor: float, scale: Scale) -> float | None:
    """The limit, to three decimals; None where there are too few values."""
    if spread.n < LEAST:
        return None
    deviation = max(spread.deviation / _MAD_OF_ONE, (spread.q95 - spread.median) / _Q95_OF_ONE)
    return round(max(floor, scale.back(spread.median + _Z * deviation)), 3)


def save(limits: Limits, folder: Path) -> str:
    """Write the files of a version; the digest by which it is known."""
    (folder / _FILE).write_text(json.dumps(limits, indent=1, sort_keys=True) + "\n", "utf-8")
    return artefact.seal(folder, [_FILE])


def load(folder: Path, digest: str, name: str) -> Limits:
    """The limits that were saved under this digest. BadInput that names the file if one is other than it was."""
    artefact.require_sealed(folder, digest, name, [_FILE])
    found = json.loads((folder / _FILE).read_text("utf-8"))
    return {source: {limit: float(value) for limit, value in of.items()} for source, of in found.items()}
