"""When a run goes wrong: what the grid says, and what readers see."""

from __future__ import annotations

import pytest

from include.gate import page_of
from tests.airflow.installation import Installation
from tests.compare import content

pytestmark = pytest.mark.airflow


def test_a_failed_critical_rule_is_named_and_readers_keep_the_last_good_version(installation: Installation):
    api = installation.api
    installation.build("2024-01-01", "2024-01-02")
    before = content(installation.settings)

    with installation.broken_rule():
        bad = api.trigger("profiles_daily", {"start": "2024-01-02", "end": "2024-01-03"})
        said = installation.failure("profiles_daily", bad)

    states = {task["task_id"]: (task["state"], task["try_number"]) for task in api.tasks("profiles_daily", bad)}
    assert states["ingest"][0] == "success"
    assert states["check_ingest"] == ("failed", 1), "red at once, and not tried again"
    assert states["profile"][0] == states["announce"][0] == "upstream_failed"
    assert "silver.events no_row_meets_this (critical)" in said
    assert page_of(bad, installation.settings.pages / "checks" / "ingest").as_uri() in said
    after = content(installation.settings)
    assert {name: rows for name, rows in after.items() if not name.startswith("bronze.")} == {
        name: rows for name, rows in before.items() if not name.startswith("bronze.")
    }
    assert after["bronze.events"] != before["bronze.events"], "what landed is kept for the next good run"
    installation.put_lake_aside("red")


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({}, "a manual run must name both start and end"),
        pytest.param({"start": "2024-01-02", "end": "2024-01-02"}, "is empty", marks=pytest.mark.slow),
        pytest.param({"start": "2024-01-03", "end": "2024-01-02"}, "is reversed", marks=pytest.mark.slow),
    ],
)
def test_a_wrong_form_is_one_clear_error(installation: Installation, form: dict[str, str], why: str):
    run = installation.api.trigger("profiles_daily", form)
    assert why in installation.failure("profiles_daily", run)
    states = {task["task_id"]: task["try_number"] for task in installation.api.tasks("profiles_daily", run)}
    assert states["plan"] == 1, "the same form would be wrong again"
