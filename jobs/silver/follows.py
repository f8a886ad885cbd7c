"""silver.follows: one version of one tie between two users."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from jobs.silver.validity import with_validity

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def transform(follows: DataFrame, *, buckets: Mapping[str, int]) -> DataFrame:
    """`follows` are resolved records; `buckets` is each source's number of partitions."""
    return with_validity(follows, "user_key", buckets)
