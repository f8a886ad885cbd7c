from datetime import UTC, date, datetime

import pytest

from include.errors import BadInput
from include.plan import Plan, make_plan, resolve_interval

D1, D2 = datetime(2019, 10, 1, tzinfo=UTC), datetime(2019, 10, 2, tzinfo=UTC)


@pytest.mark.parametrize("run_type", ["scheduled", "backfill"])
def test_scheduled_and_backfill_runs_take_the_data_interval(run_type):
    assert resolve_interval(run_type, D1, D2, {}) == Plan(date(2019, 10, 1), date(2019, 10, 2))


@pytest.mark.parametrize("run_type", ["scheduled", "backfill"])
def test_scheduled_and_backfill_runs_refuse_days_in_the_form(run_type):
    with pytest.raises(BadInput, match="takes its data interval"):
        resolve_interval(run_type, D1, D2, {"start": "2019-01-01", "end": "2019-01-02"})


def test_a_manual_run_takes_the_form_and_not_the_data_interval():
    form = {"start": "2019-09-01", "end": "2019-10-01", "sources": ["shop", "lastfm"], "every_day": True}
    assert resolve_interval("manual", D1, D2, form) == Plan(
        date(2019, 9, 1), date(2019, 10, 1), ("lastfm", "shop"), True
    )


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({}, "must name both"),
        ({"start": "2019-09-01"}, "must name both"),
        ({"start": "2019-09-01", "end": "2019-09-01"}, "empty"),
        ({"start": "2019-09-02", "end": "2019-09-01"}, "reversed"),
        ({"start": "2019-09-01", "end": "2999-09-01"}, "future"),
        ({"start": "2019-02-30", "end": "2019-09-01"}, "not a day of the calendar"),
        ({"start": "1. September", "end": "2019-09-01"}, "not a day"),
        ({"start": "2019-09-01; drop table", "end": "2019-09-02"}, "not a day"),
        ({"start": "2019-09-01", "end": "2019-09-02", "sources": ["../etc"]}, "not a source name"),
        ({"start": "2019-09-01", "end": "2019-09-02", "sources": {"a": 1}}, "list of source names"),
        ({"start": "2019-09-01", "end": "2019-09-02", "every_day": "perhaps"}, "true or false"),
        ({"start": "2019-09-01", "end": "2019-09-02", "lake": "/tmp"}, "unknown field"),
    ],
)
def test_a_manual_form_that_is_not_right_is_one_clear_error(form, says):
    with pytest.raises(BadInput, match=says):
        resolve_interval("manual", None, None, form)


def test_a_scheduled_run_without_an_interval_is_refused():
    with pytest.raises(BadInput, match="without a data interval"):
        resolve_interval("scheduled", None, None, {})


def test_a_plan_is_cut_into_days():
    plan = make_plan(date(2019, 9, 29), date(2019, 10, 1), today=date(2019, 10, 5))
    assert plan.days() == [
        Plan(date(2019, 9, 29), date(2019, 9, 30)),
        Plan(date(2019, 9, 30), date(2019, 10, 1)),
    ]
