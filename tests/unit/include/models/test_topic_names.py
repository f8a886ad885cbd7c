"""Words that tell topics from each other, and ids that stay."""

from __future__ import annotations

import numpy as np

from include.models.topic_names import carried, without, words_of_topics

COOKING = ["great recipe for the oven", "my oven recipe is great", "a recipe, an OVEN"]
RACING = ["great engine", "the engine of Petra", "engine and gearbox, great"]


def words(texts: list[str], users: int, labels: list[int]) -> list[tuple[str, ...]]:
    """Of texts that `users` wrote in turn."""
    who = [frozenset({f"u{n % users}"}) for n in range(len(texts))]
    return words_of_topics(texts, who, np.array(labels), 2)


def test_a_topic_is_called_by_the_words_that_it_has_and_others_have_not():
    texts, labels = [*COOKING, *RACING] * 3, [0, 0, 0, 1, 1, 1] * 3
    # `recipe` and `oven` are as frequent: by their letters. `great` is everywhere, `gearbox` has three writers.
    assert words(texts, len(texts), labels) == [("oven", "recipe"), ("engine",)]


def test_what_fewer_than_five_users_write_names_nothing():
    texts, labels = [*COOKING, *RACING] * 2, [0, 0, 0, 1, 1, 1] * 2
    assert words(texts, 4, labels) == [(), ()]


def test_texts_of_no_topic_count_for_nothing():
    texts = ["rainy days"] * 6 + RACING * 2 + COOKING * 2
    assert words(texts, len(texts), [0] * 6 + [1] * 6 + [-1] * 6) == [("days", "rainy"), ("engine",)]


def test_names_of_persons_can_be_blanked():
    assert without("the engine of Petra, yes", [(14, 19)]) == "the engine of      , yes"
    assert without("short", [(2, 90)]) == "sh   "


def test_a_topic_keeps_the_id_of_the_one_whose_texts_it_has():
    before = ["t0001"] * 4 + ["t0002"] * 4
    assert carried(before, np.array([1, 1, 1, 0, 0, 0, 0, 0]), 2, 2) == (["t0002", "t0001"], 2)


def test_other_topics_get_numbers_that_were_never_used():
    before = ["t0001"] * 6 + [None] * 6
    assert carried(before, np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, -1]), 3, 9) == (["t0001", "t0010", "t0011"], 11)
    assert carried([None] * 3, np.array([0, 0, 1]), 2, 0) == (["t0001", "t0002"], 2)


def test_a_topic_that_falls_into_pieces_gives_its_id_to_the_largest_if_that_is_large_enough():
    before = ["t0001"] * 9
    assert carried(before, np.array([0] * 2 + [1] * 4 + [2] * 3), 3, 1)[0] == ["t0002", "t0001", "t0003"]
    assert carried(before, np.array([0] * 2 + [1] * 2 + [2] * 2 + [3] * 3)[:9], 4, 1)[0] == [
        "t0002", "t0003", "t0004", "t0001"]  # fmt: skip
    assert carried(before + [None] * 3, np.array([0] * 3 + [1] * 3 + [2] * 3 + [0, 1, 2]), 3, 1)[1] == 4
