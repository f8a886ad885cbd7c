"""What two finders have found in a text, as one list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar


class _Place(Protocol):
    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


N = TypeVar("N", bound=_Place)
E = TypeVar("E", bound=_Place)


def merge(names: Iterable[N], entities: Iterable[E]) -> list[N | E]:
    """The names of one source, which the shop itself has written, and the entities that lie over none of them; in the
    order of the text."""
    known = sorted(names, key=lambda span: span.start)
    merged: list[N | E] = [*known, *(e for e in entities if all(e.end <= n.start or n.end <= e.start for n in known))]
    return sorted(merged, key=lambda span: (span.start, span.end))
