"""From items and texts to a version of the names, with MLflow on SQLite."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from include.errors import BadInput
from include.models import train_names
from include.models.names import AMID, CAPITAL, FREE
from include.models.registry import Registry
from include.models.sentiment import TooFew
from include.models.train_names import fit, newest_day
from include.query import Lake
from tests.unit.include.small_lake import SmallLake

LAST = date(2019, 10, 1)


def item(item_id: str, title: str | None, brand: str | None = None, days_ago: int = 9, **more: Any) -> dict[str, Any]:
    return {"source": "shop", "item_id": item_id, "title": title, "brand": brand,
            "valid_from": LAST - timedelta(days=days_ago)} | more  # fmt: skip


def text(said: str, number: int = 0, days_ago: int = 0, **more: Any) -> dict[str, Any]:
    day = LAST - timedelta(days=days_ago)
    return {"source": "shop", "user_key": "u", "text": said, "text_hash": f"{said}{number}", "text_key": f"{said}{number}",
            "day": day, "known_from": day, "item_id": "i1"} | more  # fmt: skip


@pytest.fixture
def small(tmp_path: Path) -> SmallLake:
    return SmallLake(tmp_path)


@pytest.fixture
def lake(small: SmallLake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SmallLake:
    """Two magazines and a pot. `Real Simple` has its capitals amid five sentences, and `Time` has not."""
    monkeypatch.chdir(tmp_path)
    small.append("silver.items", item("i1", "Real Simple"), item("i2", "Time"), item("i3", "Espresso pot", "Corvin"),
                 item("t", "Films of today", source="tiny", days_ago=3))  # fmt: skip
    small.append("silver.texts", *[text("I like Real Simple all the time", n, n) for n in range(5)])
    small.release()
    return small


def needs(lake: SmallLake, through: date = LAST) -> dict[str, int]:
    return {name.name: name.needs for name in fit(Lake(lake.settings), through).names}


def test_names_of_every_source_are_registered(lake: SmallLake):
    assert newest_day(lake.settings) == LAST, "texts tell which names are ordinary words"
    gathered = train_names.train_names(lake.settings, LAST)
    assert gathered.promoted
    assert gathered.decision == "names: shop 4, tiny 1"
    assert gathered.counts["shop"] == {"brands": 1, "titles": 3, "kinds": 0}
    assert gathered.version.learned == {"shop": LAST, "tiny": LAST - timedelta(days=3)}
    registry = Registry.names(lake.settings.models)
    assert registry.champion() == gathered.version
    spans = registry.load(gathered.version).matches("my Corvin espresso pot")
    assert [(s.name, s.label, s.item_id) for s in spans] == [("Corvin", "organisation", None),
                                                             ("Espresso pot", "product", "i3")]  # fmt: skip


def test_texts_tell_which_names_are_ordinary_words(lake: SmallLake):
    assert needs(lake) == {
        "Real Simple": FREE,
        "Time": AMID,
        "Espresso pot": FREE,
        "Corvin": FREE,
        "Films of today": CAPITAL,
    }
    lake.append("silver.texts", *[text("it was real simple", n, 1) for n in range(9)],
                *[text("we read Time", n, 1) for n in range(60)])  # fmt: skip
    lake.release()
    assert {name: needs(lake)[name] for name in ("Real Simple", "Time")} == {"Real Simple": CAPITAL, "Time": CAPITAL}
    assert needs(lake, LAST - timedelta(days=2))["Time"] == AMID


def test_an_item_is_called_as_its_newest_version_known_by_the_day_says(lake: SmallLake):
    lake.append("silver.items", item("i2", "Tempo", days_ago=4), item("i2", "Tempora", days_ago=-1),
                item("i4", "Gone with it", valid_to=LAST))  # fmt: skip
    lake.release()
    assert {"Tempo", "Gone with it"} <= needs(lake).keys()
    assert not {"Time", "Tempora"} & needs(lake).keys()


def test_of_too_many_items_those_that_texts_are_about_count(lake: SmallLake, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(train_names, "MOST_ITEMS", 1)
    assert set(needs(lake)) == {"Real Simple", "Films of today"}


def test_few_other_names_are_no_news(lake: SmallLake, monkeypatch: pytest.MonkeyPatch):
    first = train_names.train_names(lake.settings, LAST).version
    lake.append("silver.texts", text("nothing new", days_ago=-1))
    lake.release()
    again = train_names.train_names(lake.settings, LAST + timedelta(days=1))
    assert (again.version, again.promoted) == (first, False)
    assert again.decision == "no news: fewer than a twentieth of a source's names are others than in version 1"
    lake.append("silver.items", item("i4", "Rosetta"))
    lake.release()
    assert train_names.train_names(lake.settings, LAST).decision == "names: shop 5, tiny 1"
    lake.append("silver.items", item("i5", "Meridian"))
    lake.release()
    monkeypatch.setattr(train_names, "NEWS", 0.21)  # one of five is fewer
    assert train_names.train_names(lake.settings, LAST).decision.startswith("no news")


def test_who_knows_less_than_the_champion_waits(lake: SmallLake):
    train_names.train_names(lake.settings, LAST)
    gathered = train_names.train_names(lake.settings, LAST - timedelta(days=5))
    assert not gathered.promoted
    assert gathered.decision == "version 1 knows of later days, up to 2019-10-01; look, then promote by hand"


def test_a_source_that_has_lost_most_of_its_names_is_looked_at(lake: SmallLake):
    train_names.train_names(lake.settings, LAST)
    lake.append("silver.items", *[item(f"i{n}", None, None, 0) for n in (1, 2, 3)])
    lake.release()
    gathered = train_names.train_names(lake.settings, LAST)
    assert not gathered.promoted
    assert gathered.decision == "shop: there would be 0 names, where there were 4; look, then promote by hand"


def test_a_damaged_champion_is_refused_and_makes_way(lake: SmallLake):
    version = train_names.train_names(lake.settings, LAST).version
    next(lake.settings.models.rglob("names.json")).write_text("{}")
    with pytest.raises(BadInput, match=r"names\.json is not what was registered"):
        Registry.names(lake.settings.models).load(version)
    assert train_names.train_names(lake.settings, LAST).promoted


def test_too_little_to_learn_from_is_said(small: SmallLake):
    small.release()
    with pytest.raises(TooFew, match="names: there are no items yet"):
        newest_day(small.settings)
    small.append("silver.items", item("i1", None))
    small.release()
    with pytest.raises(TooFew, match="names: up to 2019-10-01 no item has a title or a brand"):
        train_names.train_names(small.settings, LAST)
