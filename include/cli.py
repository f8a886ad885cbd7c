"""The `portrait` command. Each command is a few lines: what it asks for is elsewhere and loaded when asked."""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from include.errors import BadInput, GateFailed, PortraitError, unexpected
from include.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from include.models.registry import Registry

app = typer.Typer(
    help="User portraits from behaviour logs: build them, look at them, query them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
sources_app = typer.Typer(help="Source descriptions: check one, list all.", no_args_is_help=True)
app.add_typer(sources_app, name="sources")
models_app = typer.Typer(help="The models: train them, see their versions, choose one.", no_args_is_help=True)
app.add_typer(models_app, name="models")


class Format(StrEnum):
    """How rows are written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


class Model(StrEnum):
    """What is trained."""

    SENTIMENT = "sentiment"
    LIMITS = "limits"
    ITEM_MEANS = "item_means"
    NAMES = "names"
    TOPICS = "topics"


AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="As CSV that is safe to open in a spreadsheet.")]


def main() -> NoReturn:
    """Runs the command line. What a person can mend is one line on standard error, without a trace."""
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    try:
        app()
    except PortraitError as error:
        _say(f"portrait: {error}")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader of the pipe has seen enough
        sys.exit(0)
    except Exception as error:
        _say(f"portrait: {unexpected(error)}")
        sys.exit(1)
    sys.exit(0)


@sources_app.command("check")
def check_source(file: Annotated[Path, typer.Argument(help="A source description (YAML).")]) -> None:
    """Check a source description.

    Shows the first rows as they would be mapped.

    Every mistake is one line with its place in the file.

    Example: portrait sources check sources/shop.yaml
    """
    from include.sources.check import check

    check(file, Settings())


@sources_app.command("list")
def list_sources(json: AsJson = False) -> None:
    """List the described sources.

    What they are, their feeds and history, and whether their files are here.

    Example: portrait sources list
    """
    from include.show.sources import source_rows
    from include.show.table import console, print_table

    rows = source_rows(Settings())
    if json:
        _show(rows, Format.JSON)
        return
    shown = [[r["source"], r["first"], r["last"], r["files"], f"{r['about']} ({', '.join(r['feeds'])})"] for r in rows]
    print_table(console(), ("source", "first", "last", "files", "about (feeds)"), shown, wrap=True)


@models_app.command("list")
def list_models(json: AsJson = False) -> None:
    """List the registered versions.

    How far their knowledge goes, which is the champion, and why.

    Example: portrait models list
    """
    from include.models.registry import every_version
    from include.show.models import print_versions, rows
    from include.show.table import console

    found = every_version(Settings().models)
    if json:
        _show(rows(found), Format.JSON)
    else:
        print_versions(console(), found)


@models_app.command("train")
def train_model(
    through: Annotated[str | None, typer.Option(help="Day whose knowledge is used; left out: the newest.")] = None,
    model: Annotated[Model | None, typer.Option(help="Only this one; left out: all.")] = None,
) -> None:
    """Train on the published lake: sentiment on its rated texts, limits on what users did in 28 days, item means on all
    ratings, names on items and texts, topics on all texts.

    Registers a version of each. Sentiment becomes the champion if it is surely better and behaves no worse, limits
    unless one of them is far from what it was, item means and names if they know as much as the champion, names unless
    a source has lost most of its own, topics if they are stable and mostly the same. The same as the DAG models_train.

    Example: portrait models train --through 2015-12-31
    """
    from include.models import train, train_item_means, train_limits, train_names, train_topics
    from include.models.sentiment import TooFew
    from include.plan import parse_day
    from include.show.models import print_averaged, print_clustered, print_fitted, print_gathered, print_trained
    from include.show.table import console

    kinds: dict[Model, tuple[Callable[..., Any], Callable[..., date], Callable[..., None]]] = {
        Model.SENTIMENT: (train.train, train.newest_day, print_trained),
        Model.LIMITS: (train_limits.train_limits, train_limits.newest_day, print_fitted),
        Model.ITEM_MEANS: (train_item_means.train_item_means, train_item_means.newest_day, print_averaged),
        Model.NAMES: (train_names.train_names, train_names.newest_day, print_gathered),
        Model.TOPICS: (train_topics.train_topics, train_topics.newest_day, print_clustered),
    }
    settings = Settings()
    day = parse_day(through, "--through") if through else None
    wanted = [model] if model else list(Model)
    missed: list[TooFew] = []
    for name in wanted:
        fit, newest_day, show = kinds[name]
        try:
            show(console(), fit(settings, day or newest_day(settings)))
        except TooFew as too_few:
            missed.append(too_few)
    if len(missed) == len(wanted):
        raise missed[0]
    for line in missed:
        _say(str(line))


@models_app.command("compare")
def compare_models(
    through: Annotated[str | None, typer.Option(help="Day whose knowledge is used; left out: the newest.")] = None,
    seconds: Annotated[float, typer.Option(help="Of a core, for each candidate to learn in.")] = 20.0,
    fine_tune: Annotated[bool, typer.Option("--fine-tune", help="The encoder trained further, too: minutes.")] = False,
) -> None:
    """Compare what might read sentiment, on the same texts that `train` learns from; registers nothing.

    Writes build/sentiment.json and a table, build/sentiment.md.

    Example: portrait models compare --through 2015-12-31
    """
    from include.models.compare import compare_lake
    from include.models.train import newest_day
    from include.plan import parse_day
    from include.settings import ROOT
    from include.show.comparison import write

    settings = Settings()
    day = parse_day(through, "--through") if through else newest_day(settings)
    for file in write(compare_lake(settings, day, _say, seconds, fine_tune), ROOT / "build"):
        _say(str(file))


@models_app.command("promote")
def promote_model(
    version: Annotated[int, typer.Argument(help="Number of a version.")],
    model: Annotated[Model, typer.Option(help="Of which model.")] = Model.SENTIMENT,
) -> None:
    """Make a version the champion, whatever its figures say.

    Example: portrait models promote 3
    """
    registry = _registry(model)
    registry.load(registry.require(version))  # nothing damaged
    registry.promote(version, "promoted by hand")
    _say(f"{model} version {version} is the champion")


@models_app.command("rollback")
def rollback_model(model: Annotated[Model, typer.Option(help="Of which model.")] = Model.SENTIMENT) -> None:
    """Make the champion before the champion again.

    Example: portrait models rollback
    """
    _say(f"{model} version {_registry(model).rollback().number} is the champion")


@app.command()
def build(
    start: Annotated[str, typer.Option(help="First day of arrivals, for example 2019-10-01.")],
    end: Annotated[str, typer.Option(help="The day after the last one.")],
    source: Annotated[list[str] | None, typer.Option(help="Only this source; may be repeated.")] = None,
    daily: Annotated[bool, typer.Option("--daily", help="One run for each day, as the scheduler does it.")] = False,
    every_day: Annotated[bool, typer.Option("--every-day", help="Profiles as of each day, not the last only.")] = False,
    take: Annotated[bool, typer.Option("--take", help="Take over from an earlier run that is dead.")] = False,
) -> None:
    """Build what arrived from START up to END.

    Lands, cleans, aggregates, checks, publishes profiles: the same run as the DAG's, without Airflow. Running it again
    changes nothing.

    Example: portrait build --start 2019-10-01 --end 2019-10-03 --source shop
    """
    from include.plan import make_plan, parse_day
    from include.show.build import build as run

    plan = make_plan(parse_day(start, "--start"), parse_day(end, "--end"), source, every_day)
    failed = run(plan.days() if daily else [plan], Settings(), take=take)
    if failed:
        raise GateFailed(failed)


@app.command()
def maintain(
    keep_days: Annotated[int, typer.Option(help="Keep what readers of the last days may still be at.", min=0)] = 7,
) -> None:
    """Put small files together, delete what nobody reads any more.

    The same as the DAG lake_maintenance. Rows stay what they are.

    Example: portrait maintain
    """
    from dataclasses import astuple

    from include.lake.maintain import GROUPS
    from include.lake.maintain import maintain as run
    from include.show.table import console, print_table

    done = [table for group in GROUPS for table in run(Settings(), group, keep_days)]
    print_table(console(), ("table", "files joined", "files deleted", "files"), [astuple(t) for t in done], ",")


@app.command()
def accounts(
    json: AsJson = False,
    csv: AsCsv = False,
    by_day: Annotated[bool, typer.Option("--by-day", help="One line for each arrival day.")] = False,
    suspects: Annotated[bool, typer.Option("--suspects", help="Instead: days of users that gold leaves out.")] = False,
) -> None:
    """What became of each landed row.

    By source and feed; landed is the sum of the others. Below: intervals that must be run again, and how many days of
    users are suspects. --suspects lists them, with the limit each has broken.

    Examples: portrait accounts | portrait accounts --by-day --csv > accounts.csv
    """
    from include.query import Lake
    from include.show.accounts import accounts as accounts_of
    from include.show.accounts import print_accounts, unfinished
    from include.show.suspects import count_suspects, print_suspects, suspect_rows
    from include.show.table import console

    lake = Lake(Settings())
    if suspects:
        rows = suspect_rows(lake)
        _show(rows, _format(json, csv)) if json or csv else print_suspects(console(), rows)
        return
    found, lines = accounts_of(lake, by_day=by_day), unfinished(lake.meta)
    if not json and not csv:
        print_accounts(console(), found, lines, count_suspects(lake))
        return
    _show([account.row() for account in found], _format(json, csv))
    for line in lines:
        _say(f"unfinished: {line}")


@app.command()
def tables(json: AsJson = False) -> None:
    """The tables one can query.

    Rows, version, newest day, last release, verdict of the last check, meaning.

    Example: portrait tables
    """
    from include.query import Lake
    from include.show.table import console, print_json
    from include.show.tables import print_statuses, statuses

    found = statuses(Lake(Settings()))
    if json:
        print_json(status.row() for status in found)
    else:
        print_statuses(console(), found)


@app.command()
def traits(json: AsJson = False, csv: AsCsv = False) -> None:
    """The declared traits.

    Column, window, meaning and unit; as JSON or CSV also how each is computed.

    Example: portrait traits
    """
    from include.show.table import console, print_table
    from include.traits.columns import dictionary
    from include.traits.load import load_traits

    rows = dictionary(load_traits(Settings().trait_folders))
    if json or csv:
        _show(rows, _format(json, csv))
        return
    shown = [[row["name"], row["window"], f"{row['meaning']} [{row['unit'] or row['type']}]"] for row in rows]
    print_table(console(), ("trait", "window", "meaning [unit]"), shown, wrap=True)


@app.command()
def sql(
    query: Annotated[
        str, typer.Argument(help="One SELECT or WITH ... SELECT, as DuckDB has it; - reads standard input.")
    ],
    form: Annotated[Format, typer.Option("--format", help="How the rows are written.")] = Format.TABLE,
) -> None:
    """Query the lake, read-only.

    Silver, gold and meta, all tables as of one release; `portrait tables` says what there is.

    Profiles as of a day: user_profiles_asof(day); as they were known at a day: user_profiles_asof(day, known_at).

    Examples:

    portrait sql "select * from gold.user_profiles limit 5"

    portrait sql "select kind, count(*) n from silver.events group by kind" --format csv > kinds.csv

    portrait sql "select * from user_profiles_asof(date '2019-10-02') where source = 'shop'" --format json
    """
    from include.show.query import run_query

    run_query(Settings(), sys.stdin.read() if query == "-" else query, form.value)


@app.command()
def profile(
    source: Annotated[str, typer.Argument(help="Source of the user, for example shop.")],
    user: Annotated[str, typer.Argument(help="The source's own id of the user, or a user_key.")],
    day: Annotated[str | None, typer.Option(help="As of this day; left out: the last one that was built.")] = None,
    known_at: Annotated[str | None, typer.Option(help="As it was known at this day; needs --day.")] = None,
    json: AsJson = False,
    page: Annotated[Path | None, typer.Option(help="Write it as a page for a browser, readable by you only.")] = None,
) -> None:
    """One user's profile.

    By family with meaning, value and unit; then what is missing and why.

    Examples: portrait profile shop u0000042 | portrait profile shop u0000042 --day 2019-10-01 --json
    """
    from include.plan import parse_day
    from include.query import Lake
    from include.show.profile import find_profile, print_profile
    from include.show.table import console, print_object
    from include.traits.load import load_traits

    if page and json:
        raise BadInput("--page and --json exclude each other")
    settings = Settings()
    as_of = parse_day(day, "--day") if day else None
    known = parse_day(known_at, "--known-at") if known_at else None
    found = find_profile(Lake(settings), load_traits(settings.trait_folders), source, user, as_of, known)
    if page:
        from include.pages.card import write_card

        print(write_card(found, page.absolute()).as_uri())
    elif json:
        print_object(found.row())
    else:
        print_profile(console(), found)


@app.command()
def pages() -> None:
    """Write pages to look at.

    One of each source: outcomes, activity, freshness, interests, brands, prices, ratings, suspects; counts only. They
    read without a server and without a network.

    Example: portrait pages
    """
    from include.pages.site import write_pages

    settings = Settings()
    print(settings.address_of(write_pages(settings)))


@app.command()
def score(
    difficulty: Annotated[
        list[str] | None, typer.Option(help="easy, middle or hard; may be repeated. Left out: all three.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of the shop; left out: drawn now.")] = None,
    json: AsJson = False,
) -> None:
    """Compare what the platform finds with what is so.

    Makes simulated shops whose truth is known, builds them in build/score, and writes build/score.json. About ten
    minutes a difficulty on two cores. Your lake is not touched.

    Example: portrait score --difficulty middle
    """
    from include.score.exam import examine, write
    from include.shop.difficulty import DIFFICULTIES
    from include.shop.difficulty import difficulty as known
    from include.show.score import print_marks
    from include.show.table import console, print_json

    levels = difficulty or list(DIFFICULTIES)
    for level in levels:
        known(level)
    marks = [mark for level in levels for mark in examine(level, seed, _say)]
    file = write(marks)
    if json:
        print_json(asdict(mark) for mark in marks)
    else:
        print_marks(console(), marks)
    _say(f"written to {file}")
    if missed := [mark for mark in marks if not mark.is_met]:
        raise PortraitError("score: below its bound: " + ", ".join(f"{m.name} at {m.difficulty}" for m in missed))


def _registry(model: Model) -> Registry[Any]:
    from include.models.registry import Registry

    registry: Registry[Any] = getattr(Registry, model)(Settings().models)
    return registry


def _format(json: bool, csv: bool) -> Format:
    if json and csv:
        raise BadInput("--json and --csv exclude each other")
    return Format.JSON if json else Format.CSV if csv else Format.TABLE


def _show(rows: list[dict[str, Any]], form: Format) -> None:
    from include.show.table import print_rows

    print_rows(list(rows[0]) if rows else [], [list(row.values()) for row in rows], form.value)


def _say(line: str) -> None:
    print(line, file=sys.stderr)
