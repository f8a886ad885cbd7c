"""Limits fitted every week on the real sources: nobody breaks those of volume and burst, the others are listed."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from include.models.train_limits import fit
from include.privacy import make_key
from include.query import Lake
from include.settings import ROOT, Settings

DATA = ROOT.parent / "shared" / "data"
SOURCES = ("amazon_magazines", "deskdrop", "lastfm", "movielens", "rees46")
EXACT = ("amazon_magazines", "deskdrop", "movielens", "rees46")  # to the day at least
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (DATA / "rees46_sample").is_dir(), reason="the real data is not in ../shared/data"),
]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    folder: Path = tmp_path_factory.mktemp("real")
    make_key(folder / "key")
    named = {"PORTRAIT_LAKE": str(folder / "lake"), "PORTRAIT_KEY_FILE": str(folder / "key"),
             "PORTRAIT_DATA": f"{DATA}"}  # fmt: skip
    chosen = [word for name in SOURCES for word in ("--source", name)]
    run = ["-m", "jobs.ingest", "--start", "1995-01-01", "--end", "2019-10-03", "--run-id", "real", *chosen]
    subprocess.run([sys.executable, *run], env=os.environ | named, cwd=ROOT, check=True, capture_output=True)
    return Lake(Settings(lake=folder / "lake", key_file=folder / "key", data=DATA))


def judged(lake: Lake, source: str) -> list[tuple[str, str, date, float, float]]:
    """(limit, user, day, value, threshold) of what each week breaks of the limits fitted on the four weeks before it;
    of the first weeks, which nobody has seen before, on themselves."""
    days = lake.rows("select min(day) as first, max(day) as last from silver.user_days where source = ?", [source])[0]
    found = []
    monday = days["first"]
    while monday <= days["last"]:
        through = max(monday - timedelta(days=1), min(days["first"] + timedelta(days=6), days["last"]))
        limits = fit(lake, through).get(source, {})
        for name, limit in limits.items():
            rows = lake.rows(
                f"select user_key, day, cast({name} as double) as value from silver.user_days "
                f"where source = ? and day >= ? and day < ? and {name} > ?",
                [source, monday, monday + timedelta(days=7), limit],
            )
            found += [(name, r["user_key"], r["day"], r["value"], limit) for r in rows]
        monday += timedelta(days=7)
    return found


@pytest.mark.parametrize("source", EXACT)
def test_nobody_does_too_much_or_too_fast(lake: Lake, source: str, capsys: pytest.CaptureFixture[str]):
    broken = judged(lake, source)
    with capsys.disabled():
        for name, user, day, value, limit in broken:
            print(f"\n  {source} {day} {user[:8]} {name} {value:g} > {limit:g}", end="")
    assert [row for row in broken if row[0] in ("volume", "burst")] == []


def test_what_is_dated_by_month_or_not_at_all_has_no_days(lake: Lake):
    assert lake.rows("select count(*) as n from silver.user_days where source = 'lastfm'") == [{"n": 0}]
