"""`portrait build`: all applications in one process, with progress and a short result."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.text import Text

from include.plan import Plan
from include.portraits.pending import is_needed
from include.query import Lake
from include.settings import Settings
from include.show.accounts import accounts
from include.show.table import console, print_table
from include.text.pending import require_encoder

if TYPE_CHECKING:
    from jobs.application import Result


def build(plans: Sequence[Plan], settings: Settings, *, take: bool) -> str:
    """Runs the plans in order and prints what was published.

    Returns the rules that failed, in one line, and stops at the first plan with one; empty if all passed.
    """
    from jobs import ingest, portray, profile, understand

    require_encoder(
        settings, None if any(p.sources is None for p in plans) else {s for p in plans for s in p.sources or ()}
    )
    portrayed = is_needed(settings)  # a model that is asked for and wrong: said before anything is built
    results: list[Result] = []
    for number, plan in enumerate(plans, 1):
        last = [portray.run] if portrayed and number == len(plans) else []
        for run in (ingest.run, understand.run, profile.run, *last):
            application = run.__module__.rpartition(".")[2]
            print(f"{application} [{plan.start}, {plan.end}), {number} of {len(plans)}", file=sys.stderr, flush=True)
            results.append(run(plan, _run_id(plan), take=take, settings=settings))
            if not results[-1].passed:
                _print(results)
                return _failure(results[-1])
    _print(results)
    _print_rejected(settings, results)
    return ""


def _print_rejected(settings: Settings, results: Sequence[Result]) -> None:
    """A line for each feed of the built sources of which records were rejected, ever."""
    screen = console()
    sources = {source for r in results for source in r.sources}
    for a in accounts(Lake(settings)):
        if a.source in sources and a.rejected:
            why = ", ".join(f"{reason} {count:,}" for reason, count in a.reasons.most_common())
            share = f"{a.rejected:,} of {a.landed:,} landed records ({a.rejected / a.landed:.1%})"
            screen.print(Text(f"{a.source} {a.feed}: {share} were rejected: {why}"))


def _run_id(plan: Plan) -> str:
    now = datetime.now(UTC)
    return f"build__{plan.start}_{plan.end}__{now:%Y%m%dT%H%M%S}_{uuid.uuid4().hex[:6]}"


def _failure(result: Result) -> str:
    rules = "; ".join(m.line for m in result.failed)
    see = f"; all checks: {result.page}" if result.page else ""
    return f"{result.application} [{result.plan.start}, {result.plan.end}): nothing was published: {rules}{see}"


def _print(results: Sequence[Result]) -> None:
    screen = console()
    names = ("application", "start", "end", "verdict", "rows rebuilt", "seconds")
    rows = [
        [
            r.application,
            r.plan.start,
            r.plan.end,
            "published" if r.passed else "FAILED",
            sum(r.published.values()),
            round(sum(r.seconds.values()), 1),
        ]
        for r in results
    ]
    print_table(screen, names, rows, ",")
    for source, why in {s: w for r in results for s, w in r.skipped.items()}.items():
        screen.print(Text(f"{source}: {why}"))
    for warning in dict.fromkeys(m.line for r in results if r.passed for m in r.failed):
        screen.print(Text(f"warning: {warning}"))
