"""The tables of the application `profile`: what is read for each, and where it is staged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from include.asof_days import Wanted, day_before
from include.asof_todo import Todo, merge
from include.lake.frames import few_rows, union
from include.lake.publish import Staged, stage
from include.lake.read import Filter, Reader
from include.lake.side_by_side import side_by_side
from include.lake.staging import Staging
from include.lake.units import Unit, outside_units
from include.models.topics import Topics
from include.tables import Table
from include.traits.asof import TABLES as INPUTS
from include.traits.asof import needed_inputs
from include.traits.columns import trait_columns
from include.traits.compile import SIGNALS
from include.traits.model import DAILY, ITEMS, MENTIONS, OWN, PEOPLE, TEXTS, TIES, Trait
from include.traits.spark import compute_traits
from jobs.application import say
from jobs.gold import trait_evidence, user_interests, user_profile_history, user_profiles, user_vectors
from jobs.silver.user_days import without_suspects
from jobs.silver.validity import bucket_of

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_LEDGERS = (INPUTS[DAILY], INPUTS[ITEMS])
_VERSIONED = (INPUTS[PEOPLE], INPUTS[TIES])
_LATEST = date(9999, 12, 31)
_USER = ["source", "user_key"]


@dataclass(frozen=True)
class Vectors:
    """The space of the newest vectors, none if there are no texts; `is_new` since the last good run."""

    space: str | None
    is_new: bool


class Build:
    """The profile tables for one run. Lazy: Spark computes them when they are measured."""

    def __init__(
        self,
        reader: Reader,
        earlier: Reader,  # the inputs as the last good run saw them
        todo: Todo,
        traits: tuple[Trait, ...],
        tables: Mapping[str, Table],
        buckets: Mapping[str, int],
        grains: dict[str, str],
        staging: Staging,
        vectors: Vectors,
        readers: Sequence[str] = (),
        topics: Callable[[], Mapping[str, Topics]] = dict,  # asked while Spark computes profiles
    ) -> None:
        self.readers, self.topics = readers, topics
        self.reader, self.earlier, self.staging, self.vectors = reader, earlier, staging, vectors
        self.todo, self.traits, self.tables, self.grains, self.buckets = todo, traits, tables, grains, buckets

    def staged(self, run_id: str) -> list[Staged]:
        """All tables."""
        units = self.todo.as_of_units()
        stamp = {"run_id": F.lit(run_id), "built_at": F.now()}
        evidence = [self._evidence(stamp)] if self.todo.evidence else []
        if not units:
            nobody = self._rows([], "source string, user_key string, as_of date")
            return evidence + (self._vectors(nobody) if self.vectors.is_new else [])
        say(f"as-of days to compute: {len(units)}")
        targets = self.staging.keep("targets", self._targets())

        def profiles() -> list[Staged]:
            computed = self.staging.keep("computed", self._compute(targets, evidence).withColumns(stamp))
            return side_by_side([partial(make, computed, targets, units) for make in (self._history, self._latest)])

        parts: list[Callable[[], list[Staged]]]
        parts = [profiles, partial(self._vectors, targets), partial(self._interests, targets, stamp)]
        return evidence + [staged for tables in side_by_side(parts) for staged in tables]

    def _evidence(self, stamp: dict[str, Column]) -> Staged:
        """Of days whose texts, readers or models are others than the last good run saw."""
        table, units = self.tables["gold.trait_evidence"], self.todo.evidence
        sources = sorted({unit[0] for unit in units})
        of_sources: Filter = ("source", "in", sources)
        texts = self.reader.units(INPUTS[TEXTS], units, self.grains)
        texts = without_suspects(texts, self.reader.table("silver.user_days", of_sources))
        readers = sorted({*self.todo.speaking, *self.readers})
        signals = self.reader.table(INPUTS[SIGNALS], ("model_version", "in", readers))
        speaking = self._rows([(s, v) for s in sources for v in readers], "source string, model_version string")
        rows = trait_evidence.transform(texts, signals, speaking, traits=self.traits).withColumns(stamp)
        return stage(table, self.staging.keep("evidence", rows), units, self.grains)

    def _history(self, computed: DataFrame, targets: DataFrame, units: list[Unit]) -> Staged:
        table = self.tables["gold.user_profile_history"]
        history = self.reader.units(table.name, units, self.grains)
        names = [c.name for c in trait_columns(self.traits)]
        rows = user_profile_history.transform(computed, history, targets, traits=names)
        return stage(table, self.staging.keep("history", rows), units, self.grains)

    def _latest(self, computed: DataFrame, targets: DataFrame, units: list[Unit]) -> Staged:
        """Only the newest built day of a source is anybody's latest profile."""
        table = self.tables["gold.user_profiles"]
        newest = {(source, days[-1]) for source, days in self.todo.days.items() if days}
        latest = [unit for unit in units if unit in newest]
        wanted = self._rows(latest, "source string, as_of date")
        now = targets.join(F.broadcast(wanted), on=["source", "as_of"], how="left_semi")
        touched = self._buckets_of(now)
        profiles = self.reader.units(table.name, touched, self.grains)
        rows = user_profiles.transform(computed, profiles, now, buckets=self.buckets)
        return stage(table, self.staging.keep("latest", rows), touched, self.grains)

    def _vectors(self, targets: DataFrame) -> list[Staged]:
        """Mean vectors of who is on the newest built day, or of everybody where the space is another one."""
        if self.vectors.space is None:
            return []
        table = self.tables["gold.user_vectors"]
        newest = self._rows([(s, days[-1]) for s, days in self.todo.days.items() if days], "source string, last date")
        texts = self.reader.table("silver.texts").join(F.broadcast(newest), on="source", how="inner")
        of_sources: Filter = ("source", "in", sorted(self.todo.days))
        texts = without_suspects(texts, self.reader.table("silver.user_days", of_sources))
        texts = texts.where("day <= last and known_to is null").select(*_USER, "text_hash")
        if self.vectors.is_new:
            users = texts.select(*_USER).distinct()
        else:
            on_newest = (targets["source"] == newest["source"]) & (targets["as_of"] == newest["last"])
            users = targets.join(F.broadcast(newest), on=on_newest, how="left_semi").select(*_USER)
        users = self.staging.keep("writers", users)
        touched = self._buckets_of(users)
        rows = user_vectors.transform(
            texts,
            self.reader.table("silver.text_vectors"),
            self.reader.units(table.name, touched, self.grains),
            users,
            space=self.vectors.space,
            buckets=self.buckets,
        )
        return [stage(table, self.staging.keep("vectors", rows), touched, self.grains)] if touched else []

    def _interests(self, targets: DataFrame, stamp: dict[str, Column]) -> list[Staged]:
        """Of who is on the newest built day of his source, or of everybody where its topics are others than before."""
        table = self.tables["gold.user_interests"]
        newest = {s: days[-1] for s, days in self.todo.days.items() if days}
        days = F.broadcast(self._rows(sorted(newest.items()), "source string, as_of date"))
        users = targets.join(days, on=["source", "as_of"], how="left_semi").select(*_USER, "as_of")
        anew = [s for s in newest if self.todo.has_other_topics(s)]
        if anew:
            every = (
                self.reader.table(name, ("source", "in", anew)).select(*_USER) for name in (_LEDGERS[1], INPUTS[TEXTS])
            )
            users = union([users, union(every).join(days, on="source", how="inner")]).distinct()
        users = self.staging.keep("interested", users)
        touched = self._buckets_of(users)
        if not touched:
            return []
        published = self.reader.units(table.name, touched, self.grains)
        by_version: dict[str | None, list[str]] = defaultdict(list)
        for source in newest:
            by_version[self.todo.topics(source)].append(source)
        topics = self.topics()
        told = union(
            self._interests_by(v, topics.get(v or "", Topics("", {})), sources, users, published)
            for v, sources in by_version.items()
        )
        told = told.withColumns({name: F.coalesce(name, of_run) for name, of_run in stamp.items()})
        return [stage(table, self.staging.keep("interests", told), touched, self.grains)]

    def _interests_by(
        self, version: str | None, topics: Topics, sources: list[str], users: DataFrame, published: DataFrame
    ) -> DataFrame:
        """Of the users of sources whose newest day has this version of the topics."""
        mine = users.where(F.col("source").isin(sources))
        of_sources: Filter = ("source", "in", sources)
        texts = without_suspects(
            self.reader.table(INPUTS[TEXTS], of_sources).where("known_to is null and precision != 'none'"),
            self.reader.table("silver.user_days", of_sources),
        ).join(mine, on=_USER, how="left_semi")
        read = self.reader.table(INPUTS[SIGNALS], ("model_version", "in", [version] if version else []))
        items = self.reader.table("silver.items", of_sources)
        readings = user_interests.read_texts(texts, items, read.where("status = 'value'"), levels=topics.levels())
        return user_interests.transform(
            readings,
            self.reader.table(_LEDGERS[1], of_sources),
            published.where(F.col("source").isin(sources)),
            mine,
            version=version,
            names=topics.names(),
            levels=topics.levels(),
            buckets=self.buckets,
        )

    def _buckets_of(self, users: DataFrame) -> list[Unit]:
        bucket = bucket_of(F.col("user_key"), self.buckets).alias("bucket")
        found = few_rows(users.select("source", bucket).distinct(), "buckets of profiles")
        return sorted((r["source"], r["bucket"]) for r in found)

    def _compute(self, targets: DataFrame, evidence: Sequence[Staged]) -> DataFrame:
        """Profiles of the targets, and of the same users as of the built day before, to compare with."""
        pairs = [(s, d, b) for s, days in self.todo.days.items() for d in days if (b := day_before(d, days))]
        schema = "source string, as_of date, before date"
        earlier = targets.join(F.broadcast(self._rows(pairs, schema)), on=["source", "as_of"], how="inner")
        compared = earlier.select(*_USER, F.col("before").alias("as_of"))
        wanted = self.staging.keep("wanted", targets.unionByName(compared).distinct())
        of_sources: Filter = ("source", "in", sorted(self.todo.days))
        versions = {day.sentiment for days in self.todo.models.values() for day in days.values() if day.sentiment}
        of_views: dict[str, Filter] = {SIGNALS: ("model_version", "in", sorted(versions))}
        views = needed_inputs(self.traits)
        frames = {view: self.reader.table(INPUTS[view], of_views.get(view, of_sources)) for view in views}
        if MENTIONS in frames:
            before = outside_units(frames[MENTIONS], self.todo.evidence, self.grains)
            frames[MENTIONS] = union([before, *(staged.frame for staged in evidence)])
        models = [
            (s, d, day.sentiment, [*self.readers, *day.others])
            for s, days in self.todo.models.items()
            for d, day in days.items()
        ]
        schema = "source string, as_of date, model_version string, readers array<string>"
        of_days = F.broadcast(self._rows(models, schema))
        dated = wanted.withColumn("known_at", F.lit(_LATEST)).join(of_days, on=["source", "as_of"], how="inner")
        return compute_traits(self.traits, {**frames, "wanted": dated})

    def _targets(self) -> DataFrame:
        """(source, user_key, as_of) to compute. Who has lost all rows is one too: nothing is computed, and it goes."""
        of_ledger, (of_source, *_) = _within(self.todo.by_ledger), _within(self.todo.by_version)
        acted = [rows.select(*_USER, "day") for name in _LEDGERS for rows in self._now_and_then(name, *of_ledger)]
        told = [
            rows.select(*_USER, F.explode(F.array("valid_from", "valid_to")).alias("day"))
            for name in _VERSIONED
            for rows in self._now_and_then(name, of_source)
        ]
        wrote = [self.reader.table(INPUTS[TEXTS], *_within(self.todo.by_text)).select(*_USER, "day")]
        parts = [(told, self.todo.by_version), (wrote, self.todo.by_text)]
        found = [self._on(union(rows), wanted) for rows, wanted in parts if wanted]
        if self.todo.by_ledger:
            who_acted = self._on(union(acted), self.todo.by_ledger)
            found += [who_acted, *self._followers(who_acted)]
        return union(found).distinct()

    def _followers(self, acted: DataFrame) -> list[DataFrame]:
        """Who follows one of these, or did: his traits of those he follows may differ on the same days. A tie that is
        gone altogether was told of."""
        if all(t.whose == OWN for t in self.traits):
            return []
        of_sources: Filter = ("source", "in", sorted({w.source for w in self.todo.by_ledger}))
        ties = self.reader.table(INPUTS[TIES], of_sources).select("source", F.col("user_key").alias("by"), "target_key")
        whom = (ties["source"] == acted["source"]) & (ties["target_key"] == acted["user_key"])
        return [acted.join(ties, on=whom, how="inner").select(acted["source"], F.col("by").alias("user_key"), "as_of")]

    def _now_and_then(self, name: str, *filters: Filter) -> list[DataFrame]:
        """A table as it is, and where it changed since the last good run as that run saw it."""
        changed = self.earlier.version(name) not in (None, self.reader.version(name))
        return [reader.table(name, *filters) for reader in (self.reader, self.earlier)[: 1 + changed]]

    def _on(self, rows: DataFrame, wanted: list[Wanted]) -> DataFrame:
        """Users with a row in one of the ranges, as of its day."""
        ranges = [(w.source, w.first, w.last, w.as_of) for w in merge(wanted)]
        spans = F.broadcast(self._rows(ranges, "source string, first date, last date, as_of date").alias("span"))
        inside = (rows["source"] == F.col("span.source")) & rows["day"].between(F.col("span.first"), F.col("span.last"))
        return rows.join(spans, on=inside, how="inner").select(rows["source"], rows["user_key"], "as_of").distinct()

    def _rows(self, rows: Sequence[Any], schema: str) -> DataFrame:
        return self.reader.spark.createDataFrame(rows, schema).coalesce(1)


def _within(wanted: Sequence[Wanted]) -> tuple[Filter, ...]:
    """The sources and days that are wanted at all."""
    sources: Filter = ("source", "in", sorted({w.source for w in wanted}))
    if not wanted:
        return (sources,)
    first, last = min(w.first for w in wanted), max(w.last for w in wanted)
    return sources, ("day", ">=", first), ("day", "<", last + timedelta(days=1))
