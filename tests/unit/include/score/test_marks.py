from __future__ import annotations

import math

from include.score.marks import (
    MENTIONED,
    Place,
    bots,
    categories,
    is_path,
    mentions,
    rejected_is_dirt,
    sentiment,
    top_interest,
)
from include.text.corpora import Span


def test_a_user_counts_who_did_ten_things_and_nothing_found_is_wrong() -> None:
    so = {"a": "Coffee", "b": "Tents", "c": "Lamps", "d": "Lamps"}
    found = {"a": "Coffee", "b": "Lamps", "d": "Lamps", "bot": "Coffee"}
    events = {"a": 10, "b": 99, "c": 10, "d": 9, "bot": 1000}
    assert top_interest(found, so, events) == 1 / 3
    assert math.isnan(top_interest({}, so, {}))


def test_rejected_and_dirt_are_the_same_only_if_neither_has_more() -> None:
    one, two, three = Place("events/1", 1), Place("events/1", 2), Place("texts/1", 1)
    assert rejected_is_dirt([one, two], [two, one]) == 1
    assert rejected_is_dirt([one, two], [one]) == 0.5
    assert rejected_is_dirt([one], [one, two, three]) == 1 / 3
    assert rejected_is_dirt([], []) == 1


def test_bots_that_rested_need_not_be_found_but_no_person_may_be() -> None:
    assert bots({"b1", "b2", "ann"}, busy={"b1", "b3"}, every={"b1", "b2", "b3"}) == (2 / 3, 0.5)
    assert [math.isnan(n) for n in bots(set(), busy=set(), every={"b1"})] == [True, True]


def test_texts_that_neither_praise_nor_blame_are_not_asked_about() -> None:
    polarity = {"a": 1, "b": -1, "c": 0, "d": 1}
    assert sentiment({"a": 0.9, "b": 0.2, "c": 0.1, "unknown": 0.0}, polarity) == 1
    assert sentiment({"a": 0.2, "b": 0.9, "d": 0.9}, polarity) == 0.25
    assert math.isnan(sentiment({"a": 0.5}, polarity))


def test_a_mention_is_found_if_place_and_kind_are_right_and_people_are_not_asked_about() -> None:
    so = {"a": {(0, 4, "organisation"), (9, 15, "product")}, "b": set[Span](), "unread": {(0, 1, "product")}}
    exact = {"a": {(0, 4, "organisation"), (9, 15, "product"), (20, 24, "person")}, "b": set[Span]()}
    kinds = MENTIONED.values()
    assert mentions(exact, so, kinds) == 1
    assert mentions({"a": {(0, 4, "product"), (9, 15, "product")}, "b": {(0, 4, "organisation")}}, so, kinds) == 0.4
    assert mentions({"a": {(0, 4, "person")}}, so, kinds) == 0
    assert math.isnan(mentions({"b": set()}, so, kinds))


def test_a_category_is_right_as_far_down_as_it_goes_and_none_is_wrong() -> None:
    so = {"a": ["Kitchen", "Coffee"], "b": ["Kitchen", "Knives"], "c": ["Home", "Storage"], "d": ["Home"]}
    assert categories({"a": "Kitchen", "b": "Kitchen > Coffee", "c": "Home > Storage", "d": None}, so) == 0.5
    assert math.isnan(categories({}, so))
    assert not is_path("", ["Kitchen"]) and not is_path("Kitchen > Coffee", ["Kitchen"])
