"""The marks of `portrait score` as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from include.show.table import print_table

if TYPE_CHECKING:
    from rich.console import Console

    from include.score.exam import Mark


def print_marks(screen: Console, marks: Sequence[Mark]) -> None:
    rows = [[m.name, m.difficulty, m.seed, "none" if m.value is None else f"{m.value:.3f}", m.bound or "",
             "" if m.bound is None else "yes" if m.is_met else "no"] for m in marks]  # fmt: skip
    print_table(screen, ("mark", "difficulty", "seed", "value", "bound", "met"), rows)
