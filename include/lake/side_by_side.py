"""Independent pieces of one application at the same time: planning one query leaves most of a machine idle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Made = TypeVar("Made")
_AT_ONCE = 4  # each holds a plan and a writer's buffers in the driver


def side_by_side(pieces: Sequence[Callable[[], Made]]) -> list[Made]:
    """What the pieces make, in their order. The first error is raised when all have ended: none writes on behind it."""
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return [made.result() for made in [threads.submit(piece) for piece in pieces]]
