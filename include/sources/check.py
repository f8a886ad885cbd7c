"""`portrait sources check FILE`: is the description right, do its files fit it, what do the first rows become?"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from include.errors import BadInput
from include.sources.discover import FoundFile, find_files, verify
from include.sources.load import load_source
from include.sources.mapping import to_canonical
from include.sources.model import Input, Source
from include.sources.reader import Record, read_records
from include.tables.canonical import FEEDS, OWN_ID, Canonical
from include.tables.model import Privacy

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from include.settings import Settings

SHOWN = 5
_SAMPLE = 1000
_MOST_FILES = 200
_LONGEST = 60
_SCHEMA = "number bigint, record string, damage string"


@dataclass
class InputReport:
    """What one input of a feed gives. `rows` are mapped, identifiers masked; `notes` are worth a look, not wrong."""

    feed: str
    name: str
    files: int = 0
    sampled: int = 0
    rows: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@dataclass
class Report:
    """One source, input by input. It can be used if there are no errors."""

    source: Source
    inputs: list[InputReport]

    @property
    def errors(self) -> list[str]:
        return [error for one in self.inputs for error in one.errors]


def check_source(file: Path, data_folders: Sequence[Path], spark_factory: Callable[[], SparkSession]) -> Report:
    """Validate a description, look at its files and map the first records of each input.

    BadInput if the description itself is wrong; what is wrong with the files is in the report.
    """
    source = load_source(file)
    reports = []
    for feed, spec in source.feeds.items():
        for feed_input in spec.inputs:
            report = InputReport(feed, feed_input.name)
            records = _sample(source, feed_input, report, data_folders)
            if records:
                _map(source, feed, feed_input, records, report, data_folders, spark_factory())
            where = source.where(feed, feed_input, "path")
            file_name = where.partition(":")[0]
            report.errors = [e if e.startswith(file_name) else f"{where}: {e}" for e in report.errors]
            reports.append(report)
    return Report(source, reports)


def check(file: Path, settings: Settings) -> None:
    """Print the report. BadInput lists what is wrong, one line each."""
    from include.lake.session import session
    from include.show.table import console, print_table

    report = check_source(file, settings.data_folders, lambda: session("portrait.check"))
    screen = console()
    for one in report.inputs:
        print(f"\n{one.feed} / {one.name}: {one.files} files, first {one.sampled} records read")
        if one.rows:
            names = list(one.rows[0])
            print_table(screen, names, [[row[n] for n in names] for row in one.rows])
        for note in one.notes:
            print(f"note: {note}")
    if report.errors:
        print()
        raise BadInput("\n".join(report.errors))
    print(f"\n{report.source.name}: the description and its files fit together")


def _sample(source: Source, feed_input: Input, report: InputReport, data_folders: Sequence[Path]) -> list[Record]:
    end = (source.history.last or datetime.now(UTC).date()) + timedelta(days=1)
    try:
        files = find_files(source, feed_input, source.history.first, end, data_folders)
    except BadInput as error:
        report.errors.append(str(error))
        return []
    report.files = len(files)
    if not files:
        report.errors.append(f"there is no file {feed_input.path} for a day from {source.history.first} on")
    for file in files[:_MOST_FILES]:
        try:
            verify(file, feed_input)
        except BadInput as error:
            report.errors.append(str(error))
    if report.errors:
        return []
    records = list(islice(_records(files, feed_input), _SAMPLE))
    report.sampled = len(records)
    if not records:
        report.errors.append(f"{files[0].name}: is empty: there is no record in it")
    return records


def _records(files: Sequence[FoundFile], feed_input: Input) -> Iterator[Record]:
    for file in files:
        yield from read_records(file.path, feed_input)


def _map(source: Source, feed: str, feed_input: Input, records: list[Record], report: InputReport,
         data_folders: Sequence[Path], spark: SparkSession) -> None:  # fmt: skip
    numbered = [(n, r.record, r.damage) for n, r in enumerate(records, start=1)]
    frame = spark.createDataFrame(numbered, _SCHEMA)
    try:
        mapped = to_canonical(frame, source, feed, feed_input, data_folders)
        # Moments as text: Python would show them in the time zone of this machine.
        texts = [F.col(n).cast("string").alias(n) if t == "timestamp" else F.col(n) for n, t in mapped.dtypes]
        rows = [row.asDict() for row in mapped.orderBy("number").select(*texts).collect()]
    except BadInput as error:
        report.errors.append(str(error))
        return
    columns = [c for c in FEEDS[feed].columns if c.name in feed_input.map]
    readable = [row for row in rows if row["damage"] is None]
    report.rows = [_shown(row, columns) for row in readable[:SHOWN]]
    _judge_damage(rows, report)
    if readable:
        _judge_problems(readable, report)
        _judge_columns(readable, columns, report)
        _judge_days(readable, source, feed_input, report)
        _judge_repeats(readable, source, feed_input, columns, report)
        _judge_presence(records, feed_input, report)


def _judge_damage(rows: list[dict[str, Any]], report: InputReport) -> None:
    damage = Counter(row["damage"] for row in rows if row["damage"] is not None)
    told = ", ".join(f"{n} {code}" for code, n in damage.most_common())
    if sum(damage.values()) == len(rows):
        report.errors.append(
            f"none of the first {len(rows)} records can be read ({told}); check format, separator, quote and encoding"
        )
    elif damage:
        report.notes.append(f"{sum(damage.values())} of {len(rows)} records cannot be read ({told}): rejected")


def _judge_problems(rows: list[dict[str, Any]], report: InputReport) -> None:
    problems = Counter(problem for row in rows for problem in row["problems"])
    for problem, n in sorted(problems.items()):
        column = problem.partition(":")[2]
        told = f"{column} does not parse in {n} of {len(rows)} records"
        (report.errors if n == len(rows) else report.notes).append(
            f"{told}; check its type or expression" if n == len(rows) else f"{told}: rejected as {problem}"
        )


def _judge_columns(rows: list[dict[str, Any]], columns: Sequence[Canonical], report: InputReport) -> None:
    for column in columns:
        missing = sum(row[column.name] is None for row in rows)
        required = column.missing == "reject" or column.name == "happened_at"
        if required and missing == len(rows) and not any(r["problems"] for r in rows):
            report.errors.append(f"{column.name} is empty in all of the first {len(rows)} records")
        elif missing == len(rows):
            report.notes.append(f"{column.name} is empty in all of the first {len(rows)} records")
        if column.allowed:
            unknown = Counter(row[column.name] for row in rows if row[column.name] not in (None, *column.allowed))
            if unknown:
                some = ", ".join(f"{str(value)[:20]!r} ({n})" for value, n in unknown.most_common(5))
                told = f"{column.name} {some} is not one of {', '.join(column.allowed)}"
                (report.errors if sum(unknown.values()) == len(rows) else report.notes).append(told)


def _judge_days(rows: list[dict[str, Any]], source: Source, feed_input: Input, report: InputReport) -> None:
    if feed_input.by_day:
        return
    first, last = source.history.first, source.history.last or date.max
    days = [date.fromisoformat(row["arrives"][:10]) for row in rows if row["arrives"] is not None]
    outside = sum(not first <= day <= last for day in days)
    if outside:
        told = f"{outside} of {len(days)} records lie outside the history, {first} to {source.history.last or 'now'}"
        seen = f"they lie between {min(days)} and {max(days)}"
        (report.errors if outside == len(days) else report.notes).append(f"{told}; {seen}")


def _judge_repeats(rows: list[dict[str, Any]], source: Source, feed_input: Input, columns: Sequence[Canonical],
                   report: InputReport) -> None:  # fmt: skip
    """Without ids of the source's own, rows with one key count once. Where they differ that may not be meant."""
    own = OWN_ID.get(report.feed)
    if own is None or own in feed_input.map or source.feeds[report.feed].delivery != "append":
        return
    if report.feed == "events" and feed_input.precision != "second":
        return
    key = FEEDS[report.feed].key
    first: dict[tuple[Any, ...], list[Any]] = {}
    differing = 0
    for row in rows:
        content = [row[column.name] for column in columns]
        differing += first.setdefault(tuple(row.get(name) for name in key), content) != content
    if differing:
        report.notes.append(
            f"{differing} of {len(rows)} records have the {', '.join(key)} of an earlier one and other values: one of "
            f"them counts, the one with most values; map {own} to keep them apart"
        )


def _judge_presence(records: list[Record], feed_input: Input, report: InputReport) -> None:
    """A column of JSON lines that never occurs may be misspelled."""
    if feed_input.format != "jsonl":
        return
    seen: set[str] = set()
    for record in records:
        if record.damage is None:
            seen.update(json.loads(record.record))
    absent = [name for name in feed_input.columns if name not in seen]
    if absent:
        found = ", ".join(sorted(seen)[:15])
        report.notes.append(f"{', '.join(absent)} in none of the first {len(records)} records; found {found}")


def _shown(row: dict[str, Any], columns: Sequence[Canonical]) -> dict[str, str]:
    shown = {c.name: _masked(row[c.name], c) for c in columns}
    if row["problems"]:
        shown["problems"] = ", ".join(row["problems"])
    return shown


def _masked(value: object, column: Canonical) -> str:
    """A value for the screen; of an identifier only its beginning."""
    if value is None:
        return "-"
    text = " > ".join(map(str, value)) if isinstance(value, list) else str(value)
    if column.privacy is Privacy.IDENTIFIER:
        return text[: min(2, len(text) // 2)] + "…"
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
