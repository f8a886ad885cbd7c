"""The Spark application `portray`: a language model writes a short portrait of users from what profiles rest on.

Off unless a model is configured: then portraits that there are go as soon as they cite what is no evidence any more.
Only users whose evidence changed are asked about. Asking many takes hours and may cost money, so that what the first
users were asked is released before the next ones are.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from pyspark.sql import functions as F

from include import gate
from include.errors import PortraitError, said_by_worker
from include.lake.catalogue import declared_with
from include.lake.create import create_lake
from include.lake.frames import few_rows, union
from include.lake.measure import measure
from include.lake.meta import Meta
from include.lake.publish import commit, stage
from include.lake.read import Reader
from include.lake.session import session
from include.lake.staging import Staging
from include.lake.turn import take_turn
from include.orchestration.watchdog import watch_parent
from include.plan import Plan
from include.portraits.choose import LanguageModel, language_model
from include.portraits.local import Local
from include.portraits.pending import has_portraits
from include.portraits.prompt import prompt_version
from include.settings import Settings
from include.tables.gold import TRAIT_EVIDENCE, USER_PORTRAITS, USER_PROFILES
from include.tables.silver import TEXTS
from include.traits.load import load_traits
from jobs.application import Clock, Result, judged, main, released_versions, result_of, say
from jobs.gold import portrait_evidence, user_portraits

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from include.traits.model import Trait

_USER = ["source", "user_key"]
_UNIT = ["source", "bucket"]
_USERS_OF_A_PARTITION = 200
USERS_OF_A_RELEASE = 2_000  # minutes of any model: a run that breaks off loses no more
_MOST_PARTS = 20  # of a run: each gathers the evidence anew


def run(
    plan: Plan,
    run_id: str,
    *,
    take: bool = False,
    settings: Settings | None = None,
    spark: SparkSession | None = None,
    started: float | None = None,
) -> Result:
    """Portraits of the users of all sources from the newest profiles, whatever the plan's interval."""
    clock = Clock(started)
    settings = settings or Settings()
    model = language_model(settings)
    if model is None and not has_portraits(settings):
        say("no language model is configured: nobody is portrayed")
        return Result("portray", run_id, plan, passed=True, seconds=clock.seconds)
    traits = load_traits(settings.trait_folders)
    create_lake(settings, declared_with(traits).values())
    gate.preload()
    spark = spark or session("portrait.portray")
    clock.done("start")
    part: Part | None = Part(0)
    published: dict[str, int] = {}
    while part:
        result, part = _release(plan, run_id, settings, spark, traits, model, part, clock, take)
        published |= result.published
        take = False
    return replace(result, published=published)


class Part(NamedTuple):
    """Of the users to ask about, those of one release."""

    number: int
    of: int | None = None  # None: to be found, from how many there are

    def split(self, users: int) -> Part:
        """With the number of parts, for so many users in all of them."""
        return self if self.of else self._replace(of=max(1, min(_MOST_PARTS, -(-users // USERS_OF_A_RELEASE))))

    def __str__(self) -> str:
        return f", part {self.number + 1} of {self.of}" if self.of and self.of > 1 else ""

    @property
    def next(self) -> Part | None:
        return self._replace(number=self.number + 1) if self.of and self.number + 1 < self.of else None

    def of_users(self, users: DataFrame) -> DataFrame:
        """Whoever of them was asked about without an answer is of the same part again, and asked once a run."""
        return users.where(F.pmod(F.xxhash64(*_USER), F.lit(self.of)) == self.number)


def _release(
    plan: Plan, run_id: str, settings: Settings, spark: SparkSession, traits: tuple[Trait, ...],
    model: LanguageModel | None, part: Part, clock: Clock, take: bool,
) -> tuple[Result, Part | None]:  # fmt: skip
    """Ask about the users of a part, and release what came of it. The next part, if there is one."""
    with (
        take_turn(spark, settings, "portray", run_id, plan, take) as turn,
        Staging(settings, "portray", turn.fence) as staging,
    ):
        meta = Meta(settings)
        buckets = meta.buckets()
        if not meta.passed("profile"):
            raise PortraitError("portray: no profile was built yet; run the whole build, not this application alone")
        # Of its own table the newest version: what a run that died has written counts.
        versions = {name: v for name, v in meta.versions().items() if name != USER_PORTRAITS.name}
        reader = Reader(spark, settings, versions)
        counting = portrait_evidence.transform(
            reader.table(TRAIT_EVIDENCE.name),
            reader.table(USER_PROFILES.name),
            reader.table(TEXTS.name),
            spark.createDataFrame(_speaking(meta), "source string, as_of date, readers array<string>").coalesce(1),
            traits=traits,
        )
        users = staging.keep("users", user_portraits.gather(counting))
        before = reader.table(USER_PORTRAITS.name)
        clock.done("read")
        true = user_portraits.still_true(before, users)
        asked = staging.keep("asked", _unanswered(users, before, model).drop("there"))
        n = _count(asked)
        part = part.split(n)
        if model:
            say(f"language model {model.name}: {n:,} users to ask about{part}")
        said, failed = _written(part.of_users(asked), before, model, buckets, staging)
        written = staging.keep("written", user_portraits.newer(said, true, prompt_version()))
        gone = before.join(true.select(*_USER), on=_USER, how="left_anti")
        touched = _buckets(union([written.select(*_UNIT), gone.select(*_UNIT)]))
        stays = reader.units(USER_PORTRAITS.name, touched, meta.grains())  # of other buckets nothing is written
        stays = user_portraits.still_true(stays, users)
        stays = stays.join(written.select(*_USER), on=_USER, how="left_anti")
        stamp = {"run_id": F.lit(run_id), "built_at": F.now()}
        rows = union([written.withColumns(stamp).select(*stays.columns), stays])
        staged = [stage(USER_PORTRAITS, rows, touched, meta.grains())] if touched else []
        measures = measure(staged, reader, meta.grains())
        clock.done("compute")
        verdict = judged(turn, measures, clock)
        if verdict.passed:
            commit(turn, staged, measures, meta.grains())
        clock.done("commit")
        turn.release(
            sources=sorted(buckets),
            verdict="error" if failed else "passed" if verdict.passed else "failed",
            versions=released_versions(turn),
            moved_forward=False,
            seconds=clock.seconds,
        )
    if failed:
        raise failed
    result = result_of("portray", turn, verdict, staged, measures, clock, (), {})
    return result, part.next if verdict.passed else None


def _speaking(meta: Meta) -> list[tuple[str, object, list[str]]]:
    """(source, its newest built day, versions that read texts for it)."""
    always = (meta.last_passed("profile") or {}).get("readers") or ()
    recorded = meta.models_of_days(released=True)
    newest = dict(sorted(recorded))  # source to the last of its days
    return [(s, day, [*always, *recorded[s, day].others]) for s, day in sorted(newest.items())]


def _unanswered(users: DataFrame, before: DataFrame, model: LanguageModel | None) -> DataFrame:
    """Users about whom this model was not asked the same already. None without a model."""
    if model is None:
        return users.where("false")
    same = (F.col("model") == model.name) & (F.col("prompt_version") == prompt_version())
    answered = before.where(same & (F.col("status") != "no answer")).select(*_USER, "evidence_hash")
    return users.join(answered, on=[*_USER, "evidence_hash"], how="left_anti")


def _written(
    asked: DataFrame, before: DataFrame, model: LanguageModel | None, buckets: dict[str, int], staging: Staging
) -> tuple[DataFrame, Exception | None]:
    """What the model says of users: asked once, and kept. Nothing without a model, and where asking fails, with the
    error: what was deleted goes from portraits all the same."""
    if model is None:
        say("no language model is configured: portraits that cite what is no evidence any more are removed")
        return before.where("false"), None
    partitions = _partitions(asked, model)
    portraits = user_portraits.transform(asked, model=model, buckets=buckets, partitions=partitions)
    try:
        portraits = staging.keep("portraits", portraits)
        counted = portraits.groupBy("status").agg(F.count(F.lit(1)).alias("n"))
        came = {r["status"]: r["n"] for r in few_rows(counted, "kinds of answers")}
        say(f"language model {model.name}: " + (", ".join(f"{n:,} {s}" for s, n in sorted(came.items())) or "nobody"))
        return portraits, None
    except Exception as error:
        say("asking has failed: portraits that cite what is no evidence any more are removed, then the error is told")
        return before.where("false"), said_by_worker(error) or error


def _partitions(users: DataFrame, model: LanguageModel) -> int:
    """A model in a folder is loaded by each process that asks it: where Spark hands out no GPUs, by one alone."""
    if isinstance(model, Local) and not users.sparkSession.conf.get("spark.task.resource.gpu.amount", None):
        return 1
    return max(1, -(-_count(users) // _USERS_OF_A_PARTITION))


def _count(users: DataFrame) -> int:
    n: int = few_rows(users.agg(F.count(F.lit(1)).alias("n")), "number of users")[0]["n"]
    return n


def _buckets(units: DataFrame) -> list[tuple[str, int]]:
    found = few_rows(units.distinct(), "buckets of portraits")
    return sorted((r["source"], r["bucket"]) for r in found)


if __name__ == "__main__":
    watch_parent()
    sys.exit(main("portray", run))
