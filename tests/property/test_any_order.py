"""Any order of runs, re-deliveries, late and corrected rows end in the tables of one full build.

A lake holds two sources of many small worlds; each world is an example of its own: its users, its files, their order
and their trouble are drawn for it alone. The sequence of runs is drawn for the lake. PORTRAIT_EXAMPLES says how many
worlds are tried, PORTRAIT_SEED where to start; a failure prints the seed.
"""

from __future__ import annotations

import os
import random
from datetime import date, timedelta

import pytest

from include.plan import Plan
from tests.lakes import Lake
from tests.property.history import DAYS, FIRST, History, draw

EXAMPLES = int(os.environ.get("PORTRAIT_EXAMPLES", "12"))
SEED = int(os.environ.get("PORTRAIT_SEED", "20240101"))
_WORLDS = 12  # in a lake
_END = FIRST + timedelta(days=DAYS)


def histories(seed: int) -> list[History]:
    half = _WORLDS // 2
    return [draw("facts", seed, half, is_changes=False), draw("changes", seed, half, is_changes=True)]


def sequence(dice: random.Random) -> list[Plan]:
    """Runs that cover all days in any order: single days and a longer run, one of them twice."""
    days = [Plan(FIRST + timedelta(days=n), FIRST + timedelta(days=n + 1)) for n in range(DAYS)]
    dice.shuffle(days)
    start = FIRST + timedelta(days=dice.randrange(DAYS - 1))
    longer = Plan(start, start + timedelta(days=2), every_day=dice.random() < 0.5)
    runs = [day for day in days if not longer.start <= day.start < longer.end]
    runs.insert(dice.randint(0, len(runs)), longer)
    runs.insert(dice.randint(0, len(runs)), dice.choice(days))
    return runs


@pytest.mark.slow
@pytest.mark.parametrize("number", range(-(-EXAMPLES // _WORLDS)))
def test_any_order_of_runs_ends_in_the_tables_of_one_build(spark, tmp_path, number):
    seed = SEED + number
    dice = random.Random(seed)
    files = histories(seed)
    runs = sequence(dice)
    said = f"PORTRAIT_SEED={seed}: " + ", ".join(f"[{r.start}, {r.end}){' every day' * r.every_day}" for r in runs)

    pieces, whole = Lake(tmp_path / "pieces", spark, files), Lake(tmp_path / "whole", spark, files)
    for run in runs:
        pieces.build(run)
    whole.build(Plan(FIRST, _END, every_day=True))

    for table in whole.tables():
        assert pieces.rows(table) == whole.rows(table), f"{table} differs; {said}"
    for day in pieces.profile_days():
        assert pieces.as_of(day) == whole.as_of(day), f"profiles as of {day} differ; {said}"
    assert pieces.accounts() == whole.accounts(), said
    assert all(a.held == 0 for a in whole.accounts()), said


@pytest.mark.slow
def test_what_was_known_then_does_not_change(spark, tmp_path):
    lake = Lake(tmp_path / "lake", spark, histories(SEED + 77))
    known: dict[tuple[date, date], list[tuple[object, ...]]] = {}
    for n in range(DAYS - 1):
        today = FIRST + timedelta(days=n)
        lake.build(Plan(today, today + timedelta(days=1)))
        for back in range(min(n, 1) + 1):
            day = today - timedelta(days=back)
            known[day, today] = lake.as_of(day, known_at=today)
    assert any(known.values())
    for (day, known_at), rows in known.items():
        assert lake.as_of(day, known_at=known_at) == rows, f"as of {day}, known at {known_at}"
