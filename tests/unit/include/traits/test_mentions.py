"""What texts mention becomes a trait: each thing once a text, from enough texts, by the versions that speak on the day."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from include.traits.arithmetic import DECAY_ONE
from include.traits.model import Trait, mistakes
from tests.unit.include.traits.helpers import Row, day, in_duckdb, trait, wants

LIKED = trait("{trait: liked, family: preference, from: mentions, measure: {top_k: {of: name, k: 2, texts: 2}}}")
NAMED = trait("{trait: named, family: entity, from: mentions, measure: {top_k: {of: name, k: 3}}, half_life: 10d}")
ITEMS = trait("{trait: items, family: entity, from: mentions, measure: {distinct: {of: item_id}}, window: 5d}")
READERS = ["e-1"]


def mentions(trait: Trait, name: str, text: str, on: int, known_to: int | None = None, **more: Any) -> Row:
    """A row of the evidence; the text arrives on its day."""
    return {
        "trait": trait.column, "name": name, "text_hash": text, "text_key": text, "day": day(on), "known_from": day(on),
        "known_to": None if known_to is None else day(known_to), "model_version": "e-1", "span_start": 0, "span_end": 1,
        "signal": "entities", "label": "product", **more,
    }  # fmt: skip


def found(trait: Trait, rows: list[Row], *wanted: Row) -> list[tuple[Any, str]]:
    asked = [{"readers": READERS, **row} for row in wanted]
    found = in_duckdb([trait], wanted=asked, mentions=rows)
    return [(row[trait.column], row["status"][trait.column]) for row in found]


def names(value: list[dict[str, Any]]) -> dict[str, Decimal]:
    return {entry["value"]: entry["weight"] for entry in value}


def test_a_thing_counts_once_a_text_however_often_it_is_there():
    rows = [mentions(LIKED, "fit", "a", 1), mentions(LIKED, "fit", "a", 1, span_start=9, span_end=12),
            mentions(LIKED, "fit", "b", 2), mentions(LIKED, "colour", "b", 2), mentions(LIKED, "colour", "c", 3),
            mentions(LIKED, "fit", "d", 3)]  # fmt: skip
    [(value, status)] = found(LIKED, rows, wants(9))
    assert (names(value), status) == ({"fit": Decimal(3), "colour": Decimal(2)}, "value")


def test_what_too_few_texts_say_is_unknown_and_copies_are_one_text():
    rows = [mentions(LIKED, "fit", "a", 1), mentions(LIKED, "fit", "a", 2, text_key="copy")]
    assert found(LIKED, rows, wants(9)) == [(None, "unknown")]
    [(value, _)] = found(LIKED, [*rows, mentions(LIKED, "fit", "b", 3)], wants(9))
    assert names(value) == {"fit": Decimal(3)}


def test_newer_texts_weigh_more():
    [(value, _)] = found(NAMED, [mentions(NAMED, "old", "a", 1), mentions(NAMED, "new", "b", 11)], wants(20))
    assert names(value) == {"new": Decimal(DECAY_ONE), "old": Decimal(DECAY_ONE // 2)}


def test_a_corrected_text_says_what_it_says_now_and_then_what_it_said_then():
    rows = [mentions(NAMED, "before", "a", 1, 5), mentions(NAMED, "after", "b", 1, known_from=day(5))]
    seen = found(NAMED, rows, wants(9, 4), wants(10, 5))
    assert [list(names(value)) for value, _ in seen] == [["before"], ["after"]]


def test_only_versions_that_speak_about_the_day_count():
    rows = [mentions(NAMED, "one", "a", 1), mentions(NAMED, "two", "a", 1, model_version="e-2")]
    seen = found(NAMED, rows, wants(8), wants(9, readers=["e-2"]), wants(10, readers=["e-1", "e-2"]))
    assert [sorted(names(value)) for value, _ in seen] == [["one"], ["two"], ["one", "two"]]


def test_the_name_of_an_item_hides_what_another_finder_found_there_on_days_that_its_version_speaks_about():
    rows = [
        mentions(NAMED, "sony w", "a", 1, hidden_by=["names-1"]),
        mentions(NAMED, "Sony", "a", 1, model_version="names-1"),
    ]
    seen = found(NAMED, rows, wants(8), wants(9, readers=["e-1", "names-1"]), wants(10, readers=["e-1", "names-2"]))
    assert [sorted(names(value)) for value, _ in seen] == [["sony w"], ["Sony"], ["sony w"]]


def test_rows_of_another_trait_do_not_count():
    [(value, _)] = found(NAMED, [mentions(NAMED, "one", "a", 1), mentions(LIKED, "two", "a", 1)], wants(9))
    assert list(names(value)) == ["one"]


def test_items_are_those_of_the_window():
    rows = [mentions(ITEMS, "x", "a", 1, item_id="i1"), mentions(ITEMS, "y", "b", 7, item_id="i2"),
            mentions(ITEMS, "z", "b", 7)]  # fmt: skip
    assert found(ITEMS, rows, wants(9)) == [(1, "value")]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("{from: mentions, measure: {mean: {of: pleased}}}", "mean cannot be taken from mentions"),
        ("{from: mentions, measure: {top_k: {of: brand, k: 3}}}", "mentions has no brand"),
        ("{from: behaviour_items_daily, measure: {top_k: {of: brand, k: 3, texts: 2}}}", "counts texts"),
    ],
)
def test_what_does_not_fit_is_told(text: str, wrong: str):
    import yaml

    given = {
        "trait": "t",
        "family": "entity",
        "version": 1,
        "meaning": "m",
        "privacy": "none",
        "purpose": "p",
        "owner": "o",
    }
    made = Trait.model_validate({**given, **yaml.safe_load(text)})
    assert wrong in " ".join(message for _, message in mistakes(made))
