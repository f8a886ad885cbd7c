"""What a run must compute where models change."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from include.asof_days import BEGINNING
from include.asof_todo import Since, Todo
from include.models.choose import Offered, Readers, Speaking
from include.settings import ROOT
from include.traits.load import load_traits

TRAITS = load_traits([ROOT / "traits"])
ONE, TWO, THREE, FOUR = (date(2024, 1, 1) + timedelta(days=n) for n in range(4))
TEXTS = [("shop", day) for day in (ONE, TWO, THREE)]
OLD, NEW = Speaking("1-a", ("names-1-a",)), Speaking("2-b", ("names-2-b",))
OFFERED = Readers(
    Offered({"1-a": ONE, "2-b": THREE}, "2-b"), {"names": Offered({"names-1-a": ONE, "names-2-b": THREE}, "names-2-b")}
)


def todo(recorded: dict[date, Speaking], asked: date, offered: Readers = OFFERED, **more: Any) -> Todo:
    """Of the shop, whose days are built as `recorded`, and which lands nothing."""
    built = {"shop": sorted(recorded)}
    by_unit = {("shop", day): speaking for day, speaking in recorded.items()}
    return Todo(built, {"shop": [asked]}, TRAITS, offered, by_unit, Since(texts=TEXTS, **more))


def by_text(found: Todo) -> list[date]:
    assert {(w.source, w.first, w.last == w.as_of) for w in found.by_text} <= {("shop", BEGINNING, True)}
    return sorted({w.as_of for w in found.by_text})


def test_a_built_day_keeps_its_versions_and_nothing_is_told_anew():
    found = todo({ONE: OLD, THREE: NEW}, ONE)
    assert (found.models["shop"][ONE], by_text(found), found.evidence, found.filled) == (OLD, [], [], [])


def test_a_version_that_never_spoke_tells_of_all_texts():
    found = todo({TWO: OLD}, THREE)
    assert found.models["shop"][THREE] == NEW
    assert found.evidence == TEXTS


def test_of_a_version_that_speaks_again_those_texts_are_told_that_it_had_not_read():
    back = Readers(Offered({"1-a": ONE}, "1-a"), {"names": Offered({"names-1-a": ONE, "names-2-b": None}, "names-1-a")})
    recorded = {ONE: OLD, THREE: NEW}
    found = todo(recorded, FOUR, back, news={"names-1-a": ONE, "3-unused": date.min})
    assert found.models["shop"][FOUR] == OLD
    assert found.evidence == [("shop", TWO), ("shop", THREE)]
    assert by_text(found) == [FOUR]


def test_days_of_a_version_that_was_away_are_computed_anew():
    found = todo({ONE: OLD, TWO: OLD, THREE: NEW}, THREE, news={"1-a": date.min})
    assert by_text(found) == [ONE, TWO, THREE], "the last one says what differs from the day before"
    assert found.evidence == TEXTS


def test_a_day_that_is_asked_for_again_is_told_what_nobody_could_tell():
    recorded = {TWO: Speaking(None, ("names-1-a",)), THREE: Speaking()}
    found = todo(recorded, TWO)
    assert found.models["shop"] == {TWO: OLD, THREE: Speaking()}
    assert found.filled == [("shop", TWO)]
    assert by_text(found) == [TWO, THREE]
    assert todo(recorded, ONE).models["shop"][TWO] == recorded[TWO], "it was not asked for"


def test_topics_of_the_newest_day_are_others_where_it_was_told_some():
    topics = Readers(others={"topics": Offered({"topics-1-a": ONE}, "topics-1-a", {"topics-1-a": {"shop": ONE}})})
    found = todo({ONE: Speaking()}, ONE, topics)
    assert (found.topics("shop"), found.has_other_topics("shop")) == ("topics-1-a", True)
    assert not todo({ONE: Speaking(None, ("topics-1-a",))}, ONE, topics).has_other_topics("shop")
