"""Which version speaks about a day."""

from __future__ import annotations

from datetime import date

import pytest

from include.models.choose import Offered, version_name

JAN, FEB, MAR = (date(2020, month, 31 - 2 * (month == 2)) for month in (1, 2, 3))
DEC = date(2019, 12, 31)
OLD, NEW = version_name(9, "a" * 64), version_name(10, "b" * 64)


@pytest.mark.parametrize(
    ("champion", "expected"),
    [
        (NEW, {DEC: None, JAN: OLD, FEB: OLD, MAR: NEW}),
        (OLD, {DEC: None, JAN: OLD, FEB: OLD, MAR: OLD}),  # rolled back, or promoted by hand
        (None, {DEC: None, JAN: OLD, FEB: OLD, MAR: NEW}),
    ],
)
def test_a_version_from_the_future_of_a_day_does_not_speak_about_it(
    champion: str | None, expected: dict[date, str | None]
):
    offered = Offered({NEW: MAR, OLD: JAN}, champion)
    assert {day: offered.for_day(day) for day in expected} == expected


def test_a_version_that_was_rolled_back_speaks_about_no_new_day():
    assert Offered({OLD: JAN, NEW: None}, OLD).for_day(MAR) == OLD


def test_without_models_there_is_none():
    assert Offered().for_day(MAR) is None
