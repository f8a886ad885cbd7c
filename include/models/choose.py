"""Which version of the model speaks about a day: never one that knows of later days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Offered:
    """The versions that have read the texts, each with the newest day it has learned from, and the champion."""

    trained_through: Mapping[str, date] = field(default_factory=dict)
    champion: str | None = None

    def for_day(self, day: date) -> str | None:
        """The champion where it knows of no later day, else the newest former one that does not; None: no model."""
        in_time = [name for name, through in self.trained_through.items() if through <= day]
        return self.champion if self.champion in in_time else max(in_time, key=number_of, default=None)


def version_name(number: int, digest: str) -> str:
    """How a version is called in the lake: another registry's version of the same number is another one."""
    return f"{number}-{digest[:12]}"


def number_of(name: str) -> int:
    """The number in the registry."""
    return int(name.split("-", 1)[0])
