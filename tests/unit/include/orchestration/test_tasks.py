from __future__ import annotations

from datetime import date

import pytest
from jsonschema import ValidationError, validate

from include.orchestration.tasks import _arguments, interval_form
from include.plan import FORM, Plan


@pytest.mark.parametrize(
    ("plan", "more"),
    [
        (Plan(date(2019, 10, 1), date(2019, 10, 2)), ["--take"]),
        (Plan(date(2019, 10, 1), date(2019, 10, 2), ("a", "b")), ["--source", "a", "--source", "b", "--take"]),
        (Plan(date(2019, 10, 1), date(2019, 10, 2), None, True), ["--every-day", "--take"]),
    ],
)
def test_a_plan_becomes_the_arguments_of_an_application(plan: Plan, more: list[str]):
    always = ["--start", "2019-10-01", "--end", "2019-10-02", "--run-id", "manual__1"]
    assert _arguments(plan, "manual__1") == [*always, *more]


def test_the_form_has_the_fields_that_a_plan_reads():
    assert tuple(interval_form()) == FORM


@pytest.mark.parametrize("sources", [["shop; rm -rf /"], ["Shop"], [""], "shop"])
def test_the_form_takes_nothing_but_source_names(sources: object):
    validate(["shop", "rees46"], interval_form()["sources"].schema)
    with pytest.raises(ValidationError):
        validate(sources, interval_form()["sources"].schema)
