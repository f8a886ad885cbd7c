"""silver.items: one version of one item."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from jobs.silver.validity import with_validity

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def transform(items: DataFrame, *, buckets: Mapping[str, int]) -> DataFrame:
    """`items` are resolved records; `buckets` is each source's number of partitions."""
    return with_validity(items, "item_id", buckets)
