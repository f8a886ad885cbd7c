"""silver.text_signals: what models read out of each text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

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
    Answers = tuple[pa.Array, pa.Array, pa.Array]  # status, pleased, spans

Models = Sequence[tuple[str, str, Any]]  # signal, version, model

_KEY = ("text_hash", "model_version", "signal")
_ANSWERS = ("status", "label", "confidence", "pleased", "spans")
_TYPES = {column.name: column.type for column in TEXT_SIGNALS.columns if column.name in _ANSWERS}
_READ = f"text_hash string, model_version string, signal string, status string, pleased double, spans {SPANS}"


def transform(texts: DataFrame, *, signal: str, version: str, model: Any = None) -> DataFrame:
    """Rows of one signal, one a text, of `texts` with its `text_hash` and

    language: `text`
    entities, aspects: a column of that name, null where they were not looked for
    others, by a `model`: what `read` needs
    """
    if model is not None:
        return read(texts, [(signal, version, model)])
    answers = _languages(texts) if signal == LANGUAGE else _found(texts, signal)
    return _typed(answers.withColumns({"model_version": F.lit(version), "signal": F.lit(signal)}))


def read(texts: DataFrame, models: Models) -> DataFrame:
    """Rows of the signals of all `models`, one a text and model, of `texts` with `text_hash`, `text` and

    sentiment: `language`, `vector`. Read where the model has learned from texts in that language; where it reads
    vectors, one that is null has nothing to be read out of.
    names: no more
    topics: `language`, `vector`

    Texts and vectors go to a Python worker once, however many models there are.
    """
    columns = ["text_hash", "text"]
    if any(signal != NAMES for signal, _, _ in models):
        columns += ["language", "vector"]
    found = texts.select(*columns).mapInArrow(_read(models), _READ)
    pleased = F.round("pleased", 3).cast(_TYPES["pleased"])
    said = F.when(pleased >= 0.5, "pleased").when(pleased.isNotNull(), "displeased")
    return _typed(
        found.withColumns({"label": said, "confidence": F.greatest(pleased, F.lit(1) - pleased), "pleased": pleased})
    )


def _typed(answers: DataFrame) -> DataFrame:
    """What is not answered is null."""
    given = (F.col(name) if name in answers.columns else F.lit(None) for name in _TYPES)
    typed = (column.cast(kind).alias(name) for column, (name, kind) in zip(given, _TYPES.items(), strict=True))
    return answers.select(*_KEY, *typed)


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


def _detect(arrived: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """What a Python worker runs."""
    import pyarrow as pa

    from include.text.language import detect

    for batch in arrived:
        found = [detect(text) for text in batch.column("text").to_pylist()]
        columns = [batch.column("text_hash"), pa.array([f.code for f in found], pa.string()),
                   pa.array([f.confidence for f in found], pa.float64())]  # fmt: skip
        yield pa.RecordBatch.from_arrays(columns, ["text_hash", "label", "confidence"])


def _read(models: Models) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What a Python worker runs."""

    def read(arrived: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        by_signal: dict[str, Callable[[Any, _Texts], Answers]]
        by_signal = {SENTIMENT: _sentiment, NAMES: _names, TOPICS: _topics}
        for batch in arrived:
            texts = _texts(batch)
            for signal, version, model in models:
                given = [pa.repeat(value, batch.num_rows) for value in (version, signal)]
                columns = [batch.column("text_hash"), *given, *by_signal[signal](model, texts)]
                yield pa.RecordBatch.from_arrays(columns, [*_KEY, "status", "pleased", "spans"])

    return read


class _Texts(NamedTuple):
    """Of a batch. `vectors` is [n, dim], NaN where there is none."""

    texts: list[str]
    languages: list[str | None]
    embedded: Flags
    vectors: Floats


def _texts(batch: pa.RecordBatch) -> _Texts:
    import numpy as np

    texts = batch.column("text").to_pylist()
    if "vector" not in batch.schema.names:
        return _Texts(texts, [], np.zeros(len(texts), dtype=np.bool_), np.zeros((len(texts), 0), dtype=np.float32))
    column = batch.column("vector")
    embedded, flat = (part.to_numpy(zero_copy_only=False) for part in (column.is_valid(), column.flatten()))
    known = flat.reshape(embedded.sum(), -1 if len(flat) else 0)
    vectors = np.full((len(texts), known.shape[1]), np.nan, dtype=np.float32)
    vectors[embedded] = known
    return _Texts(texts, batch.column("language").to_pylist(), embedded, vectors)


def _sentiment(model: Sentiment, of: _Texts) -> Answers:
    import pyarrow as pa

    from include.models.sentiment import pleased

    found = pa.array(pleased(model, of.languages, of.texts, of.vectors), from_pandas=True)
    status = pa.compute.if_else(found.is_valid(), "value", "unsupported")
    return status, found, to_arrow([None] * len(of.texts))


def _names(model: Names, of: _Texts) -> Answers:
    found = [[span._asdict() for span in spans] for spans in model.spans(of.texts)]
    return _with_spans(["value"] * len(found), found)


def _topics(model: Topics, of: _Texts) -> Answers:
    """What a text is about is said of all of it."""
    import numpy as np

    readable = of.embedded & (np.array(of.languages, dtype=object) == model.language)
    status = np.where(readable, "unknown", "unsupported").tolist()
    found: list[list[dict[str, Any]] | None] = [None] * len(status)
    rows = np.flatnonzero(readable)
    for n, about in zip(rows, model.read(of.vectors[rows]) if len(rows) else [], strict=True):
        if about:
            status[n], end = "value", len(of.texts[n])
            found[n] = [
                {"start": 0, "end": end, "label": r.kind, "confidence": r.confidence, "name": r.name,
                 "source": r.source} for r in about
            ]  # fmt: skip
    return _with_spans(status, found)


def _with_spans(status: list[str], spans: Sequence[list[dict[str, Any]] | None]) -> Answers:
    import pyarrow as pa

    return pa.array(status), pa.nulls(len(status), pa.float64()), to_arrow(spans)
