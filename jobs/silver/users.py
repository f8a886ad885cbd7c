"""silver.users: one version of one user's record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from jobs.silver.validity import with_validity

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def transform(users: DataFrame, *, buckets: Mapping[str, int]) -> DataFrame:
    """`users` are resolved records; `buckets` is each source's number of partitions."""
    return with_validity(users, "user_key", buckets)
