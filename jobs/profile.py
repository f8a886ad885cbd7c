"""The Spark application `profile`: traits of the users that new rows or a new day may have changed."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from include import gate
from include.asof_days import requested_days
from include.asof_todo import Since, Todo
from include.errors import PortraitError
from include.lake.catalogue import declared_with
from include.lake.create import create_lake
from include.lake.measure import measure
from include.lake.meta import Days, Meta
from include.lake.open import open_dataset
from include.lake.publish import commit
from include.lake.read import Reader
from include.lake.session import session
from include.lake.staging import Staging
from include.lake.turn import take_turn
from include.models.choose import Readers, Speaking, news
from include.models.registry import Registry
from include.models.topics import Topics
from include.orchestration.watchdog import watch_parent
from include.plan import Plan
from include.settings import Settings
from include.sources.load import load_sources
from include.sources.model import Source
from include.tables import Table
from include.traits.load import load_traits
from include.traits.meanings import computed_from, require_same
from include.traits.model import TEXTS
from jobs.application import Clock, Result, judged, main, released_versions, result_of, say
from jobs.profile_tables import Build, Vectors

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def run(
    plan: Plan,
    run_id: str,
    *,
    take: bool = False,
    settings: Settings | None = None,
    spark: SparkSession | None = None,
    started: float | None = None,
) -> Result:
    """Build profiles from the newest ingest release. Raises PortraitError; LostTurn while writing."""
    clock = Clock(started)
    settings = settings or Settings()
    described = load_sources(settings.source_folders)
    traits = load_traits(settings.trait_folders)
    tables = declared_with(traits)
    gate.preload()
    create_lake(settings, tables.values())
    require_same(traits, Meta(settings).traits())
    spark = spark or session("portrait.profile")
    clock.done("start")
    with (
        take_turn(spark, settings, "profile", run_id, plan, take) as turn,
        Staging(settings, "profile", turn.fence) as staging,
    ):
        meta = Meta(settings)
        ingested = meta.passed("ingest")
        if not ingested:
            raise PortraitError("profile: nothing was ingested yet; run the whole build, not this application alone")
        until = ingested[-1]["fence"]
        warn_of_columns_without_trait(settings, tables["gold.user_profiles"])
        seen = max((r["seen"] for r in meta.passed("profile")), default=-1)
        built, understood = meta.last_passed("profile"), meta.last_passed("understand")
        read = understood["seen"] if understood else -1
        vectors = Vectors(
            understood["space"] if understood else None,
            is_new=understood is not None and not (built and built["space"] == understood["space"]),
        )
        asked = requested(plan, described, set(meta.grains()))
        offered = Readers.of(understood)
        of_texts = sorted(t.column for t in traits if t.is_of_text)
        since = Since(
            meta.touched(seen, until) + texts_understood_since(meta, built, read, seen),
            days_of_texts(meta, until),
            news(built, understood),
            is_read_anew=set((built or {}).get("readers") or ()) != set(offered.always),
            has_other=set(of_texts) != set((built or {}).get("traits") or ()),
        )
        todo = Todo(meta.profile_days(), asked, traits, offered, meta.models_of_days(), since)
        # What ingest released belongs together; the tables of this application are its own, whoever wrote them last.
        versions = dict(ingested[-1]["versions"]) | (dict(understood["versions"]) if understood else {})
        reader = Reader(spark, settings, versions)
        earlier = Reader(spark, settings, next((dict(r["versions"]) for r in ingested if r["fence"] == seen), {}))
        clock.done("read")
        build = Build(
            reader,
            earlier,
            todo,
            traits,
            tables,
            meta.buckets(),
            meta.grains(),
            staging,
            vectors,
            offered.always,
            partial(topics_of, settings, todo),
        )
        staged = build.staged(run_id)
        measures = measure(staged, reader, build.grains)
        clock.done("compute")
        verdict = judged(turn, measures, clock)
        if verdict.passed:
            commit(turn, staged, measures, build.grains)
            new_days = [*((s, d) for s, days in todo.new.items() for d in days), *todo.filled]
            turn.append_rows(
                "meta.profile_days",
                [{"source": s, "day": d, "fence": turn.fence, **_recorded(todo.models[s][d])} for s, d in new_days],
            )
            known = meta.traits()
            new_traits = [t for t in traits if todo.as_of_units() and t.column not in known]
            turn.append_rows(
                "meta.traits",
                [{"trait": t.column, "computed_from": computed_from(t), "fence": turn.fence} for t in new_traits],
            )
        clock.done("commit")
        turn.release(
            sources=sorted(todo.requested),
            verdict="passed" if verdict.passed else "failed",
            versions=released_versions(turn),
            seen=until if verdict.passed else seen,
            understood=read if verdict.passed else None,
            space=vectors.space if verdict.passed else None,
            readers=list(offered.always) if verdict.passed else None,
            **_known(understood) if verdict.passed else {},
            traits=of_texts if verdict.passed else None,
            moved_forward=verdict.passed and todo.moved_forward,
            seconds=clock.seconds,
        )
    return result_of("profile", turn, verdict, staged, measures, clock, tuple(todo.requested), {})


def _known(understood: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the next run compares with what `understand` tells it, to see which versions have read more since."""
    return {name: dict((understood or {}).get(name) or {}) for name in ("models", "read_until")}


def _recorded(speaking: Speaking) -> dict[str, Any]:
    """What meta.profile_days keeps of it."""
    return {"model_version": speaking.sentiment, "readers": list(speaking.others)}


def warn_of_columns_without_trait(settings: Settings, table: Table) -> None:
    """A forgotten PORTRAIT_TRAITS would empty the traits of its folder in silence."""
    gone = sorted(set(open_dataset(settings, table.name).schema.names) - set(table.column_names))
    if gone:
        say(
            f"warning: no trait here declares {', '.join(gone)}, which the lake has: they become null for the users of "
            "this run. PORTRAIT_TRAITS names folders with more traits"
        )


def texts_understood_since(
    meta: Meta, built: Mapping[str, Any] | None, read: int, seen: int
) -> list[tuple[str, str, date]]:
    """Days whose texts the last good run knew, but not yet what they say: `understand` came after it."""
    then = built["understood"] if built else seen
    return [unit for unit in meta.touched(then, seen) if unit[1] == TEXTS] if read > then else []


def days_of_texts(meta: Meta, until: int) -> set[tuple[str, date]]:
    """(source, day) of every text there is, or was."""
    return {(source, day) for source, feed, day in meta.touched(-1, until) if feed == TEXTS}


def topics_of(settings: Settings, todo: Todo) -> dict[str, Topics]:
    """The versions that speak about newest days, by name. One whose files are gone names nothing any more."""
    wanted = {version for source in todo.days if (version := todo.topics(source))}
    if not wanted:
        return {}
    registry = Registry.topics(settings.models)
    loaded = {v.name: registry.load_if_whole(v) for v in registry.versions() if v.name in wanted}
    found = {name: topics for name, topics in loaded.items() if topics}
    for lost in sorted(wanted - set(found)):
        say(f"warning: {lost} is not in the registry of models as it was: what its topics are called is not known")
    return found


def requested(plan: Plan, described: Mapping[str, Source], landed: set[str]) -> Days:
    """Source to the as-of days this plan asks for. Sources that never landed anything have no profiles."""
    names = [name for name in plan.sources or sorted(described) if name in landed and name in described]
    days = {n: requested_days(plan, described[n].history.first, described[n].history.last) for n in names}
    return {name: found for name, found in days.items() if found}


if __name__ == "__main__":
    watch_parent()
    sys.exit(main("profile", run))
