"""How much memory a Python worker takes to embed a million short texts.

The encoder is the packaged one with the first of its layers only, so that a million texts take minutes: its vocabulary,
dimensions and batches are the same, and five layers more are 36 MB in float32.
"""

from __future__ import annotations

import time
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import psutil
from pyspark.sql import functions as F

from include.lake.session import session
from include.text.encoder import Encoder, find_encoder
from include.text.entities import packaged_weights
from jobs.silver import text_vectors
from jobs.understand import partitions_for

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

TEXTS = 1_000_000
_WORDS = ("good", "read", "late", "magazine", "every", "month", "love", "never", "arrived", "thin", "recipes", "pages")


def worker_memory(folder: Path) -> tuple[list[float], str]:
    """The largest resident memory of each worker, in GiB, and what was run."""
    spark = session("portrait.bench")
    texts = _texts(spark)
    partitions = partitions_for(TEXTS, spark.sparkContext.defaultParallelism)
    nothing = {"language": F.lit(None).cast("string"), "has_vector": F.lit(False), "has_entities": F.lit(True)}
    vectors = text_vectors.transform(
        texts.withColumns(nothing), encoder=_first_layer(folder),
        weights=packaged_weights(), device="cpu", partitions=partitions,
    )  # fmt: skip
    with Peaks() as peaks:
        started = time.monotonic()
        vectors.write.format("delta").save(str(folder / "vectors"))
        seconds = time.monotonic() - started
    spark.stop()
    if not peaks.gib:
        raise RuntimeError("no worker was seen")
    told = f"{TEXTS:,} made-up texts of 2 to 21 words, {partitions} partitions, one layer of six, {seconds:.0f} s"
    return sorted(peaks.gib.values(), reverse=True), told


def _texts(spark: SparkSession) -> DataFrame:
    """Made where the workers are: a number first, so that all differ."""
    words = F.array(*map(F.lit, _WORDS))
    row = F.col("id").cast("int")
    picked = F.transform(F.sequence(F.lit(1), 1 + row % 20), lambda n: F.get(words, (row * n + n * n) % len(_WORDS)))
    text = F.concat_ws(" ", row.cast("string"), picked)
    return spark.range(TEXTS).select(F.sha2(text, 256).alias("text_hash"), text.alias("text"))


def _first_layer(folder: Path) -> Encoder:
    """The packaged encoder, cut."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(find_encoder("").folder), device="cpu", local_files_only=True)
    transformer = model[0].auto_model
    transformer.encoder.layer = transformer.encoder.layer[:1]
    transformer.config.num_hidden_layers = 1
    model.save(str(folder / "one-layer"))
    return find_encoder(str(folder / "one-layer"))


class Peaks:
    """Looks at Spark's Python workers while a job runs. `gib` is the peak of each that there was."""

    def __init__(self) -> None:
        self.gib: dict[int, float] = {}
        self._done = Event()
        self._thread = Thread(target=self._look, daemon=True)

    def __enter__(self) -> Peaks:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(0.5):
            for process in psutil.Process().children(recursive=True):
                try:
                    parent = process.parent()
                    if parent and all("pyspark.daemon" in " ".join(p.cmdline()) for p in (process, parent)):
                        self.gib[process.pid] = _peak(process.pid)
                except (psutil.Error, OSError):  # ended meanwhile
                    continue


def _peak(pid: int) -> float:
    """GiB: the most that the system saw resident."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) / 2**20
