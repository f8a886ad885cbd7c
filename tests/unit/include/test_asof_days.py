from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from include.asof_days import BEGINNING, Wanted, requested_days, wanted_of_models, wanted_of_source
from include.plan import Plan

A, B, C, D = (date(2024, 1, day) for day in (1, 2, 3, 4))


def test_a_new_day_after_the_last_wants_who_acted_since_or_leaves_a_window():
    assert wanted_of_source("s", built=[A], requested=[C], touched=[], windows=[7]) == [
        Wanted("s", date(2023, 12, 26), date(2023, 12, 27), C),
        Wanted("s", B, C, C),
    ]


def test_a_day_between_two_built_ones_also_wants_the_next():
    assert wanted_of_source("s", built=[A, C], requested=[B], touched=[], windows=[]) == [
        Wanted("s", B, B, B),
        Wanted("s", B, B, C),
    ]


def test_a_touched_day_matters_to_every_built_day_from_it_on():
    assert wanted_of_source("s", built=[A, B, C], requested=[], touched=[B], windows=[7]) == [
        Wanted("s", B, B, B),
        Wanted("s", B, B, C),
    ]


def test_the_first_day_wants_everybody():
    assert wanted_of_source("s", [], [B], [B], [7]) == [
        Wanted("s", BEGINNING, B, B),
        Wanted("s", B, B, B),
    ]


def test_a_long_plan_asks_for_its_last_day_unless_told_every_day():
    plan = Plan(date(2023, 1, 1), date(2024, 1, 3))
    assert requested_days(plan, A, None) == [B]
    assert requested_days(plan, A, A) == [A]
    assert requested_days(Plan(plan.start, plan.end, None, True), A, None) == [A, B]
    assert requested_days(plan, D, None) == []


_day = st.integers(0, 30).map(lambda n: A + timedelta(days=n))


@settings(max_examples=1000)
@given(
    acts=st.sets(_day, max_size=5),
    late=st.sets(_day, max_size=3),
    built=st.sets(_day, max_size=5),
    new=st.sets(_day, min_size=1, max_size=2),
    window=st.integers(1, 9),
)
@example(acts={A}, late=set(), built={D}, new={B, C}, window=1)  # two new days before a built one
def test_whoever_is_not_wanted_has_the_same_profile(acts, late, built, new, window):
    """Against the definition: what a user's windowed and lifetime counts are, before and after a run."""
    wanted = wanted_of_source("s", built, new, late, [window])

    def traits(days, day):
        return (
            sum(day - timedelta(days=window) < d <= day for d in days),
            sum(d <= day for d in days),
        )

    def rows(days, as_of_days):
        """The history: a row where a trait differs from the day before."""
        before, found = None, {}
        for day in sorted(as_of_days):
            now = traits(days, day)
            found[day] = now if now != before and (now != (0, 0) or before) else None
            before = now if now != (0, 0) else before
        return found

    old = rows(acts, built)
    fresh = rows(acts | late, built | new)
    on = acts | late
    for day in built | new:
        if fresh[day] != old.get(day):
            assert any(w.as_of == day and any(w.first <= d <= w.last for d in on) for w in wanted), day


@pytest.mark.parametrize(
    ("models", "new", "expected"),
    [
        ({A: None, B: None}, [B], []),
        ({A: None, B: "1-a"}, [B], [B]),  # the first model
        ({A: "1-a", B: "1-a", C: "1-a"}, [B], []),
        ({A: None, B: "1-a", C: "1-a"}, [B], [B, C]),  # C differed from A, and does not from B
        ({A: "1-a", B: None, C: "1-a"}, [B], [B, C]),
        ({A: "1-a", B: "1-a", C: "2-b"}, [B], [C]),
        ({A: None, B: "1-a", C: "1-a", D: "1-a"}, [B, C], [B, D]),
        ({B: "1-a", C: "1-a"}, [B, C], [B, C]),  # C is the latest of everybody
    ],
)
def test_a_change_of_the_model_wants_everybody_with_a_text(
    models: dict[date, str | None], new: list[date], expected: list[date]
):
    assert wanted_of_models("s", new, models) == [Wanted("s", BEGINNING, day, day) for day in expected]
