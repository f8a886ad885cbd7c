"""The tasks that DAGs are made of. A DAG says which and in what order; here is how."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import astuple
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from airflow.sdk import Asset, Param, task
from airflow.sdk.definitions.xcom_arg import PlainXComArg, XComArg
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from include.errors import NoLake, PortraitError, Unreleased
from include.orchestration.defaults import MAINTENANCE
from include.orchestration.operators import SparkApplication
from include.plan import NAME, Plan, resolve_interval
from include.tables import EVERY_APPLICATION

_JOBS = Path(__file__).resolve().parent.parent.parent / "jobs"
_log = logging.getLogger("portrait")


def interval_form() -> dict[str, Param]:
    """The form of a manual run. Scheduled and backfill runs leave start and end empty."""
    day: dict[str, Any] = {"type": ["null", "string"], "format": "date"}
    name = {"type": "string", "pattern": f"^{NAME.pattern}$"}
    return {
        "start": Param(None, **day, title="Start", description="First day that files arrived on. Manual runs only."),
        "end": Param(None, **day, title="End", description="The day after the last one. Manual runs only."),
        "sources": Param(None, type=["null", "array"], items=name, title="Sources", description="Empty: all of them."),
        "every_day": Param(False, type="boolean", title="Every day", description="Profiles as of each day of the "
                           "interval, not only of its last one."),
    }  # fmt: skip


def plan() -> PlainXComArg:
    """What the run is about: `start`, `end`, `sources`, `every_day`, and the same as `arguments` of an application."""
    return cast(PlainXComArg, _plan())


@task(task_id="plan", multiple_outputs=True)
def _plan(
    dag_run: Any = None,
    params: Any = None,
    data_interval_start: datetime | None = None,
    data_interval_end: datetime | None = None,
) -> dict[str, Any]:
    from include.settings import Settings
    from include.text.pending import require_encoder

    try:
        plan = resolve_interval(dag_run.run_type.value, data_interval_start, data_interval_end, dict(params))
        require_encoder(Settings(), plan.sources)
    except PortraitError as error:
        raise AirflowFailException(str(error)) from None
    sources = list(plan.sources) if plan.sources else None
    _log.info("[%s, %s), sources: %s", plan.start, plan.end, ", ".join(sources or ["all"]))
    return {
        "start": str(plan.start),
        "end": str(plan.end),
        "sources": sources,
        "every_day": plan.every_day,
        "arguments": _arguments(plan, dag_run.run_id),
    }


def _arguments(plan: Plan, run_id: str) -> list[str]:
    """Always with --take: the pool starts one attempt at a time, so an unreleased earlier one is dead or late."""
    sources = [word for name in plan.sources or () for word in ("--source", name)]
    flags = [*(["--every-day"] if plan.every_day else []), "--take"]
    return ["--start", str(plan.start), "--end", str(plan.end), "--run-id", run_id, *sources, *flags]


def spark_application(name: str, planned: PlainXComArg, needed: Callable[[], bool] | None = None) -> SparkApplication:
    """jobs/<name>.py through the connection `spark_default`, one at a time; not at all where it is not `needed`."""
    return SparkApplication(
        task_id=name,
        application=str(_JOBS / f"{name}.py"),
        name=f"portrait.{name}",
        application_args=cast(list[Any], planned["arguments"]),  # a list by the time the task runs
        pool=name,
        needed=needed,
    )


def has_new_texts() -> bool:
    """Whether there are texts to embed: asked of the lake, without Spark."""
    from include.settings import Settings
    from include.text.pending import pending_texts

    pending = pending_texts(Settings())
    return pending is not None and pending.is_needed


def has_portraits_to_look_after() -> bool:
    """Whether a language model is configured, or there are portraits without one. BadInput where it is none."""
    from include.portraits.pending import is_needed
    from include.settings import Settings

    return is_needed(Settings())


def today() -> PlainXComArg:
    """`arguments` of an application that looks at all there is: an interval of the day on which it runs."""
    return cast(PlainXComArg, _today())


@task(task_id="today", multiple_outputs=True)
def _today(dag_run: Any = None) -> dict[str, Any]:
    start = dag_run.run_after.date()
    return {"arguments": _arguments(Plan(start, start + timedelta(days=1), None), dag_run.run_id)}


def check(application: str, *, may_rest: bool = False) -> XComArg:
    """Red with the rules that blocked `application`, or green. What it built is published by then, or never.

    `may_rest`: the application is not started where there is nothing to do; that is green, too.
    """
    return _check.override(task_id=f"check_{application}")(application, may_rest)


@task
def _check(application: str, may_rest: bool, run_id: Any = None) -> None:
    from include.orchestration.verdicts import NoVerdict, read_verdict
    from include.settings import Settings

    settings = Settings()
    try:
        verdict = read_verdict(application, run_id, settings)
    except NoVerdict as error:
        if may_rest:
            _log.info("%s had nothing to do in this run", application)
            return
        raise AirflowFailException(str(error)) from None
    for failure in verdict.failures:
        _log.warning("%s", failure)
    where = settings.address_of(verdict.page)
    if not verdict.passed:
        rules = "; ".join(str(f) for f in verdict.failures if f.severity == "critical")
        raise AirflowFailException(f"{application} published nothing: {rules}. All rules: {where}")
    _log.info("%s passed %s rules, %s warnings: %s", application, verdict.rules, len(verdict.failures), where)


def training_form() -> dict[str, Param]:
    """The form of a training."""
    through = "The day whose knowledge is used. Empty: the newest."
    return {"through": Param(None, type=["null", "string"], format="date", title="Through", description=through)}


def trainings() -> list[XComArg]:
    """Of every model: learn, register, decide. The value of a task says what came of it."""
    return [_train_sentiment(), _train_limits(), _train_item_means(), _train_names(), _train_topics()]


@task(task_id="train_sentiment")
def _train_sentiment(params: Any = None) -> dict[str, Any]:
    from include.models.train import newest_day, train

    return _trained(train, newest_day, params["through"])


@task(task_id="train_limits")
def _train_limits(params: Any = None) -> dict[str, Any]:
    from include.models.train_limits import newest_day, train_limits

    return _trained(train_limits, newest_day, params["through"])


@task(task_id="train_item_means")
def _train_item_means(params: Any = None) -> dict[str, Any]:
    from include.models.train_item_means import newest_day, train_item_means

    return _trained(train_item_means, newest_day, params["through"])


@task(task_id="train_names")
def _train_names(params: Any = None) -> dict[str, Any]:
    from include.models.train_names import newest_day, train_names

    return _trained(train_names, newest_day, params["through"])


@task(task_id="train_topics")
def _train_topics(params: Any = None) -> dict[str, Any]:
    from include.models.train_topics import newest_day, train_topics

    return _trained(train_topics, newest_day, params["through"])


def _trained(train: Callable[..., Any], newest_day: Callable[..., date], through: str | None) -> dict[str, Any]:
    """What came of a training; skipped where there is too little to learn from."""
    from include.models.sentiment import TooFew
    from include.plan import parse_day
    from include.settings import Settings

    settings = Settings()
    try:
        found = train(settings, parse_day(through, "through") if through else newest_day(settings))
    except TooFew as error:
        raise AirflowSkipException(str(error)) from None
    except PortraitError as error:
        raise AirflowFailException(str(error)) from None
    _log.info("version %s: %s", found.version.number, found.decision)
    return {"version": found.version.number, "promoted": found.promoted, "decision": found.decision}


def maintain(group: str) -> XComArg:
    """Look after the tables of an application while it does not run, or after those of meta."""
    pool = group if group in EVERY_APPLICATION else MAINTENANCE
    return _maintain.override(task_id=f"maintain_{group}", pool=pool)(group)


@task
def _maintain(group: str) -> None:
    from include.lake.maintain import maintain
    from include.settings import Settings

    try:
        done = maintain(Settings(), group)
    except (NoLake, Unreleased) as error:
        raise AirflowSkipException(str(error)) from None
    for table in done:
        _log.info("%s: %s files put together, %s deleted, %s now", *astuple(table))


def pages() -> XComArg:
    """The pages of the sources and the dictionary, anew from what is published."""
    return _pages()


@task(task_id="pages")
def _pages() -> None:
    from include.pages.site import write_pages
    from include.settings import Settings

    settings = Settings()
    try:
        written = write_pages(settings)
    except PortraitError as error:
        raise AirflowFailException(str(error)) from None
    _log.info("the pages: %s", settings.address_of(written))


def announce(table: str) -> XComArg:
    """Tell the DAGs that wait for `table`, if its newest day moved on; a rerun or a backfill of old days is skipped."""
    return _announce.override(outlets=[Asset(table)])(table)


@task(task_id="announce")
def _announce(table: str, run_id: Any = None, outlet_events: Any = None) -> None:
    from include.orchestration.verdicts import read_verdict

    verdict = read_verdict("profile", run_id)
    if not verdict.moved_forward:
        raise AirflowSkipException(f"{table}: its newest day is what it was, so nobody is told")
    outlet_events[Asset(table)].extra = {"run_id": run_id, "version": verdict.versions.get(table)}
