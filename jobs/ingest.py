"""The Spark application `ingest`: land files, rebuild the days they touch in silver, and those days' partials."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, cast

from pyspark.sql import functions as F

from include import gate
from include.errors import BadInput, PortraitError
from include.lake.catalogue import declared_with
from include.lake.create import create_lake
from include.lake.frames import few_rows, union
from include.lake.measure import measure
from include.lake.meta import Meta
from include.lake.publish import Staged, commit, stage
from include.lake.read import Filter, Reader
from include.lake.session import session
from include.lake.side_by_side import side_by_side
from include.lake.staging import Staging
from include.lake.turn import Turn, take_turn
from include.lake.units import APPENDED, Unit, outside_units, select_units
from include.models.by_day import Day, Registered, limits_by_day, means_by_day
from include.models.limits import Limits
from include.models.recorded import recorded_limits, recorded_means
from include.models.registry import Registry
from include.orchestration.watchdog import watch_parent
from include.plan import Plan
from include.query import Lake
from include.settings import Settings
from include.sources.discover import is_available
from include.sources.load import load_sources
from include.sources.model import Source
from include.tables import TABLES
from include.tables.columns import BY_DAY, FEEDS
from include.tables.gold import BEHAVIOUR_DAILY, BEHAVIOUR_ITEMS_DAILY
from include.tables.silver import BY_FEED, ITEM_MEANS, REJECTED, USER_DAYS
from include.traits.load import load_traits
from include.traits.meanings import require_same as require_same_traits
from jobs.application import Clock, Result, judged, main, released_versions, result_of, say
from jobs.bronze.land import find_deliveries, land
from jobs.bronze.layout import fix_layouts, require_same
from jobs.gold import behaviour_daily, behaviour_items_daily
from jobs.meta.accounts import accounts, unaccounted
from jobs.silver import events, follows, item_means, items, rejected, resolve, texts, user_days, users

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from include.models.item_means import ItemMeans

_SILVER = {"events": events, "texts": texts, "items": items, "users": users, "follows": follows}
Touched = dict[str, list[Unit]]  # feed to its (source, day)


def run(
    plan: Plan,
    run_id: str,
    *,
    take: bool = False,
    settings: Settings | None = None,
    spark: SparkSession | None = None,
    started: float | None = None,
) -> Result:
    """Build one interval. Raises PortraitError before anything is written, or LostTurn while writing."""
    clock = Clock(started)
    settings = settings or Settings()
    sources, skipped = active_sources(settings, plan)
    deliveries = find_deliveries(sources.values(), plan, settings.data_folders)
    gate.preload()
    traits = load_traits(settings.trait_folders)
    create_lake(settings, declared_with(traits).values())
    require_same_traits(traits, Meta(settings).traits())
    require_same(sources.values(), Meta(settings).layouts())
    asking = ThreadPoolExecutor(1)  # a registry takes as long to be asked as Spark to start
    limits, means = Registry.limits(settings.models), Registry.item_means(settings.models)
    asked = [asking.submit(registry.versions).result for registry in (limits, means)]
    spark = spark or session("portrait.ingest")
    clock.done("start")
    with (
        take_turn(spark, settings, "ingest", run_id, plan, take) as turn,
        Staging(settings, "ingest", turn.fence) as staging,
    ):
        grains = fix_layouts(turn, sources, deliveries, settings)
        reader, published = Reader(spark, settings), Reader(spark, settings, _published_versions(settings))
        landed = land(turn, reader, published, sources, deliveries, grains, settings.data_folders)
        say(f"landed {landed.files} of {len(deliveries)} files")
        registered = Registered(limits, asked[0]), Registered(means, asked[1])
        build = Build(spark, settings, sources, grains, plan, staging, landed.left, published, *registered)
        touched = build.touched
        clock.done("read")
        staged = build.staged()
        measures = measure(staged, build.reader, grains)
        booked = staging.keep("accounts", accounts(build.resolved, touched, build.reader, grains, landed.left))
        measures.counts.append(unaccounted(booked))
        clock.done("compute")
        verdict = judged(turn, measures, clock)
        if verdict.passed:
            commit(turn, staged, measures, grains)
            if any(touched.values()):
                turn.write("meta.accounts", stamped(booked, turn))
        clock.done("commit")
        turn.release(
            sources=sorted(sources),
            verdict="passed" if verdict.passed else "failed",
            versions=released_versions(turn),
            moved_forward=False,
            seconds=clock.seconds,
        )
    return result_of("ingest", turn, verdict, staged, measures, clock, tuple(sources), skipped)


def active_sources(settings: Settings, plan: Plan) -> tuple[dict[str, Source], dict[str, str]]:
    """The sources the interval is about, and why the others are not."""
    settings.require_data()
    described = load_sources(settings.source_folders)
    for name in plan.sources or ():
        if name not in described:
            raise BadInput(
                f"source {name!r} is not described; there are: {', '.join(sorted(described))}. "
                "PORTRAIT_SOURCES names folders with more"
            )
    active, skipped = {}, {}
    for name in sorted(plan.sources or described):
        source = described[name]
        if source.history.first >= plan.end or (source.history.last and source.history.last < plan.start):
            skipped[name] = f"not active: its history is {source.history.first} to {source.history.last or 'today'}"
        elif not is_available(source, settings.data_folders):
            if plan.sources:
                looked = " or ".join(map(str, filter(None, (settings.data, source.folder))))
                raise BadInput(f"source {name!r}: none of its files are in {looked}; set PORTRAIT_DATA, or mend `path`")
            skipped[name] = "no files in the data folder"
        else:
            active[name] = source
    for name, why in skipped.items():
        say(f"{name}: {why}")
    return active, skipped


@dataclass
class Build:
    """Everything built from bronze for one interval. Lazy: Spark computes it when it is measured."""

    spark: SparkSession
    settings: Settings
    sources: Mapping[str, Source]
    grains: Mapping[str, str]
    plan: Plan
    staging: Staging
    left: Mapping[str, list[Unit]]  # feed to the (source, day) that records have left for another day
    published: Reader  # what the newest good run ended with
    limits: Registered[Limits]
    item_means: Registered[ItemMeans]

    @cached_property
    def reader(self) -> Reader:
        return Reader(self.spark, self.settings)

    @cached_property
    def lake(self) -> Lake:
        """As published, without Spark. Item means are only added, so those of a run that died count as there."""
        return Lake(self.settings, newest={ITEM_MEANS.name})

    @cached_property
    def touched(self) -> Touched:
        """The (source, day) that arrivals of the interval are about, with the days of other versions of their keys."""
        described = {feed for source in self.sources.values() for feed in source.feeds}
        parts = [self._touched_by(feed).withColumn("feed", F.lit(feed)) for feed in FEEDS if feed in described]
        found = few_rows(union(parts).distinct(), "touched days") if parts else []
        touched: dict[str, set[Unit]] = {feed: set(self.left.get(feed, [])) for feed in FEEDS}
        for row in found:
            touched[row["feed"]].add((row["source"], row["day"]))
        return {feed: sorted(units) for feed, units in touched.items()}

    @cached_property
    def resolved(self) -> dict[str, DataFrame]:
        """Feed to its resolved records of the touched days."""
        feeds = [feed for feed in FEEDS if self.touched[feed]]
        return dict(zip(feeds, side_by_side([partial(self._resolve, feed) for feed in feeds]), strict=True))

    def _resolve(self, feed: str) -> DataFrame:
        folders, key_file = self.settings.data_folders, self.settings.key_file
        records = self._records(feed)
        rows = resolve.transform(records, feed=feed, sources=self.sources, data_folders=folders, key_file=key_file)
        return self.staging.keep(feed, rows)

    def staged(self) -> list[Staged]:
        """All tables."""
        found: list[Staged] = []
        for feed in self.resolved:
            rows = select_units(rejected.transform(self.resolved[feed]), self._units(feed), self.grains)
            found += [self._stage(REJECTED[feed].name, rows, self._units(feed)),
                      self._stage(BY_FEED[feed].name, self._silver(feed), self._units(feed))]  # fmt: skip
        days = sorted({unit for feed in BY_DAY for unit in self.touched[feed]})
        with_items = sorted({*days, *self._days_of_changed_items()})

        judged = [self._user_days(days)] if days else []
        found += [self._stage(USER_DAYS.name, frame, days) for frame in judged]

        def of_people(feed: str, of: list[Unit]) -> DataFrame:
            published = self.reader.units(USER_DAYS.name, set(of) - set(days), self.grains)
            columns = (frame.select(*USER_DAYS.key, "limits_broken") for frame in (*judged, published))
            return user_days.without_suspects(self._rows(feed, of), union(columns))

        held, means, first_used = self._item_means(days)
        found += first_used

        def daily() -> Staged:
            frame = behaviour_daily.transform(
                of_people("events", days), of_people("texts", days), item_means=means, held=held
            )
            return self._stage(BEHAVIOUR_DAILY.name, self.staging.keep("daily", frame), days)

        def items_daily() -> Staged:
            frame = behaviour_items_daily.transform(
                of_people("events", with_items), of_people("texts", with_items), self._items(with_items)
            )
            return self._stage(BEHAVIOUR_ITEMS_DAILY.name, self.staging.keep("items_daily", frame), with_items)

        wanted = [build for build, of in ((daily, days), (items_daily, with_items)) if of]
        return found + side_by_side(wanted)

    def _user_days(self, days: list[Unit]) -> DataFrame:
        """How busy users were on `days`, and who is a suspect."""
        of_sources = cast("list[Day]", days)
        held = limits_by_day(self.limits, of_sources, recorded_limits(self.lake, of_sources))
        frame = user_days.transform(self._rows("events", days), self._rows("texts", days), held=held)
        return self.staging.keep("user_days", frame)

    def _item_means(self, days: list[Unit]) -> tuple[Mapping[Day, str], DataFrame, list[Staged]]:
        """The version that ratings of each of `days` are held against, means of these versions, and of them those that
        are not in the lake yet."""
        of_sources = cast("list[Day]", days)
        recorded = recorded_means(self.lake, of_sources) if days else {}
        held = means_by_day(self.item_means, of_sources, recorded)
        mine: Filter = ("source", "in", sorted({source for source, _ in held}))
        published = self.reader.table(ITEM_MEANS.name, ("model_version", "in", sorted(set(held.values()))), mine)
        there = self.lake.rows(_VERSIONS) if held else []
        unknown = set(held.values()) - {row["model_version"] for row in there}
        if not unknown:
            return held, published, []
        new = {v.name: self.item_means.registry.load(v) for v in self.item_means.versions() if v.name in unknown}
        if lost := sorted(unknown - new.keys()):
            raise PortraitError(
                f"ingest: item means {', '.join(lost)}, which published days were held against, are neither in "
                f"{ITEM_MEANS.name} nor in the registry; give it back the registry that knew them"
            )
        rows = item_means.transform(self.spark, versions=new)
        return held, published.unionByName(rows), [self._stage(ITEM_MEANS.name, rows, [APPENDED])]

    def _stage(self, name: str, frame: DataFrame, units: list[Unit]) -> Staged:
        return stage(TABLES[name], frame, units, self.grains)

    def _units(self, feed: str) -> list[Unit]:
        """What a feed's tables replace: days, or for things that change the whole source."""
        touched = self.touched[feed]
        return touched if feed in BY_DAY else sorted({(unit[0],) for unit in touched})

    def _touched_by(self, feed: str) -> DataFrame:
        bronze = f"bronze.{feed}"
        since, until = ("arrived_on", ">=", self.plan.start), ("arrived_on", "<", self.plan.end)
        arrived = self.reader.table(bronze, ("source", "in", sorted(self.sources)), since, until)
        days = arrived.select("source", "day")
        moving = self._moving(feed)
        if moving and feed in BY_DAY:  # of things that change all of a source is rebuilt anyway
            others = _same_keys(self.reader.table(bronze, ("source", "in", moving)), arrived)
            days = days.unionByName(others.select("source", "day"))
        return days

    def _records(self, feed: str) -> DataFrame:
        """Bronze rows of the touched days, and all other versions of their keys, which may win over them."""
        bronze = f"bronze.{feed}"
        rows = self.reader.units(bronze, self._units(feed), self.grains)
        moving = self._moving(feed)
        if feed not in BY_DAY or not moving:
            return rows
        others = outside_units(self.reader.table(bronze, ("source", "in", moving)), self.touched[feed], self.grains)
        return rows.unionByName(_same_keys(others, rows))

    def _moving(self, feed: str) -> list[str]:
        """Sources whose records of this feed can move to another day."""
        return [n for n, s in self.sources.items() if feed in s.feeds and s.feeds[feed].delivery == "changes"]

    def _silver(self, feed: str) -> DataFrame:
        rows = self.resolved[feed]
        if feed in BY_DAY:
            built: DataFrame = _SILVER[feed].transform(rows)
            return select_units(built, self.touched[feed], self.grains)
        buckets = {name: source.buckets for name, source in self.sources.items()}
        dated: DataFrame = _SILVER[feed].transform(rows, buckets=buckets)
        return dated

    def _rows(self, feed: str, days: list[Unit]) -> DataFrame:
        """Silver rows of `days`: as they are being built where they are, else as published."""
        table = BY_FEED[feed]
        building = set(self.touched[feed])
        others = [unit for unit in days if unit not in building]
        published = self.reader.units(table.name, others, self.grains)
        if feed not in self.resolved:
            return published
        columns = [name for name in _LEDGER if name in table.column_names]
        return self._silver(feed).select(*columns).unionByName(published.select(*columns))

    def _items(self, days: list[Unit]) -> DataFrame:
        names = {unit[0] for unit in days}
        building = {unit[0] for unit in self.touched["items"]}
        published = self.reader.table("silver.items", ("source", "in", sorted(names - building)))
        if "items" not in self.resolved:
            return published
        return self._silver("items").select(*_ITEMS).unionByName(published.select(*_ITEMS))

    def _days_of_changed_items(self) -> list[Unit]:
        """Published days whose rows would get another brand or category: items that arrive out of order."""
        if "items" not in self.resolved:
            return []
        of_sources: Filter = ("source", "in", [unit[0] for unit in self._units("items")])
        new = self._silver("items").select(*_ITEMS)
        # A run that died may have replaced the items without the days that use them.
        old = self.published.table("silver.items", of_sources).select(*_ITEMS)
        differing = new.exceptAll(old).unionByName(old.exceptAll(new))
        since = differing.groupBy("source", "item_id").agg(F.min("valid_from").alias("since"))
        used = self.reader.table("gold.behaviour_items_daily", of_sources)
        days = used.join(since, on=["source", "item_id"], how="inner").where("day >= since")
        return [(r["source"], r["day"]) for r in few_rows(days.select("source", "day").distinct(), "days of items")]


_VERSIONS = "select distinct model_version from silver.item_means"
_LEDGER = ("source", "period", "day", "known_from", "known_to", "user_key", "kind", "item_id", "session_key",
           "happened_at", "precision", "tag", "quantity", "unit_price", "currency", "rating", "language")  # fmt: skip
_ITEMS = ("source", "item_id", "valid_from", "valid_to", "brand", "categories")


def _same_keys(bronze: DataFrame, of: DataFrame) -> DataFrame:
    """The rows of `bronze` that share a key with rows of `of`."""
    keys = of.where(F.col("key").isNotNull()).select("source", "key").distinct()
    return bronze.join(keys, on=["source", "key"], how="left_semi")


def _published_versions(settings: Settings) -> dict[str, int]:
    """The versions that the newest good run ended with."""
    passed = Meta(settings).passed("ingest")
    return dict(passed[-1]["versions"]) if passed else {}


def stamped(booked: DataFrame, turn: Turn) -> DataFrame:
    """Accounts as rows of meta.accounts."""
    stamp = {"fence": F.lit(turn.fence).cast("bigint"), "run_id": F.lit(turn.run_id), "written_at": F.now()}
    return booked.withColumns(stamp).select(*TABLES["meta.accounts"].column_names)


if __name__ == "__main__":
    watch_parent()
    sys.exit(main("ingest", run))
