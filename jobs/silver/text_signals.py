"""silver.text_signals: what models read out of each text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from include.tables.silver import LANGUAGE, NAMES, SENTIMENT, TEXT_SIGNALS, TOPICS
from include.text.spans import SPANS, to_arrow

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray
    from pyspark.sql import DataFrame

    from include.models.names import Names
    from include.models.sentiment import Sentiment
    from include.models.topics import Floats, Topics

    Flags = NDArray[np.bool_]

_ANSWERS = ("status", "label", "confidence", "pleased", "spans")
_TYPES = {column.name: column.type for column in TEXT_SIGNALS.columns if column.name in _ANSWERS}


def transform(texts: DataFrame, *, signal: str, version: str, model: Any = None) -> DataFrame:
    """Rows of one signal, one a text, of `texts` with its `text_hash` and

    language: `text`
    entities, aspects: a column of that name, null where they were not looked for
    sentiment, by a `model`: `text`, `language`, `vector`. Read where the model has learned from texts in that language;
    where it reads vectors, one that is null has nothing to be read out of.
    names, by a `model`: `text`
    topics, by a `model`: `text`, `language`, `vector`
    """
    by_model: dict[str, Callable[[DataFrame, Any], DataFrame]]
    by_model = {SENTIMENT: _sentiment, NAMES: _names, TOPICS: _topics}
    if signal in by_model:
        answers = by_model[signal](texts, model)
    else:
        answers = _languages(texts) if signal == LANGUAGE else _found(texts, signal)
    given = (F.col(name) if name in answers.columns else F.lit(None) for name in _TYPES)
    typed = (column.cast(kind).alias(name) for column, (name, kind) in zip(given, _TYPES.items(), strict=True))
    return answers.select("text_hash", F.lit(version).alias("model_version"), F.lit(signal).alias("signal"), *typed)


def _languages(texts: DataFrame) -> DataFrame:
    read = texts.select("text_hash", "text").mapInArrow(_detect, "text_hash string, label string, confidence double")
    told = F.col("label").isNotNull()
    return read.withColumns(
        {"status": F.when(told, "value").otherwise("unknown"), "confidence": F.when(told, F.round("confidence", 3))}
    )


def _found(texts: DataFrame, signal: str) -> DataFrame:
    found = F.col(signal)
    return texts.select(
        "text_hash", found.alias("spans"), F.when(found.isNotNull(), "value").otherwise("unsupported").alias("status")
    )


def _sentiment(texts: DataFrame, model: Sentiment) -> DataFrame:
    read = texts.select("text_hash", "text", "language", "vector")
    pleased = F.round("pleased", 3).cast(_TYPES["pleased"])
    return read.mapInArrow(_read(model), "text_hash string, status string, pleased double").select(
        "text_hash",
        "status",
        F.when(pleased >= 0.5, "pleased").when(pleased.isNotNull(), "displeased").alias("label"),
        F.greatest(pleased, F.lit(1) - pleased).alias("confidence"),
        pleased.alias("pleased"),
    )


def _names(texts: DataFrame, model: Names) -> DataFrame:
    read = texts.select("text_hash", "text").mapInArrow(_find(model), f"text_hash string, spans {SPANS}")
    return read.withColumn("status", F.lit("value"))


def _topics(texts: DataFrame, model: Topics) -> DataFrame:
    readable = F.col("vector").isNotNull() & (F.col("language") == model.language)
    known = texts.select("text_hash", F.length("text").alias("long"), F.when(readable, F.col("vector")).alias("vector"))
    read = known.mapInArrow(_assign(model), f"text_hash string, spans {SPANS}")
    said = F.when(F.col("spans").isNull(), "unsupported").when(F.size("spans") == 0, "unknown").otherwise("value")
    return read.select("text_hash", said.alias("status"), F.when(said == "value", F.col("spans")).alias("spans"))


def _detect(arrived: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """What a Python worker runs."""
    import pyarrow as pa

    from include.text.language import detect

    for batch in arrived:
        found = [detect(text) for text in batch.column("text").to_pylist()]
        columns = [batch.column("text_hash"), pa.array([f.code for f in found], pa.string()),
                   pa.array([f.confidence for f in found], pa.float64())]  # fmt: skip
        yield pa.RecordBatch.from_arrays(columns, ["text_hash", "label", "confidence"])


def _read(model: Sentiment) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What a Python worker runs."""

    def read(arrived: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import numpy as np
        import pyarrow as pa

        from include.models.sentiment import pleased

        for batch in arrived:
            embedded, known = _vectors(batch)
            vectors = np.full((batch.num_rows, known.shape[1]), np.nan, dtype=np.float32)
            vectors[embedded] = known
            languages, texts = (batch.column(name).to_pylist() for name in ("language", "text"))
            found = pa.array(pleased(model, languages, texts, vectors), from_pandas=True)
            status = pa.compute.if_else(found.is_valid(), "value", "unsupported")
            columns = [batch.column("text_hash"), status, found]
            yield pa.RecordBatch.from_arrays(columns, ["text_hash", "status", "pleased"])

    return read


def _find(model: Names) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What a Python worker runs."""

    def find(arrived: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        for batch in arrived:
            found = [[span._asdict() for span in spans] for spans in model.spans(batch.column("text").to_pylist())]
            yield pa.RecordBatch.from_arrays([batch.column("text_hash"), to_arrow(found)], ["text_hash", "spans"])

    return find


def _assign(model: Topics) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What a Python worker runs. What a text is about is said of all of it."""

    def assign(arrived: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import numpy as np
        import pyarrow as pa

        for batch in arrived:
            embedded, vectors = _vectors(batch)
            readings = model.read(vectors) if len(vectors) else []
            found: list[list[dict[str, Any]] | None] = [None] * batch.num_rows
            longs = batch.column("long").to_pylist()
            for n, about in zip(np.flatnonzero(embedded), readings, strict=True):
                found[n] = [
                    {"start": 0, "end": longs[n], "label": r.kind, "confidence": r.confidence, "name": r.name,
                     "source": r.source} for r in about
                ]  # fmt: skip
            yield pa.RecordBatch.from_arrays([batch.column("text_hash"), to_arrow(found)], ["text_hash", "spans"])

    return assign


def _vectors(batch: pa.RecordBatch) -> tuple[Flags, Floats]:
    """Which rows have a vector, and theirs, [k, dim]."""
    embedded = batch.column("vector").is_valid()
    flat = batch.filter(embedded).column("vector").flatten().to_numpy(zero_copy_only=False)
    return embedded.to_numpy(zero_copy_only=False), flat.reshape(embedded.true_count, -1 if len(flat) else 0)
