"""silver.text_signals: what a version of the sentiment model reads out of each text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

    from include.models.sentiment import SentimentModel

_SCHEMA = "text_hash string, status string, pleased double"


def transform(texts: DataFrame, *, version: str, model: SentimentModel) -> DataFrame:
    """`texts(text_hash, text, vector)`, one row a text; a vector that is null has nothing to be read out of."""
    read = texts.select("text_hash", "text", "vector").mapInArrow(_read(model), _SCHEMA)
    return read.withColumns({"model_version": F.lit(version), "pleased": F.round("pleased", 3).cast("decimal(9,3)")})


def _read(model: SentimentModel) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What a Python worker runs."""

    def read(arrived: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import numpy as np
        import pyarrow as pa

        for batch in arrived:
            vectors = batch.column("vector")
            embedded = vectors.is_valid()
            some = batch.filter(embedded)
            flat = some.column("vector").flatten().to_numpy(zero_copy_only=False)
            pleased = np.full(batch.num_rows, np.nan)
            if some.num_rows:
                stacked = flat.reshape(some.num_rows, -1)
                pleased[embedded.to_numpy(zero_copy_only=False)] = model.probability(
                    some.column("text").to_pylist(), stacked
                )
            status = pa.compute.if_else(embedded, "value", "unsupported")
            columns = [batch.column("text_hash"), status, pa.array(pleased, from_pandas=True)]
            yield pa.RecordBatch.from_arrays(columns, ["text_hash", "status", "pleased"])

    return read
