"""Which version speaks about a day."""

from __future__ import annotations

from datetime import date

import pytest

from include.models.choose import Offered, Readers, Speaking, last_days, news, version_name

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


@pytest.mark.parametrize(
    ("champion", "newest", "expected"),
    [
        (NEW, MAR, {NEW: date.max, OLD: date(2020, 3, 30)}),
        (OLD, MAR, {OLD: date.max}),  # it is preferred on every day on which the other one may speak
        (OLD, None, {OLD: date.max}),
    ],
)
def test_a_former_version_speaks_about_no_day_on_which_a_better_one_may(
    champion: str, newest: date | None, expected: dict[str, date]
):
    offered = Offered({OLD: JAN, NEW: newest}, champion)
    assert offered.last_days() == expected
    for day in (DEC, JAN, FEB, MAR):
        assert (chosen := offered.for_day(day)) is None or day <= expected[chosen]


def test_a_day_that_a_version_is_recorded_for_may_come_later():
    offered = [Offered({OLD: JAN, NEW: MAR}, NEW)]
    april = date(2020, 4, 1)
    recorded = {("a", april): Speaking(OLD, ("names-1-d",)), ("b", MAR): Speaking(OLD)}
    assert last_days(offered, recorded) == {NEW: date.max, OLD: april, "names-1-d": april}
    assert last_days(offered, {("a", JAN): Speaking(NEW)}) == {NEW: date.max, OLD: date(2020, 3, 30)}


def test_others_that_never_spoke_are_in_no_evidence():
    names = Offered({"names-1-d": JAN, "names-2-e": FEB}, "names-2-e")
    readers = Readers(Offered({OLD: JAN}, OLD), {"names": names}, ("e-2",))
    spoken = readers.spoken([Speaking(None, ("names-1-d",))], ["e-1"])
    assert (spoken.for_day(MAR), spoken.always) == (Speaking(OLD, ("names-1-d",)), ("e-1",))
    assert (readers.spoken([], None).for_day(MAR), readers.always) == (Speaking(OLD), ("e-2",))


def test_a_version_that_keeps_sources_apart_knows_each_to_its_own_day():
    learned = {"names-1-d": {"shop": JAN, "archive": DEC}, "names-2-e": {"shop": MAR}}
    names = Offered({"names-1-d": JAN, "names-2-e": MAR}, "names-2-e", learned)
    assert [names.for_day(day, "shop") for day in (DEC, JAN, MAR)] == [None, "names-1-d", "names-2-e"]
    assert [names.for_day(day, "archive") for day in (DEC, MAR)] == ["names-1-d", "names-1-d"]
    assert names.for_day(MAR, "other") is names.for_day(MAR) is None
    assert names.last_days() == {"names-1-d": date.max, "names-2-e": date.max}
    assert list(names.choices()) == [
        ("archive", "names-1-d", DEC), ("shop", "names-2-e", MAR), ("shop", "names-1-d", JAN)
    ]  # fmt: skip
    told = Readers(others={"names": names})
    assert Readers.of(told.told) == told
    assert told.for_day(JAN, "archive") == Speaking(None, ("names-1-d",))


def test_news_are_the_days_that_a_version_has_read_since():
    before = {"models": [(OLD, JAN), (NEW, MAR)], "read_until": [(OLD, JAN)]}
    assert news(before, before) == {}
    assert news(before, {"models": [(OLD, JAN), (NEW, None)], "read_until": None}) == {OLD: JAN}
    assert news(before, {"models": [(OLD, JAN), ("3-c", MAR)], "read_until": [(OLD, DEC)]}) == {"3-c": date.min}
    assert news({"models": None}, before) == news(None, before) == news(before, None) == {}


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
