"""The real sources end in the outcomes that were counted by hand. Runs the application as Airflow does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from include.privacy import make_key
from include.settings import ROOT, Settings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (ROOT.parent / "shared" / "data" / "rees46_sample").is_dir(),
        reason="the real data is not in ../shared/data",
    ),
]

# landed, published, duplicate, superseded, rejected
KNOWN = {
    ("amazon_magazines", "texts"): (2_375, 2_327, 47, 0, 1),
    ("amazon_magazines", "items"): (3_385, 2_320, 1_065, 0, 0),
    ("deskdrop", "events"): (72_312, 70_028, 2_284, 0, 0),
    ("rees46", "events"): (17_435, 17_410, 5, 0, 20),
    ("lastfm", "events"): (92_834 + 186_479, 92_834 + 186_479 - 5, 0, 0, 5),
    ("lastfm", "follows"): (25_434, 25_434, 0, 0, 0),
    ("lastfm", "items"): (17_632, 17_632, 0, 0, 0),
}


@pytest.fixture(scope="module")
def accounts(tmp_path_factory) -> dict[tuple[str, str], dict[str, object]]:
    folder: Path = tmp_path_factory.mktemp("real")
    make_key(folder / "key")
    environment = {
        **os.environ,
        "PORTRAIT_LAKE": str(folder / "lake"),
        "PORTRAIT_KEY_FILE": str(folder / "key"),
        "PORTRAIT_DATA": str(ROOT.parent / "shared" / "data"),
    }
    sources = [word for name in sorted({source for source, _ in KNOWN}) for word in ("--source", name)]
    run = ["-m", "jobs.ingest", "--start", "1995-01-01", "--end", "2019-10-03", "--run-id", "real", *sources]
    subprocess.run([sys.executable, *run], env=environment, cwd=ROOT, check=True, capture_output=True)
    portrait = Path(sys.executable).with_name("portrait")
    told = subprocess.run([portrait, "accounts", "--json"], env=environment, check=True, capture_output=True)
    assert Settings().lake != folder  # the demo's lake is not touched
    return {(row["source"], row["feed"]): row for row in json.loads(told.stdout)}


@pytest.mark.parametrize("feed", sorted(KNOWN), ids="-".join)
def test_every_landed_row_has_the_outcome_that_was_counted_by_hand(accounts, feed):
    row = accounts[feed]
    outcomes = tuple(row[name] for name in ("landed", "published", "duplicate", "superseded", "rejected"))
    assert outcomes == KNOWN[feed]
    assert row["held"] == 0


def test_the_reasons_are_those_that_were_counted_by_hand(accounts):
    assert accounts["amazon_magazines", "texts"]["reasons"] == {"missing:text": 1}
    assert accounts["lastfm", "events"]["reasons"] == {"time_ancient": 5}
    assert accounts["rees46", "events"]["reasons"] == {"damaged:wrong_field_count": 1, "price_not_positive": 19}
