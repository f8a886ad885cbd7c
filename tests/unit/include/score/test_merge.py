from __future__ import annotations

from include.score.merge import merge
from include.text.tags import Entity


def spans(*places: tuple[int, int]) -> list[Entity]:
    return [Entity(a, b, "product", 0.9, "x") for a, b in places]


def test_a_name_takes_the_place_of_whatever_lies_over_it() -> None:
    names = spans((10, 14), (0, 4))
    entities = spans((0, 4), (3, 6), (4, 10), (12, 20), (9, 15), (20, 22))
    assert [(e.start, e.end) for e in merge(names, entities)] == [(0, 4), (4, 10), (10, 14), (20, 22)]


def test_without_the_one_there_is_the_other() -> None:
    assert merge(spans((1, 2)), []) == spans((1, 2))
    assert merge([], spans((1, 2))) == spans((1, 2))
