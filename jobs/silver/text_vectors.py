"""silver.text_vectors: a vector for each text, by its hash; on the way its entities and aspects, of the same states."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from include.text.device import Wanted, choose_device
from include.text.encoder import Encoder, find_encoder
from include.text.entities import Weights
from include.text.language import ENGLISH
from include.text.spans import SPANS, to_arrow

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

    from include.text.encode import Part, TextEncoder
    from include.text.tags import Entity

_TEXTS = ("text_hash", "text", "language", "has_vector", "has_entities")
_SCHEMA = (
    "text_hash string, has_vector boolean, has_entities boolean, status string, vector array<float>, precision string, "
    f"device string, entities {SPANS}, aspects {SPANS}"
)


def transform(texts: DataFrame, *, encoder: Encoder, weights: Weights, device: Wanted, partitions: int) -> DataFrame:
    """`texts(text_hash, text, language, has_vector, has_entities)`, one row a text, with its vector and, of an English
    one, its entities and aspects, as far as it does not have them. A partition is sorted by length, embedded whole."""
    spread = texts.select(*_TEXTS).repartition(partitions, "text_hash")
    return spread.mapInArrow(_embed(encoder, weights, device), _SCHEMA).withColumn("space", F.lit(encoder.space))


def load(
    encoder: Encoder, weights: Weights, wanted: Wanted
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What a worker runs to have the model before the first text comes; it keeps it for its later tasks."""

    def run(nothing: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        _encoders(encoder, weights, wanted)
        yield from nothing

    return run


def _encoders(encoder: Encoder, weights: Weights, wanted: Wanted) -> tuple[TextEncoder, Callable[[], TextEncoder]]:
    """What makes vectors, and what finds entities and aspects: the same, unless the encoder is not the latter's."""
    from include.text.encode import load_encoder

    device = choose_device(wanted, gpu_of_the_task())
    if encoder.space == weights.space:
        both = load_encoder(encoder.folder, device, weights)
        return both, lambda: both
    return load_encoder(encoder.folder, device), lambda: load_encoder(find_encoder("").folder, device, weights)


def _embed(
    encoder: Encoder, weights: Weights, wanted: Wanted
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What a Python worker runs."""

    def embed(arrived: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        rows: list[dict[str, Any]] = [row for batch in arrived for row in batch.to_pylist()]
        if not rows:
            return
        encode, finder = _encoders(encoder, weights, wanted)
        read = [row["language"] == ENGLISH and not row["has_entities"] for row in rows]
        if encoder.space == weights.space:
            for part in encode.encode_in_parts([row["text"] for row in rows], read):
                yield _batch([rows[n] for n in part.rows], part, encode)
            return
        found: dict[int, tuple[list[Entity] | None, list[Entity] | None]] = {}
        if any(read):
            texts = [row["text"] if is_read else None for row, is_read in zip(rows, read, strict=True)]
            for part in finder().encode_in_parts(texts, read):
                found.update(zip(part.rows.tolist(), zip(part.entities, part.aspects, strict=True), strict=True))
        for part in encode.encode_in_parts([None if row["has_vector"] else row["text"] for row in rows]):
            entities, aspects = zip(*(found.get(n, (None, None)) for n in part.rows.tolist()), strict=True)
            mine = part._replace(entities=list(entities), aspects=list(aspects))
            yield _batch([rows[n] for n in part.rows], mine, encode)

    return embed


def gpu_of_the_task() -> str | None:
    """Address of the GPU that Spark gave the task, where it gives any."""
    from pyspark import TaskContext

    task = TaskContext.get()
    found = task.resources().get("gpu") if task else None
    return found.addresses[0] if found and found.addresses else None


def _batch(rows: Sequence[dict[str, Any]], part: Part, encode: TextEncoder) -> pa.RecordBatch:
    import numpy as np
    import pyarrow as pa

    n = len(rows)
    if part.vectors is None:
        vectors, status = pa.nulls(n, pa.list_(pa.float32())), "unsupported"
    else:
        starts = np.arange(0, part.vectors.size + 1, part.vectors.shape[1], dtype=np.int32)
        vectors, status = pa.ListArray.from_arrays(starts, part.vectors.ravel()), "value"
    columns = {
        "text_hash": pa.array([row["text_hash"] for row in rows]),
        "has_vector": pa.array([row["has_vector"] for row in rows], pa.bool_()),
        "has_entities": pa.array([row["has_entities"] for row in rows], pa.bool_()),
        "status": pa.repeat(status, n),
        "vector": vectors,
        "precision": pa.repeat(encode.device.precision, n),
        "device": pa.repeat(encode.device.name, n),
        "entities": _spans(part.entities),
        "aspects": _spans(part.aspects),
    }
    return pa.RecordBatch.from_pydict(columns)


def _spans(found: Sequence[list[Entity] | None]) -> pa.Array:
    return to_arrow([None if some is None else list(map(_span, some)) for some in found])


def _span(found: Entity) -> dict[str, Any]:
    return {"start": found.start, "end": found.end, "label": found.kind, "confidence": found.confidence,
            "name": found.name}  # fmt: skip
