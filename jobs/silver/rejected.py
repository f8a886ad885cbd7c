"""silver.<feed>__rejected: landed records that did not become rows, with reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from jobs.silver.outcomes import REJECTED

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def transform(records: DataFrame) -> DataFrame:
    """`records` are resolved ones of any feed. What they say stays in bronze."""
    return records.where(F.col("outcome") == REJECTED)
