"""Rows of unlike length as one array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def padded(rows: Sequence[NDArray[Any]], fill: int = 0) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The values [rows, longest], with `fill` behind them, and a mask that is 1 where a row has values."""
    values = np.full((len(rows), max(map(len, rows))), fill, dtype=np.int64)
    mask = np.zeros_like(values)
    for n, row in enumerate(rows):
        values[n, : len(row)] = row
        mask[n, : len(row)] = 1
    return values, mask
