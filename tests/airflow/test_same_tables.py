"""One day, started in every way there is, ends in the same tables."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from tests.airflow.conftest import Installation, settings_of
from tests.compare import content

pytestmark = pytest.mark.airflow
DAY, NEXT = "2024-01-02", "2024-01-03"


def test_scheduled_manual_and_backfill_runs_end_in_the_tables_of_a_build(installation: Installation):
    api = installation.api
    api.pause("profiles_catchup", False)
    scheduled = the_scheduled_run(installation)
    installation.finish("profiles_catchup", scheduled)
    by_schedule = installation.put_lake_aside("by-schedule")

    manual = api.trigger("profiles_daily", {"start": DAY, "end": NEXT})
    installation.finish("profiles_daily", manual)
    by_hand = installation.put_lake_aside("by-hand")

    (backfill,) = api.backfill("profiles_daily", date.fromisoformat(DAY), date.fromisoformat(DAY))
    installation.finish("profiles_daily", backfill)
    by_backfill = installation.put_lake_aside("by-backfill")

    expected = content(build(installation, installation.folder / "by-command"))
    assert expected["gold.user_profiles"], "the day has users"
    assert expected["silver.events__rejected"], "the day has dirt"
    assert content(by_schedule) == expected
    assert content(by_hand) == expected
    assert content(by_backfill) == expected


def the_scheduled_run(installation: Installation) -> str:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if runs := installation.api.runs("profiles_catchup"):
            (run,) = runs
            assert (run["run_type"], run["logical_date"][:10]) == ("scheduled", DAY)
            return str(run["dag_run_id"])
        time.sleep(0.5)
    raise AssertionError("the scheduler started no run")


def build(installation: Installation, folder: Path):
    """`portrait build --daily` in a lake of its own."""
    folder.mkdir()
    environment = os.environ | installation.airflow.extra | {"PORTRAIT_LAKE": str(folder / "lake")}
    command = [Path(sys.executable).parent / "portrait", "build", "--start", DAY, "--end", NEXT, "--daily"]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    return settings_of(folder)
