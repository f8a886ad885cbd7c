"""Which days a run is about. The only place that reads run types, data intervals and the form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from include.errors import BadInput

FORM = ("start", "end", "sources", "every_day")
NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Plan:
    """A half-open interval [start, end) of UTC arrival days.

    `sources` None means all described sources; `every_day` asks for profiles as of each day instead of the last one.
    """

    start: date
    end: date
    sources: tuple[str, ...] | None = None
    every_day: bool = False

    def days(self) -> list[Plan]:
        """The same run cut into one plan a day."""
        n = (self.end - self.start).days
        first_days = (self.start + timedelta(days=i) for i in range(n))
        return [Plan(day, day + _ONE_DAY, self.sources, self.every_day) for day in first_days]


def resolve_interval(
    run_type: str,
    data_interval_start: datetime | None,
    data_interval_end: datetime | None,
    form: Mapping[str, object],
) -> Plan:
    """The plan of one Airflow run.

    Scheduled and backfill runs take the data interval and refuse days in the form; manual runs must name both, since
    Airflow gives them a data interval that may be another day's.
    """
    unknown = sorted(set(form) - set(FORM))
    if unknown:
        raise BadInput(f"form: unknown field {unknown[0]!r}; the fields are {', '.join(FORM)}")
    start, end = form.get("start"), form.get("end")
    if run_type == "manual":
        if not start or not end:
            raise BadInput("form: a manual run must name both start and end, for example 2019-10-01 and 2019-10-02")
        first, after = _day(start, "form: start"), _day(end, "form: end")
    else:
        if start or end:
            raise BadInput(f"form: start and end are for manual runs; a {run_type} run takes its data interval")
        if data_interval_start is None or data_interval_end is None:
            raise BadInput(f"a {run_type} run without a data interval; start it from the schedule or as a backfill")
        first, after = _midnight(data_interval_start), _midnight(data_interval_end)
    return make_plan(first, after, _sources(form.get("sources")), _flag(form.get("every_day")))


def make_plan(
    start: date, end: date, sources: Iterable[str] | None = None, every_day: bool = False, today: date | None = None
) -> Plan:
    """A checked plan: not empty, not reversed, not in the future."""
    today = today or datetime.now(UTC).date()
    if start >= end:
        what = "empty" if start == end else "reversed"
        raise BadInput(f"interval [{start}, {end}) is {what}; end is the day after the last one")
    if end > today + _ONE_DAY:
        raise BadInput(f"interval [{start}, {end}) reaches into the future; today is {today} (UTC)")
    names = tuple(sorted(set(sources))) if sources else None
    for name in names or ():
        if not NAME.fullmatch(name):
            raise BadInput(f"source {name!r} is not a source name: small letters, digits and _")
    return Plan(start, end, names, every_day)


def parse_day(text: str, where: str) -> date:
    """A day written YYYY-MM-DD."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise BadInput(f"{where}: {text[:40]!r} is not a day; write it like 2019-10-01")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{where}: {text!r} is not a day of the calendar") from None


def _day(value: object, where: str) -> date:
    return parse_day(str(value), where)


def _midnight(moment: datetime) -> date:
    moment = moment.astimezone(UTC)
    if (moment.hour, moment.minute, moment.second) != (0, 0, 0):
        raise BadInput(f"data interval bound {moment.isoformat()} is not a midnight UTC")
    return moment.date()


def _sources(value: object) -> tuple[str, ...] | None:
    if value in (None, "", []):
        return None
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")]
    if not isinstance(value, (list, tuple)) or not all(isinstance(v, str) for v in value):
        raise BadInput("form: sources must be a list of source names")
    return tuple(value)


def _flag(value: object) -> bool:
    if value in (None, False, "", "false", "False"):
        return False
    if value in (True, "true", "True"):
        return True
    raise BadInput(f"form: every_day must be true or false, not {str(value)[:40]!r}")
