"""Of many lines of another program, the one that tells a person most. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Iterable

_TELLING = re.compile(r"error:|fatal|denied|refused|failed|not set|no such|cannot", re.IGNORECASE)
_LONGEST = 300


def telling(lines: Iterable[str]) -> str:
    """The last line that tells of an error, else the last line."""
    said = [line.strip() for line in lines if line.strip()]
    return ([line for line in said if _TELLING.search(line)] or said or ["no word"])[-1][:_LONGEST]
