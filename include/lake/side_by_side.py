"""Independent pieces of one application at the same time: planning one query leaves most of a machine idle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Made = TypeVar("Made")
_AT_ONCE = 4  # each holds a plan and a writer's buffers in the driver


def side_by_side(pieces: Sequence[Callable[[], Made]]) -> list[Made]:
    """What the pieces make, in their order.

    After an error no further piece is begun, and it is raised when those that were have ended: none writes behind it.
    """
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        made = [threads.submit(piece) for piece in pieces]
        try:
            return [piece.result() for piece in made]
        except BaseException:
            threads.shutdown(wait=True, cancel_futures=True)
            raise
