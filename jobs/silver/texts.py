"""silver.texts: one version of one text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from jobs.silver.outcomes import is_row

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def transform(texts: DataFrame) -> DataFrame:
    """`texts` are resolved records, cleaned; the original stays beside a text that cleaning changed."""
    changed = ~F.col("text_original").eqNullSafe(F.col("text"))
    return texts.where(is_row()).withColumns(
        {"text_hash": F.sha2("text", 256), "text_original": F.when(changed, F.col("text_original"))}
    )
