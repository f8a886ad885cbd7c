"""Which version speaks about a day."""

from __future__ import annotations

from datetime import date

import pytest

from include.models.choose import Offered, Readers, Speaking, version_name

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


def test_what_a_release_tells_of_all_models_is_what_readers_are_told_again():
    names = version_name(3, "c" * 64, "names-")
    told = Readers(Offered({OLD: JAN}, OLD), {"names": Offered({names: FEB}, names)}, ("e-1",))
    assert Readers.of(told.told) == told
    assert told.versions == {OLD, names, "e-1"}
    assert [told.for_day(day) for day in (DEC, JAN, MAR)] == [Speaking(), Speaking(OLD), Speaking(OLD, (names,))]


def test_a_release_from_before_there_were_others_tells_of_sentiment_alone():
    assert Readers.of({"models": [(OLD, JAN)], "champion": OLD, "readers": None}) == Readers(Offered({OLD: JAN}, OLD))
    assert Readers.of(None) == Readers()
