"""Interests beside a profile, each with the words of a text that tells of it."""

from __future__ import annotations

from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from include.pages.card import card
from include.query import Lake
from include.show.insights import Interest, Said, find_interests
from include.show.profile import Profile, print_profile
from include.show.table import console
from include.show.values import plain
from tests.unit.include.small_lake import SmallLake

ONE, TWO, THREE = date(2019, 10, 1), date(2019, 10, 2), date(2019, 10, 3)
USER = ("shop", "u")


@pytest.fixture
def small(tmp_path: Path) -> SmallLake:
    return SmallLake(tmp_path)


def cares(small: SmallLake, interest: str, *evidence: str, score: float = 0.5) -> None:
    row = {"source": "shop", "user_key": "u", "kind": "category", "interest_id": interest, "interest": interest}
    small.append(
        "gold.user_interests", {**row, "score": score, "last_on": TWO, "texts": len(evidence), "evidence": evidence}
    )


def writes(small: SmallLake, text_hash: str, text_key: str, day: date = ONE, **more: Any) -> None:
    row = {"source": "shop", "user_key": "u", "kind": "review", "day": day, "known_from": day, "precision": "second"}
    small.append(
        "silver.texts", {**row, "text_hash": text_hash, "text_key": text_key, "text": f"Of {text_hash}", **more}
    )


def interests(small: SmallLake) -> list[Interest]:
    small.release()
    return find_interests(Lake(small.settings), USER)


def told(small: SmallLake) -> list[tuple[str, str | None]]:
    return [(found.interest, found.said.text_key if found.said else None) for found in interests(small)]


def test_an_interest_has_the_beginning_of_the_newest_text_that_tells_of_it(small: SmallLake):
    cares(small, "Kitchen", "h1", "h2", score=0.6)
    cares(small, "Cars", "h3", score=0.3)
    cares(small, "Tents", score=0.1)
    for text_hash, text_key, day in (("h1", "t1", ONE), ("h2", "t2", TWO), ("h3", "t3", ONE), ("h4", "t4", TWO)):
        writes(small, text_hash, text_key, day, text=text_key + "n" * 100)
    kitchen, cars, tents = interests(small)
    assert kitchen.said == Said("review", TWO, "t2", "t2" + "n" * 98)
    assert cars.said and cars.said.text_key == "t3"
    assert tents.said is None


@pytest.mark.parametrize(
    "more",
    [
        {"user_key": "v"},
        {"source": "other"},
        {"known_to": TWO},
        {"precision": "none"},
        {"day": THREE},
        {"text_hash": "h9"},
    ],
    ids=["others", "source", "corrected", "undated", "later", "other"],
)
def test_what_does_not_tell_of_it_is_not_shown(small: SmallLake, more: dict[str, Any]):
    cares(small, "Kitchen", "h1", "h2")
    writes(small, **{"text_hash": "h1", "text_key": "t1", "day": TWO, **more})
    assert told(small) == [("Kitchen", None)]
    writes(small, "h2", "t2")
    assert told(small) == [("Kitchen", "t2")]


def test_all_interests_take_one_query_of_texts_and_none_where_no_text_tells(
    small: SmallLake, monkeypatch: pytest.MonkeyPatch
):
    asked: list[str] = []
    rows = Lake.rows

    def counted(lake: Lake, sql: str, *rest: Any, **more: Any) -> list[dict[str, Any]]:
        asked.append("texts" if "silver.texts" in sql else "interests")
        return rows(lake, sql, *rest, **more)

    monkeypatch.setattr(Lake, "rows", counted)
    cares(small, "Kitchen")
    interests(small)
    cares(small, "Cars", "h1")
    cares(small, "Tents", "h2")
    interests(small)
    assert asked == ["interests", "interests", "texts"]


def test_cards_show_the_words_and_nothing_in_them_is_markup(small: SmallLake):
    cares(small, "<i>Kitchen", "h1")
    writes(small, "h1", "t1", text="A [bold]<b>pan</b>\x1b & a pot")
    profile = Profile("shop", "u", TWO, TWO, {}, {}, (), interests=interests(small))
    words = "A [bold]&lt;b&gt;pan&lt;/b&gt;\\x1b &amp; a pot"
    assert f"<li><b>&lt;i&gt;Kitchen</b>, review of 2019-10-01: <mark>{words}</mark></li>" in card(profile)
    print_profile(console(screen := StringIO()), profile)
    assert "2019-10-01 A [bold]<b>pan</b>\\x1b & a pot" in " ".join(screen.getvalue().split())
    [found] = plain(profile.row()["interests"])
    assert found["said"] == {"kind": "review", "day": "2019-10-01", "text_key": "t1",
                             "words": "A [bold]<b>pan</b>\x1b & a pot"}  # fmt: skip


def test_a_card_without_texts_names_none(small: SmallLake):
    cares(small, "Kitchen")
    page = card(Profile("shop", "u", TWO, TWO, {}, {}, (), interests=interests(small)))
    assert "Kitchen" in page and "Where this comes from" not in page
