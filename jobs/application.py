"""What all applications have in common: their arguments, their clock, their result."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from include.errors import PortraitError, unexpected
from include.gate import Measured, Verdict, judge
from include.lake.meta import Meta
from include.plan import Plan, make_plan, parse_day
from include.tables import TABLES

if TYPE_CHECKING:
    from include.lake.measure import Measures
    from include.lake.publish import Staged
    from include.lake.turn import Turn


@dataclass
class Result:
    """How an application ended. `published` counts rows by table, where something was written."""

    application: str
    run_id: str
    plan: Plan
    passed: bool
    failed: tuple[Measured, ...] = ()
    published: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    sources: tuple[str, ...] = ()  # that were active
    skipped: dict[str, str] = field(default_factory=dict)  # source to why it was not active
    page: str | None = None


class Clock:
    """Seconds by part of a run. `done` ends the part that went on since the last call."""

    def __init__(self, started: float | None = None) -> None:
        self._last = started or time.time()
        self.seconds: dict[str, float] = {}

    def done(self, part: str) -> None:
        now = time.time()
        self.seconds[part] = round(self.seconds.get(part, 0.0) + now - self._last, 3)
        self._last = now
        say(f"{part}: {self.seconds[part]:.1f} s")


def say(line: str) -> None:
    """A line of progress, for the log of a task and for a terminal."""
    print(line, file=sys.stderr, flush=True)


def result_of(application: str, turn: Turn, verdict: Verdict, staged: list[Staged], measures: Measures,
              clock: Clock, sources: tuple[str, ...], skipped: dict[str, str]) -> Result:  # fmt: skip
    """What the caller is told."""
    changed = {s.table.name: measures.rows[s.table.name] for s in staged if measures.changed[s.table.name]}
    return Result(application, turn.run_id, turn.plan, verdict.passed, verdict.failed,
                  changed if verdict.passed else {}, clock.seconds, sources, skipped,
                  str(verdict.page) if verdict.page else None)  # fmt: skip


def judged(turn: Turn, measures: Measures, clock: Clock) -> Verdict:
    """What the gate says of all measures, written to meta.checks and to the run's pages."""
    verdict = judge(measures.counts, turn.settings.pages / "checks" / turn.application, turn.run_id)
    turn.append_rows("meta.checks", check_rows(turn, measures, {(m.table, m.rule) for m in verdict.failed}))
    clock.done("check")
    return verdict


def check_rows(turn: Turn, measures: Measures, failed: set[tuple[str, str]]) -> list[dict[str, object]]:
    """The rows of meta.checks."""
    return [
        {"application": turn.application, "fence": turn.fence, "run_id": turn.run_id, "table": m.table,
         "rule": m.rule, "severity": str(m.severity), "passed": (m.table, m.rule) not in failed,
         "failing": m.failing, "of": m.of}
        for m in measures.counts
    ]  # fmt: skip


def released_versions(turn: Turn) -> dict[str, int]:
    """The version of each of the application's tables that belongs to this run: written by it, else as it is."""
    meta = Meta(turn.settings)
    own = (t.name for t in TABLES.values() if t.application == turn.application)
    return {name: turn.versions.get(name, meta.version(name)) for name in own}


def main(name: str, run: Callable[..., Result], arguments: Sequence[str] | None = None) -> int:
    """Entry of an application: exit code 0 when it finished, also when its gate failed. Its check task says that."""
    parser = argparse.ArgumentParser(prog=name, description=sys.modules[run.__module__].__doc__)
    parser.add_argument("--start", required=True, help="first day of the interval")
    parser.add_argument("--end", required=True, help="day after the last one")
    parser.add_argument("--run-id", required=True, help="name of the run, written beside what it builds")
    parser.add_argument("--source", action="append", help="only this source; may be repeated")
    parser.add_argument("--every-day", action="store_true", help="profiles as of each day, not only the last one")
    parser.add_argument("--take", action="store_true", help="take over from a start that never ended")
    given = parser.parse_args(arguments)
    started = _process_start()
    try:
        start, end = parse_day(given.start, "--start"), parse_day(given.end, "--end")
        plan = make_plan(start, end, given.source, given.every_day)
        result = run(plan, given.run_id, take=given.take, started=started)
    except PortraitError as error:
        say(f"{name}: {error}")
        return error.exit_code
    except Exception as error:
        say(f"{name}: {unexpected(error)}")
        return 1
    verdict = "published" if result.passed else "nothing published: " + "; ".join(m.line for m in result.failed)
    say(f"{name}: {verdict}")
    return 0


def _process_start() -> float:
    """When this process was started, so that imports count as start-up."""
    try:
        import psutil

        created: Any = psutil.Process().create_time()
        return float(created)
    except ImportError:
        return time.time()
