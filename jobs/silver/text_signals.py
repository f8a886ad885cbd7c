"""silver.text_signals: what models read out of each text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from include.tables.silver import ENTITIES, LANGUAGE, SENTIMENT

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import Column, DataFrame

    from include.models.sentiment import SentimentModel

_PROBABILITY = "decimal(9,3)"
_SPANS = "array<struct<start:int,end:int,label:string,confidence:decimal(9,3)>>"
_TYPES = {"label": "string", "confidence": _PROBABILITY, "pleased": _PROBABILITY, "spans": _SPANS}


def languages(texts: DataFrame, *, version: str) -> DataFrame:
    """`texts(text_hash, text)`, one row a text, with the language it is in."""
    read = texts.select("text_hash", "text").mapInArrow(_detect, "text_hash string, label string, confidence double")
    told = F.col("label").isNotNull()
    status, confidence = F.when(told, "value").otherwise("unknown"), F.when(told, F.round("confidence", 3))
    return _rows(read, LANGUAGE, version, status, label=F.col("label"), confidence=confidence)


def entities(texts: DataFrame, *, version: str) -> DataFrame:
    """`texts(text_hash, entities)`, one row a text; null where they were not looked for."""
    status = F.when(F.col("entities").isNotNull(), "value").otherwise("unsupported")
    return _rows(texts, ENTITIES, version, status, spans=F.col("entities"))


def sentiment(texts: DataFrame, *, version: str, model: SentimentModel) -> DataFrame:
    """`texts(text_hash, text, language, vector)`, one row a text. Read where the model has learned from texts in that
    language; a vector that is null has nothing to be read out of."""
    readable = F.col("vector").isNotNull() & (F.col("language") == model.language)
    read = texts.select("text_hash", "text", F.when(readable, F.col("vector")).alias("vector"))
    pleased = F.round("pleased", 3).cast(_PROBABILITY)
    likelier = F.greatest(pleased, F.lit(1) - pleased).cast(_PROBABILITY)
    return _rows(
        read.mapInArrow(_read(model), "text_hash string, status string, pleased double"),
        SENTIMENT,
        version,
        F.col("status"),
        label=F.when(pleased >= 0.5, "pleased").when(pleased.isNotNull(), "displeased"),
        confidence=likelier,
        pleased=pleased,
    )


def _rows(read: DataFrame, signal: str, version: str, status: Column, **answers: Column) -> DataFrame:
    """Rows of one signal; answers that it does not give are null."""
    given = (answers.get(name, F.lit(None)).cast(kind).alias(name) for name, kind in _TYPES.items())
    named = F.lit(version).alias("model_version"), F.lit(signal).alias("signal"), status.alias("status")
    return read.select("text_hash", *named, *given)


def _detect(arrived: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """What a Python worker runs."""
    import pyarrow as pa

    from include.text.language import detect

    for batch in arrived:
        found = [detect(text) for text in batch.column("text").to_pylist()]
        columns = [batch.column("text_hash"), pa.array([f.code for f in found], pa.string()),
                   pa.array([f.confidence for f in found], pa.float64())]  # fmt: skip
        yield pa.RecordBatch.from_arrays(columns, ["text_hash", "label", "confidence"])


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
