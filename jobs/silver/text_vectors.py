"""silver.text_vectors: a vector for each text, by its hash."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from include.text.device import Device, Wanted, choose_device
from include.text.encoder import Encoder

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray
    from pyspark.sql import DataFrame

_SCHEMA = "text_hash string, text string, status string, vector array<float>, precision string, device string"


def transform(texts: DataFrame, *, encoder: Encoder, device: Wanted, partitions: int) -> DataFrame:
    """`texts(text_hash, text)`, one row a text, with its vector. A partition is sorted by length and embedded whole."""
    spread = texts.select("text_hash", "text").repartition(partitions, "text_hash")
    return spread.mapInArrow(_embed(encoder, device), _SCHEMA).withColumn("space", F.lit(encoder.space))


def load(encoder: Encoder, wanted: Wanted) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What a worker runs to have the model before the first text comes; it keeps it for its later tasks."""
    folder = encoder.folder

    def run(nothing: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from include.text.encode import load_encoder

        load_encoder(folder, choose_device(wanted, _gpu_of_the_task()))
        yield from nothing

    return run


def _embed(encoder: Encoder, wanted: Wanted) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What a Python worker runs."""
    folder = encoder.folder

    def embed(arrived: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        hashes: list[str] = []
        texts: list[str | None] = []
        for batch in arrived:
            hashes += batch.column("text_hash").to_pylist()
            texts += batch.column("text").to_pylist()
        if texts:  # the first texts of a worker load the model, which it keeps for later partitions
            from include.text.encode import load_encoder

            encode = load_encoder(folder, choose_device(wanted, _gpu_of_the_task()))
            for rows, vectors in encode.encode_in_parts(texts):
                yield _batch([hashes[row] for row in rows], [texts[row] for row in rows], vectors, encode.device)

    return embed


def _gpu_of_the_task() -> str | None:
    """Address of the GPU that Spark gave the task, where it gives any."""
    from pyspark import TaskContext

    task = TaskContext.get()
    found = task.resources().get("gpu") if task else None
    return found.addresses[0] if found and found.addresses else None


def _batch(
    hashes: list[str], texts: list[str | None], vectors: NDArray[np.float32] | None, device: Device
) -> pa.RecordBatch:
    import numpy as np
    import pyarrow as pa

    n = len(hashes)
    if vectors is None:
        column, status = pa.nulls(n, pa.list_(pa.float32())), "unsupported"
    else:
        starts = np.arange(0, vectors.size + 1, vectors.shape[1], dtype=np.int32)
        column, status = pa.ListArray.from_arrays(starts, vectors.ravel()), "value"
    columns = [
        pa.array(hashes),
        pa.array(texts, pa.string()),
        _all(status, n),
        column,
        _all(device.precision, n),
        _all(device.name, n),
    ]
    return pa.RecordBatch.from_arrays(columns, ["text_hash", "text", "status", "vector", "precision", "device"])


def _all(value: str, n: int) -> pa.Array:
    import pyarrow as pa

    return pa.repeat(value, n)
