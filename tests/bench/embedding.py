"""Embedding, measured in one warm Spark session from Delta to Delta, beside what one would write without thinking.

Each round runs all contestants in turn, over the same texts: magazine reviews where they are, and as many more of made-up
ones that one text in a hundred is worth a run. The slow ones would take minutes: they, and the job once more, get one text
in ten.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pyspark.sql import functions as F

from include.lake.frames import union
from include.lake.session import session
from include.models.name_forms import Item, names_of, weighed
from include.models.names import Names
from include.models.sentiment import Labelled, SentimentModel, fit
from include.models.topics import Categories, Clusters, OfSource, Topic, Topics
from include.settings import Settings
from include.tables.silver import LANGUAGE, NAMES, SENTIMENT, TOPICS
from include.text.clean import clean_text
from include.text.device import Device, cpu_has_bf16
from include.text.encode import _BUDGET, TextEncoder, batches
from include.text.encoder import Encoder, find_encoder
from include.text.entities import packaged_weights
from include.text.language import ENGLISH, english_words
from jobs.silver import text_signals, text_vectors

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

ROUNDS = 3
_REVIEWS = "amazon_magazine_subscriptions_2018/Magazine_Subscriptions_5.json.gz"
_ITEMS = "amazon_magazine_subscriptions_2018/meta_Magazine_Subscriptions.json.gz"
_TEXTS = 10_000
_TOPICS, _AXES = 40, 50
_EMBEDDED = "text_hash string, text string, language string"
_SOME = 10  # one text in so many


@dataclass
class Embedding:
    """Seconds of each contestant, round by round; `cosines` of bfloat16 with float32; a note on the texts."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    cosines: list[float] = field(default_factory=list)
    note: str = ""

    def ratios(self, mine: str, theirs: str) -> list[float]:
        """Round by round."""
        return [a / b for a, b in zip(self.seconds[mine], self.seconds[theirs], strict=True)]

    def signals(self) -> list[float]:
        """What all signals come to beside embedding alone, round by round."""
        names = ("job", "job with entities", "other signals and names")
        rounds = zip(*(self.seconds[name] for name in names), strict=True)
        return [(both - job + others) / job for job, both, others in rounds]


def measure_embedding(folder: Path, *, signals: bool = False) -> Embedding:
    """All contestants, `ROUNDS` times: those that make vectors, or the job and what reads `signals`. The first run of
    each, which loads models, does not count."""
    texts = corpus()
    unique = list(dict.fromkeys(texts))
    encoder = find_encoder("")
    spark = session("portrait.bench")
    job = Job(spark, folder, encoder, texts)
    precision = "bfloat16" if cpu_has_bf16() else "float32"
    raw = Raw(encoder, precision, unique)
    model = a_sentiment_model(raw, unique)
    runs: dict[str, Callable[[], float]] = {"job": job.first}
    if signals:
        job.keep_vectors(unique, raw.vectors)
        others = {LANGUAGE: None, SENTIMENT: {ENGLISH: model}, TOPICS: a_topics_model(encoder.space)}
        every = others | {NAMES: a_names_model(texts)}
        runs |= {
            "job with entities": job.with_entities,
            "other signals": lambda: job.signals(others),
            "other signals and names": lambda: job.signals(every),
        }
    else:
        runs |= {
            "job over 1 % new": job.one_percent, "job over some": job.some, "naive": job.naive, "raw": raw.run,
            "encode": lambda: encode(encoder, texts[::_SOME]), "sentiment": lambda: sentiment(model, raw, unique),
        }  # fmt: skip
    found = Embedding()
    for number in range(ROUNDS + 1):
        for name, run in runs.items():
            if number == 0 and name == "encode":  # loads its model before its clock starts
                continue
            seconds = run()
            print(f"  round {number}: {name} {seconds:.2f} s", flush=True)
            if number:
                found.seconds.setdefault(name, []).append(seconds)
    if not signals:
        exact = TextEncoder(encoder.folder, Device("cpu", "float32")).encode(unique)
        half = TextEncoder(encoder.folder, Device("cpu", "bfloat16")).encode(unique)
        found.cosines = [float(x) for x in np.nanquantile((exact * half).sum(axis=1), [0.0, 0.01, 0.5])]
    words = median(len(text.split()) for text in unique)
    found.note = (
        f"{len(texts):,} texts, {len(unique):,} different, median {words:.0f} words, {precision}, "
        f"{len(unique) / median(found.seconds['job']):.0f} texts a second"
    )
    spark.stop()
    return found


def corpus() -> list[str]:
    """Cleaned reviews in their order, repeated ones and all, then texts of their words and lengths."""
    real = _reviews()
    chance = random.Random(5)
    words = [word for text in real for word in text.split()] or [f"word{n}" for n in range(2000)]
    lengths = [len(text.split()) for text in real] or [int(chance.lognormvariate(3.4, 0.9)) + 1 for _ in range(_TEXTS)]
    return real + [" ".join(chance.choices(words, k=chance.choice(lengths))) for _ in range(_TEXTS - len(real))]


def _reviews() -> list[str]:
    file = Settings().data / _REVIEWS
    if not file.is_file():
        return []
    with gzip.open(file, "rt") as lines:
        found = (clean_text(json.loads(line).get("reviewText")) for line in lines)
        return [text for text in found if text]


class Job:
    """The Spark job over a Delta table of texts, into a Delta table of vectors."""

    def __init__(self, spark: SparkSession, folder: Path, encoder: Encoder, texts: list[str]) -> None:
        self.spark, self.folder, self.encoder = spark, folder, encoder
        rows = [(hashlib.sha256(text.encode()).hexdigest(), text) for text in texts]
        spark.createDataFrame(rows, "text_hash string, text string").write.format("delta").save(self._path("texts"))
        known = sorted({text_hash for text_hash, _ in rows})[len(set(rows)) // 100 :]
        frame = spark.createDataFrame([(text_hash,) for text_hash in known], "text_hash string")
        frame.write.format("delta").save(self._path("known"))
        frame.limit(0).write.format("delta").save(self._path("none"))
        some = spark.createDataFrame(rows[::_SOME], "text_hash string, text string")
        some.write.format("delta").save(self._path("some"))

    def keep_vectors(self, texts: list[str], vectors: np.ndarray) -> None:
        """For what is read from vectors that are there."""
        hashes = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        rows = pd.DataFrame({"text_hash": hashes, "text": texts, "language": ENGLISH, "vector": list(vectors)})
        self.spark.createDataFrame(rows, f"{_EMBEDDED}, vector array<float>").write.format("delta").save(
            self._path("embedded")
        )

    def first(self) -> float:
        return self._embed("texts", "none")

    def with_entities(self) -> float:
        return self._embed("texts", "none", ENGLISH)

    def signals(self, models: dict[str, Any]) -> float:
        """By these models, from the vectors that are there, in one write as `understand` has it."""

        def read(texts: DataFrame) -> DataFrame:
            languages = [text_signals.transform(texts, signal=s, version="bench") for s in models if s == LANGUAGE]
            others = [(signal, "bench", model) for signal, model in models.items() if signal != LANGUAGE]
            return union(languages + ([text_signals.read(texts, others)] if others else []))

        return self._timed(self._read("embedded"), read, "embedded")

    def one_percent(self) -> float:
        return self._embed("texts", "known")

    def some(self) -> float:
        return self._embed("some", "none")

    def naive(self) -> float:
        """What a tutorial writes: 32 texts as they come, float32, once for every row."""
        from pyspark.sql.functions import pandas_udf

        folder = str(self.encoder.folder)

        @pandas_udf("array<float>")
        def embed(parts: Iterator[pd.Series]) -> Iterator[pd.Series]:
            model = _plain(folder)
            for part in parts:
                texts = part.tolist()
                vectors = [v for i in range(0, len(texts), 32) for v in model.encode(texts[i : i + 32], batch_size=32)]
                yield pd.Series(vectors)

        def vectors(texts: DataFrame) -> DataFrame:
            return texts.repartition(2).select("text_hash", embed("text").alias("vector"))

        return self._timed(self._read("some"), vectors)

    def _embed(self, texts: str, known: str, language: str | None = None) -> float:
        """Entities are looked for where the texts are said to be English."""
        new = self._read(texts).distinct().join(self._read(known), on="text_hash", how="left_anti")
        cores = self.spark.sparkContext.defaultParallelism

        def vectors(texts: DataFrame) -> DataFrame:
            said = texts.withColumns(
                {"language": F.lit(language).cast("string"), "has_vector": F.lit(False), "has_entities": F.lit(False)}
            )
            return text_vectors.transform(
                said, encoder=self.encoder, weights=packaged_weights(), device="cpu", partitions=2 * cores
            )

        return self._timed(new, vectors)

    def _timed(self, texts: DataFrame, vectors: Callable[[DataFrame], DataFrame], some: str = "some") -> float:
        """Seconds from Delta to Delta. Spark ends workers that rest for a minute: a few texts bring them back first."""
        vectors(self._read(some).limit(8)).write.format("noop").mode("overwrite").save()
        shutil.rmtree(self.folder / "vectors", ignore_errors=True)
        frame = vectors(texts)
        started = time.monotonic()
        frame.write.format("delta").save(self._path("vectors"))
        return time.monotonic() - started

    def _read(self, name: str) -> Any:
        return self.spark.read.format("delta").load(self._path(name))

    def _path(self, name: str) -> str:
        return str(self.folder / name)


class Raw:
    """The forward passes alone: texts are tokenised, sorted and cut into batches before the clock starts."""

    def __init__(self, encoder: Encoder, precision: Any, unique: list[str]) -> None:
        self.encode = TextEncoder(encoder.folder, Device("cpu", precision))
        tokens = self.encode._tokenise(unique, [False] * len(unique))
        lengths = np.array([len(ids) for ids in tokens], dtype=np.int64)
        self._batches = [[tokens[row] for row in rows] for rows in batches(lengths, _BUDGET["cpu"])]
        self.vectors = np.nan_to_num(self.encode.encode(unique))

    def run(self) -> float:
        started = time.monotonic()
        for batch in self._batches:
            self.encode._run(batch, self.encode._loaded)
        return time.monotonic() - started


def encode(encoder: Encoder, texts: list[str]) -> float:
    """Plain sentence-transformers, in one process."""
    model = _plain(str(encoder.folder))
    started = time.monotonic()
    model.encode(texts)
    return time.monotonic() - started


def a_sentiment_model(raw: Raw, unique: list[str]) -> SentimentModel:
    """Of the largest kind; what it says does not matter here."""
    n = len(unique)
    pleased = np.arange(n) % 3 > 0
    return fit(
        Labelled(tuple(unique), raw.vectors, pleased, (date(2020, 1, 1),) * n, tuple(map(str, range(n)))),
        "both",
        1.0,
        "bench",
    )


def sentiment(model: SentimentModel, raw: Raw, unique: list[str]) -> float:
    """Scoring all texts."""
    started = time.monotonic()
    model.probability(unique, raw.vectors)
    return time.monotonic() - started


def a_names_model(texts: list[str]) -> Names:
    """Brands and titles of the magazines, or of made-up ones; the texts tell which are ordinary words."""
    items = _magazines() or [Item("bench", f"i{n}", " ".join(text.split()[:3]), None) for n, text in enumerate(texts)]
    return Names(weighed(names_of(items), {"bench": texts}, english_words()))


def _magazines() -> list[Item]:
    file = Settings().data / _ITEMS
    if not file.is_file():
        return []
    with gzip.open(file, "rt") as lines:
        found = [json.loads(line) for line in lines]
    return [Item("bench", row["asin"], row.get("title") or None, row.get("brand") or None) for row in found]


def a_topics_model(space: str) -> Topics:
    """As large as those that are learned from real sources; what it says does not matter here."""
    chance, dim = np.random.default_rng(5), 384

    def numbers(*shape: int) -> Any:
        found = chance.normal(size=shape)
        return (found / np.linalg.norm(found, axis=-1, keepdims=True)).astype(np.float32)

    named = tuple(Topic(f"t{n}", "made up", ()) for n in range(_TOPICS))
    clusters = Clusters(numbers(dim), numbers(_AXES, dim), numbers(_TOPICS, _AXES), named, 0.0, 9.0, 0.0)
    paths = tuple(f"category {n}" for n in range(_TOPICS))
    categories = Categories(1, paths, numbers(_TOPICS, dim), np.zeros(_TOPICS, dtype=np.float32), 1.0, 0.0)
    return Topics(space, {"bench": OfSource(_TEXTS, clusters, categories)})


_loaded: dict[str, Any] = {}


def _plain(folder: str) -> Any:
    """Once a process."""
    if folder not in _loaded:
        from sentence_transformers import SentenceTransformer

        _loaded[folder] = SentenceTransformer(folder, device="cpu", local_files_only=True)
    return _loaded[folder]
