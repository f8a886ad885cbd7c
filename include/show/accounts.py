"""What became of each landed row: the numbers, and how they are shown."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from rich.console import Console
from rich.text import Text

from include.lake.meta import Meta
from include.query import Lake
from include.show.suspects import Suspects
from include.show.table import print_table
from include.tables import EVERY_APPLICATION

OUTCOMES = ("published", "duplicate", "superseded", "rejected", "held", "erased")
_BOOKED = """
with newest as (
    select *, fence = max(fence) over (partition by source, feed, day) as counts from meta.accounts
)
select source, feed, arrived_on, published, duplicate, superseded, rejected, erased, reasons from newest where counts
"""
_UNDONE = {
    "failed": "its gate failed: see `portrait tables`, mend, run it again",
    "error": "it ended with an error: see what it said, mend, run it again",
}
_SHORT = {"published": "publ.", "duplicate": "dupl.", "superseded": "supers.", "rejected": "rej."}
_NARROW = 90


@dataclass
class Account:
    """Landed records of a source and feed (and arrival day, if asked for) by outcome; they add up.

    `held` landed and is not booked: its run failed or has not ended. A rejected record counts under each of
    its reasons.
    """

    source: str
    feed: str
    arrived_on: date | None = None
    landed: int = 0
    published: int = 0
    duplicate: int = 0
    superseded: int = 0
    rejected: int = 0
    erased: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def held(self) -> int:
        """Landed, without an outcome yet."""
        return self.landed - self.published - self.duplicate - self.superseded - self.rejected - self.erased

    def row(self) -> dict[str, Any]:
        """The account as programs read it."""
        when = {} if self.arrived_on is None else {"arrived_on": self.arrived_on}
        reasons = dict(sorted(self.reasons.items()))
        numbers = {name: getattr(self, name) for name in ("landed", *OUTCOMES)}
        return {
            "source": self.source,
            "feed": self.feed,
            **when,
            **numbers,
            "reasons": reasons,
        }


def accounts(lake: Lake, *, by_day: bool = False) -> list[Account]:
    """Accounts of everything that ever landed: records counted in bronze now, outcomes as the newest runs booked them.

    `by_day` gives one for each arrival day.
    """
    found: dict[tuple[str, str, date | None], Account] = {}

    def account(source: str, feed: str, arrived_on: date) -> Account:
        when = arrived_on if by_day else None
        return found.setdefault((source, feed, when), Account(source, feed, when))

    for source, feed, arrived_on, n in lake.landed():
        account(source, feed, arrived_on).landed += n
    for row in lake.rows(_BOOKED):
        booked = account(row["source"], row["feed"], row["arrived_on"])
        for outcome in OUTCOMES:
            if outcome != "held":
                setattr(booked, outcome, getattr(booked, outcome) + row[outcome])
        booked.reasons.update(row["reasons"] or {})
    return [found[key] for key in sorted(found, key=lambda key: (key[0], key[1], key[2] or date.min))]


def unfinished(meta: Meta) -> list[str]:
    """One line for each interval that has to be run again, and why."""
    lines = []
    for application in EVERY_APPLICATION:
        releases = meta.releases(application)
        for i, release in enumerate(releases):
            if release["verdict"] in _UNDONE and not any(_covers(later, release) for later in releases[i + 1 :]):
                lines.append(_line(application, release, _UNDONE[release["verdict"]]))
        for claim in meta.unreleased(application):
            lines.append(_line(application, claim, "has not ended; if it is dead, run it again with --take"))
    return lines


def print_accounts(
    screen: Console, found: Sequence[Account], open_intervals: Iterable[str], suspects: Mapping[str, Suspects]
) -> None:
    """One line an account, the reasons of what was rejected, the suspects among what was published, the intervals that
    have to be run again."""
    if not found:
        screen.print("nothing has landed yet")
    else:
        first = ("source", "feed", *(("arrived_on",) if found[0].arrived_on else ()))
        numbers = ("landed", *OUTCOMES)
        short = _SHORT if screen.width < _NARROW else {}
        rows = [[getattr(a, name) for name in (*first, *numbers)] for a in found]
        print_table(screen, [short.get(name, name) for name in (*first, *numbers)], rows, comma=",")
    reasons: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for a in found:
        reasons[a.source, a.feed].update(a.reasons)
    if any(reasons.values()):
        screen.print(Text("\nwhy rejected", style="bold"))
        rows = [[s, f, reason, n] for (s, f), counted in reasons.items() for reason, n in counted.most_common()]
        print_table(screen, ("source", "feed", "reason", "records"), rows, comma=",")
    if suspects:
        screen.print(Text("\nsuspects, which gold leaves out: portrait accounts --suspects", style="bold"))
        counted = [[source, s.user_days, s.users] for source, s in suspects.items()]
        print_table(screen, ("source", "days of users", "users"), counted, comma=",")
    for i, line in enumerate(open_intervals):
        if i == 0:
            screen.print(Text("\nunfinished", style="bold"))
        screen.print(Text(line))


def _covers(release: dict[str, Any], failed: dict[str, Any]) -> bool:
    """Whether a later release has done the work of a failed one."""
    return bool(
        release["verdict"] == "passed"
        and release["interval_start"] <= failed["interval_start"]
        and release["interval_end"] >= failed["interval_end"]
        and set(release["sources"]) >= set(failed["sources"])
    )


def _line(application: str, row: dict[str, Any], why: str) -> str:
    return f"{application} [{row['interval_start']}, {row['interval_end']}) of run {row['run_id']}: {why}"
