"""The Spark application `understand`: a vector for each text that has none yet, and what the models read out of it.

Its workers alone import torch.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial, reduce
from threading import Thread
from typing import TYPE_CHECKING, Any

from pyspark.errors import PythonException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from include import gate
from include.errors import said_by_worker
from include.lake.catalogue import declared
from include.lake.create import create_lake
from include.lake.frames import union
from include.lake.measure import measure
from include.lake.meta import Meta
from include.lake.publish import commit, stage
from include.lake.read import Filter, Reader
from include.lake.session import session
from include.lake.staging import Staging
from include.lake.turn import take_turn
from include.lake.units import APPENDED, Unit
from include.orchestration.watchdog import watch_parent
from include.plan import Plan
from include.settings import Settings
from include.tables import Table
from include.tables.silver import ASPECTS, ENTITIES, LANGUAGE, NAMES, TEXT_SIGNALS, TEXT_VECTORS, TEXTS
from include.text.device import Wanted, choose_device
from include.text.encoder import Encoder
from include.text.entities import Weights
from include.text.language import language_version
from include.text.pending import Pending, pending_texts
from include.text.progress import Progress
from jobs.application import Clock, Result, judged, main, released_versions, result_of, say
from jobs.silver import text_signals, text_vectors

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

LANGUAGES = language_version()
_OF_A_PARTITION = 1000  # texts at most: enough to sort by length, few enough to tell how far one is
_WORTH_A_WORKER = 200  # texts: a worker takes ten seconds of a core to load torch, as long as to embed a thousand
_TASKS_OF_A_CORE = 2  # so that none waits long for the slowest


def run(
    plan: Plan,
    run_id: str,
    *,
    take: bool = False,
    settings: Settings | None = None,
    spark: SparkSession | None = None,
    started: float | None = None,
) -> Result:
    """Embed and read what ingest has brought since the last time, and all of it where a model is new.

    Without new texts and models neither Spark nor a release.
    """
    clock = Clock(started)
    settings = settings or Settings()
    create_lake(settings, declared(settings).values())
    pending = pending_texts(settings)
    if pending is None or not pending.is_needed:
        say("every text is understood")
        return Result("understand", run_id, plan, passed=True, seconds=clock.seconds)
    if settings.device == "cuda" and (spark is None or str(spark.sparkContext.master).startswith("local")):
        choose_device(settings.device)  # asked for and absent: said before Spark starts
    gate.preload()
    is_first = SparkSession.getActiveSession() is None
    spark = spark or session("portrait.understand")
    # A worker loads the encoder while the registry is asked and the driver plans. Where there are workers already it
    # may be another one that gets the texts.
    warming = _warm_up(spark, pending.encoder, pending.weights, settings.device) if pending.texts and is_first else None
    models = pending.load_models(say)
    clock.done("start")
    with (
        take_turn(spark, settings, "understand", run_id, plan, take) as turn,
        Staging(settings, "understand", turn.fence) as staging,
    ):
        meta = Meta(settings)
        ingested = next(r for r in meta.releases("ingest") if r["fence"] == pending.until)
        reader = Reader(spark, settings, dict(ingested["versions"]))
        new = staging.keep("new", new_texts(reader, pending, meta))
        clock.done("read")
        stamp = {"run_id": F.lit(run_id), "built_at": F.now()}
        if warming and pending.texts <= _WORTH_A_WORKER:  # a second worker would load it too
            warming.join()
        unread = partial(unread_texts, reader, pending, new)
        languages = staging.keep(
            "languages", text_signals.transform(unread(LANGUAGES), signal=LANGUAGE, version=LANGUAGES)
        )
        spoken = languages_of_texts(reader, languages)
        read = _embedded(spark, settings, staging, texts_to_embed(reader, pending, new, spoken), pending)
        vectors = read.where("not has_vector")
        looked_through, version = read.where("not has_entities"), pending.weights.version
        signals = [languages]
        signals += [text_signals.transform(looked_through, signal=s, version=version) for s in (ENTITIES, ASPECTS)]
        for together in read_together(pending, models):
            names = [name for _, name, _ in together]
            texts = unread(*names)
            if any(signal != NAMES for signal, _, _ in together):  # names are of words alone
                texts = texts.join(spoken, on="text_hash", how="left")
                texts = texts.join(vectors_for(reader, pending, vectors, names[0]), on="text_hash")
            signals.append(without_known(reader, text_signals.read(texts, together), *names))
        kept = staging.keep("signals", union(signals).withColumns(stamp))
        staged = [
            stage(TEXT_VECTORS, vectors.withColumns(stamp), [APPENDED], {}),
            stage(TEXT_SIGNALS, kept, [APPENDED], {}),
        ]
        measures = measure(staged, reader, {})
        clock.done("compute")
        verdict = judged(turn, measures, clock)
        if verdict.passed:
            commit(turn, staged, measures, {})
        clock.done("commit")
        turn.release(
            sources=[],
            verdict="passed" if verdict.passed else "failed",
            versions=released_versions(turn),
            seen=pending.until if verdict.passed else pending.seen,
            space=pending.encoder.space,
            **pending.offered.told,
            read_until=pending.read_until,
            moved_forward=False,
            seconds=clock.seconds,
        )
    return result_of("understand", turn, verdict, staged, measures, clock, (), {})


def _warm_up(spark: SparkSession, encoder: Encoder, weights: Weights, device: Wanted) -> Thread:
    """Have one worker load the encoder from now on, until the thread ends. Takes one core.

    What goes wrong is not told: the first texts meet the same, and tell it.
    """
    loaded = spark.range(0, 1, 1, 1).mapInArrow(text_vectors.load(encoder, weights, device), "id bigint")

    def run() -> None:
        with suppress(Exception):
            loaded.write.format("noop").mode("overwrite").save()

    thread = Thread(target=run, name="warm-up", daemon=True)
    thread.start()
    return thread


def new_texts(reader: Reader, pending: Pending, meta: Meta) -> DataFrame:
    """`(text_hash, text, day)` of texts on touched days without a vector in the space: each text once, whoever wrote
    it, on its first day."""
    days: list[Unit] = [(s, day) for s, feed, day in meta.touched(pending.seen, pending.until) if feed == "texts"]
    texts = reader.units(TEXTS.name, days, meta.grains()).groupBy("text_hash", "text").agg(F.min("day").alias("day"))
    return texts.join(_hashes(reader, TEXT_VECTORS, ("space", "=", pending.encoder.space)), "text_hash", "left_anti")


def read_together(pending: Pending, models: Mapping[str, Mapping[str, Any]]) -> list[text_signals.Models]:
    """The models, by signal and version, in groups that are asked about the same texts."""
    found: defaultdict[Any, list[tuple[str, str, Any]]] = defaultdict(list)
    for signal, versions in models.items():
        for name, model in versions.items():
            found[name in pending.behind, pending.read_until.get(name)].append((signal, name, model))
    return list(found.values())


def unread_texts(reader: Reader, pending: Pending, new: DataFrame, *together: str) -> DataFrame:
    """`(text_hash, text)` that a version has not read, or not all that read together: of the `new` ones; for one that
    is behind also of those that had their vector before. None of days that it is not asked about. A run that died may
    have read some and not embedded them."""
    version = together[0]
    last = pending.read_until.get(version)
    unread = (new if last is None else new.where(F.col("day") <= F.lit(last))).drop("day")
    if version in pending.behind:
        before = _hashes(reader, TEXT_VECTORS, ("space", "=", pending.encoder.space))
        of_days: tuple[Filter, ...] = () if last is None else (("day", "<", last + timedelta(days=1)),)
        texts = reader.table(TEXTS.name, *of_days).select("text_hash", "text").distinct()
        unread = unread.unionByName(texts.join(before, on="text_hash", how="left_semi"))
    by_each = (_hashes(reader, TEXT_SIGNALS, ("model_version", "=", name)) for name in together)
    by_all = reduce(lambda a, b: a.join(b, "text_hash", "left_semi"), by_each)
    return unread.join(by_all, "text_hash", "left_anti")


def without_known(reader: Reader, read: DataFrame, *together: str) -> DataFrame:
    """The rows of what some of the versions had not read, where another one had."""
    if len(together) == 1:
        return read
    known = reader.table(TEXT_SIGNALS.name, ("model_version", "in", together)).select("text_hash", "model_version")
    return read.join(known, ["text_hash", "model_version"], "left_anti")


def texts_to_embed(reader: Reader, pending: Pending, new: DataFrame, spoken: DataFrame) -> DataFrame:
    """`(text_hash, text, language, has_vector, has_entities)` of texts that lack one of the two."""
    unread = unread_texts(reader, pending, new, pending.weights.version).join(spoken, on="text_hash", how="left")
    no_vector = new.drop("day").withColumn("has_vector", F.lit(False))
    no_entities = unread.withColumn("has_entities", F.lit(False))
    flags = {name: F.coalesce(name, F.lit(True)) for name in ("has_vector", "has_entities")}
    return no_vector.join(no_entities, on=["text_hash", "text"], how="full_outer").withColumns(flags)


def vectors_for(reader: Reader, pending: Pending, new: DataFrame, version: str) -> DataFrame:
    """`(text_hash, vector)` of the texts that a version has to read."""
    columns = ("text_hash", "vector")
    if version not in pending.behind:
        return new.select(*columns)
    before = reader.table(TEXT_VECTORS.name, ("space", "=", pending.encoder.space))
    return new.select(*columns).unionByName(before.select(*columns))


def languages_of_texts(reader: Reader, new: DataFrame) -> DataFrame:
    """`(text_hash, language)`, of `new` rows of text_signals and of those there."""
    there = reader.table(TEXT_SIGNALS.name, ("model_version", "=", LANGUAGES))
    both = (rows.select("text_hash", F.col("label").alias("language")) for rows in (new, there))
    return union(both)


def _hashes(reader: Reader, table: Table, which: Filter) -> DataFrame:
    """Of the texts that have such a row already."""
    return reader.table(table.name, which).select("text_hash")


def _embedded(spark: SparkSession, settings: Settings, staging: Staging, new: DataFrame, pending: Pending) -> DataFrame:
    partitions = partitions_for(pending.texts, spark.sparkContext.defaultParallelism)
    say(f"encoder {pending.encoder.name}, space {pending.encoder.space}: {pending.texts:,} texts")
    vectors = text_vectors.transform(
        new, encoder=pending.encoder, weights=pending.weights, device=settings.device, partitions=partitions
    )
    try:
        with Progress(spark, "understand", pending.texts, partitions, say):
            return staging.keep("vectors", vectors)
    except PythonException as error:
        if said := said_by_worker(error):
            raise said from error
        raise


def partitions_for(texts: int, cores: int) -> int:
    """Few texts keep few workers busy, many are cut so that all workers end together."""
    workers = min(cores, -(-texts // _WORTH_A_WORKER))
    return max(1, workers if workers < cores else _TASKS_OF_A_CORE * cores, -(-texts // _OF_A_PARTITION))


if __name__ == "__main__":
    watch_parent()
    sys.exit(main("understand", run))
