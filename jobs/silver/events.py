"""silver.events: one version of one thing a user did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.silver.outcomes import is_row

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def transform(events: DataFrame) -> DataFrame:
    """`events` are resolved records. Anonymous events stay, without a user_key."""
    return events.where(is_row())
