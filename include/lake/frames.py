"""What is done with frames in many places."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import TYPE_CHECKING, Any

from include.errors import PortraitError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_FEW = 200_000


def union(frames: Iterable[DataFrame]) -> DataFrame:
    """The rows of all of them; there is at least one, and they have the same columns."""
    return reduce(lambda a, b: a.unionByName(b), frames)


def few_rows(frame: DataFrame, what: str) -> list[Any]:
    """Rows that a decision needs here, such as the days a run touches: counts and days, never content.

    The only place of a build where rows come to the driver. Raises rather than take more than it should.
    """
    rows = frame.limit(_FEW + 1).collect()
    if len(rows) > _FEW:
        raise PortraitError(f"{what}: more than {_FEW:,} rows to decide on; run a shorter interval")
    return rows
