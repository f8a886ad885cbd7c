"""Pieces at the same time: what they make is in their order, and an error stops what has not begun."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from include.lake.side_by_side import side_by_side


def test_what_pieces_make_is_in_their_order():
    second = threading.Event()

    def slow() -> str:
        second.wait(5)
        return "first"

    def quick() -> str:
        second.set()
        return "second"

    assert side_by_side([slow, quick]) == ["first", "second"]
    assert side_by_side([]) == []


def test_after_an_error_nothing_further_begins_and_what_began_ends_first():
    ended: list[int] = []
    failed = threading.Event()

    def fail() -> None:
        failed.set()
        raise ValueError("the disk is full")

    def late(number: int) -> Callable[[], None]:
        def piece() -> None:
            failed.wait(5)
            threading.Event().wait(0.1)
            ended.append(number)

        return piece

    with pytest.raises(ValueError, match="the disk is full"):
        side_by_side([fail, *map(late, range(20))])
    assert 3 <= len(ended) < 20
