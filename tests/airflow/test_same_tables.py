"""One day, started in every way there is, ends in the same tables."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date

import pytest

from tests.airflow.installation import Installation
from tests.compare import content

pytestmark = pytest.mark.airflow
DAY, NEXT = "2024-01-02", "2024-01-03"


def scheduled(installation: Installation) -> None:
    installation.api.pause("profiles_catchup", False)
    end = time.monotonic() + 60
    while not (runs := installation.api.runs("profiles_catchup")):
        assert time.monotonic() < end, "the scheduler started no run"
        time.sleep(0.5)
    (run,) = runs
    assert (run["run_type"], run["logical_date"][:10]) == ("scheduled", DAY)
    installation.finish("profiles_catchup", str(run["dag_run_id"]))


def by_hand(installation: Installation) -> None:
    run = installation.api.trigger("profiles_daily", {"start": DAY, "end": NEXT})
    installation.finish("profiles_daily", run)


def as_backfill(installation: Installation) -> None:
    (run,) = installation.api.backfill("profiles_daily", date.fromisoformat(DAY), date.fromisoformat(DAY))
    installation.finish("profiles_daily", run)


@pytest.fixture(scope="session")
def expected(installation: Installation) -> dict[str, list[str]]:
    """What `portrait build` makes of the day."""
    installation.build(DAY, NEXT)
    found = content(installation.put_lake_aside("by-command"))
    assert found["gold.user_profiles"], "the day has users"
    assert found["silver.events__rejected"], "the day has dirt"
    return found


@pytest.mark.parametrize(
    "start", [scheduled, *(pytest.param(s, marks=pytest.mark.slow) for s in (as_backfill, by_hand))]
)
def test_a_run_ends_in_the_tables_of_a_build(
    installation: Installation, expected: dict[str, list[str]], start: Callable[[Installation], None]
):
    start(installation)
    assert content(installation.put_lake_aside(start.__name__)) == expected
