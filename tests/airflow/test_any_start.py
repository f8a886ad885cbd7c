"""Runs that are started all at once, and a backfill that goes backwards, end in the tables of a forward one."""

from __future__ import annotations

from datetime import date

import pytest

from tests.airflow.installation import Installation
from tests.compare import content

pytestmark = [pytest.mark.airflow, pytest.mark.slow]
DAYS = ("2024-01-01", "2024-01-02", "2024-01-03")
END = "2024-01-04"


def test_runs_at_once_and_a_backward_backfill_end_in_the_tables_of_a_forward_one(installation: Installation):
    api = installation.api
    installation.build(DAYS[0], END)
    expected = content(installation.put_lake_aside("forward"))
    assert expected["gold.user_profiles"]

    runs = [
        api.trigger("profiles_daily", {"start": start, "end": end})
        for start, end in zip(DAYS, (*DAYS[1:], END), strict=True)
    ]
    for run in runs:
        installation.finish("profiles_daily", run)
    assert content(installation.put_lake_aside("at-once")) == expected

    first, last = date.fromisoformat(DAYS[0]), date.fromisoformat(DAYS[-1])
    for run in api.backfill("profiles_daily", first, last, backwards=True):
        installation.finish("profiles_daily", run)
    assert content(installation.put_lake_aside("backwards")) == expected
