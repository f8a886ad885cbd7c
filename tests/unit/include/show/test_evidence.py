"""The words behind a trait of texts: those that count for what the profile says, on its day, by its readers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from include.pages.card import card
from include.privacy import pseudonym, read_key
from include.query import Lake
from include.settings import ROOT
from include.show.profile import Profile, find_profile, print_profile
from include.show.table import console
from include.traits.load import load_traits
from tests.unit.include.small_lake import SmallLake

ONE, TWO = date(2019, 10, 1), date(2019, 10, 2)
TRAITS = load_traits([ROOT / "traits"])
TEXT = "I bought a <b>Sony</b> in Rome & liked it"
TOP = [{"value": "sony", "weight": Decimal(1), "share": 1.0}]


@pytest.fixture
def small(tmp_path: Path) -> SmallLake:
    small = SmallLake(tmp_path)
    small.append("meta.profile_days", {"source": "shop", "day": TWO})
    small.append(
        "gold.user_profile_history",
        {"source": "shop", "user_key": key(small), "day": TWO, "known_at": TWO, "entity_organisations": TOP,
         "status": {t.column: "value" if t.column == "entity_organisations" else "no data" for t in TRAITS}},
    )  # fmt: skip
    small.append("meta.releases", {"application": "understand", "fence": 1, "verdict": "passed", "readers": ["e-1"],
                                   "versions": {}, "claim_ids": [], "sources": []})  # fmt: skip
    return small


def key(small: SmallLake) -> str:
    return pseudonym(read_key(small.settings.key_file), "user", "shop", "alice")


def says(small: SmallLake, name: str, text_key: str = "t", day: date = ONE, **more: Any) -> None:
    of_text = {"source": "shop", "day": day, "text_key": text_key, "known_from": day, "user_key": key(small),
               "kind": "review", "text_hash": text_key}  # fmt: skip
    row = {"trait": "entity_organisations", "name": name, "label": "organisation", "signal": "entities", "is_dated": True,
           "span_start": 14, "span_end": 18, "weight": Decimal("0.9"), "model_version": "e-1"}  # fmt: skip
    small.append("silver.texts", {**of_text, "text": TEXT, "precision": "second"})
    small.append("gold.trait_evidence", {**of_text, **row, **more})


def profile(small: SmallLake) -> Profile:
    small.release()
    return find_profile(Lake(small.settings), TRAITS, "shop", "alice")


def test_a_thing_on_the_profile_has_its_newest_quotes(small: SmallLake):
    for number, day in enumerate((ONE, ONE, TWO, TWO)):
        says(small, "sony", f"t{number}", day)
    quotes = profile(small).evidence["entity_organisations"]
    assert [(q.text_key, q.words, q.day) for q in quotes] == [
        ("t2", "Sony", TWO),
        ("t3", "Sony", TWO),
        ("t0", "Sony", ONE),
    ]
    assert (quotes[0].before, quotes[0].after) == ("I bought a <b>", "</b> in Rome & liked it")


def test_the_same_words_are_quoted_once_however_often_they_were_sent_or_name_it(small: SmallLake):
    for text_key in ("t1", "t2"):
        says(small, "sony", text_key, text_hash="same")
    says(small, "sony", "t2", text_hash="same", span_start=30, span_end=34)
    assert [(q.text_key, q.start) for q in profile(small).evidence["entity_organisations"]] == [("t1", 14)]


def test_of_several_things_each_has_a_quote_before_one_has_another(small: SmallLake):
    small.append(
        "gold.user_profile_history",
        {"source": "shop", "user_key": key(small), "day": date(2019, 10, 3), "known_at": TWO,
         "entity_organisations": [*TOP, {"value": "acme", "weight": Decimal(1), "share": 0.1}],
         "status": {t.column: "value" if t.column == "entity_organisations" else "no data" for t in TRAITS}},
    )  # fmt: skip
    small.append("meta.profile_days", {"source": "shop", "day": date(2019, 10, 3)})
    for number, name in enumerate(("sony", "acme", "sony", "acme")):
        says(small, name, f"t{number}")
    quotes = profile(small).evidence["entity_organisations"]
    assert [(q.name, q.text_key) for q in quotes] == [("sony", "t0"), ("acme", "t1"), ("sony", "t2"), ("acme", "t3")]


@pytest.mark.parametrize(
    "more",
    [
        {"name": "nokia"},  # not among the heaviest, or from too few texts
        {"day": date(2019, 10, 3)},
        {"known_to": TWO},  # corrected since
        {"model_version": "e-0"},
        {"trait": "entity_products"},
        {"hidden_by": ["e-1"]},
        {"is_dated": False},  # nobody knows how much it has faded
    ],
    ids=["other", "later", "corrected", "reader", "trait", "hidden", "undated"],
)
def test_what_does_not_count_is_not_quoted(small: SmallLake, more: dict[str, Any]):
    says(small, **{"name": "sony", **more})
    assert profile(small).evidence == {}


def test_cards_show_the_words_and_nothing_in_them_is_markup(small: SmallLake):
    says(small, "sony")
    found = profile(small)
    page = card(found)
    assert "I bought a &lt;b&gt;<mark>Sony</mark>&lt;/b&gt; in Rome &amp; liked it" in page
    screen = StringIO()
    print_profile(console(screen), found)
    assert "2019-10-01 sony: …I bought a <b>[Sony]</b> in Rome & liked it…" in " ".join(screen.getvalue().split())


def test_interests_and_words_stand_beside_the_latest_profile(small: SmallLake):
    user = {"source": "shop", "user_key": key(small)}
    small.append("gold.user_interests", {**user, "kind": "category", "interest": "Kitchen", "interest_id": "Home > Kitchen",
                                         "score": 0.7, "texts": 1, "events": 2, "last_on": ONE, "evidence": ["t"]})  # fmt: skip
    small.append("gold.user_portraits", {**user, "status": "value", "model": "tiny", "dropped": {}, "interests": [],
                                         "portrait": [{"text": "Cooks <i>.", "evidence": ["t:0-4"]}], "preferences": []})  # fmt: skip
    found = profile(small)
    page, screen = card(found), StringIO()
    assert "70% (1 texts, 2 things done, last on 2019-10-01)" in page and "Cooks &lt;i&gt;." in page and "t:0-4" in page
    print_profile(console(screen), found)
    assert "Kitchen" in screen.getvalue() and "Cooks <i>. (1 cited)" in screen.getvalue()
    assert found.row()["in_words"]["claims"] == [("portrait", "Cooks <i>.", ["t:0-4"])]
