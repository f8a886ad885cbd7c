"""Which version of the model speaks about a day: never one that knows of later days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Offered:
    """The versions that have read the texts, each with the newest day it has learned from, and the champion.

    None in place of the day: rolled back, it reads on for the days it was recorded for, and speaks about no other.
    `readers` are the versions of what else has read them, which learns nothing and speaks about every day.
    """

    trained_through: Mapping[str, date | None] = field(default_factory=dict)
    champion: str | None = None
    readers: tuple[str, ...] = ()

    @classmethod
    def of(cls, release: Mapping[str, Any] | None) -> Offered:
        """What a release of `understand` tells readers; without one there is no model."""
        if release is None:
            return cls()
        return cls(dict(release["models"] or {}), release["champion"], tuple(release["readers"] or ()))

    def preferred(self) -> list[tuple[str, date]]:
        """Versions that may be chosen, with the day from which they may: the champion, then the newest."""
        found = [(name, through) for name, through in self.trained_through.items() if through]
        return sorted(found, key=lambda version: (version[0] == self.champion, number_of(version[0])), reverse=True)

    def for_day(self, day: date) -> str | None:
        """The champion where it knows of no later day, else the newest former one that does not; None: no model."""
        return next((name for name, through in self.preferred() if through <= day), None)


def version_name(number: int, digest: str) -> str:
    """How a version is called in the lake: another registry's version of the same number is another one."""
    return f"{number}-{digest[:12]}"


def number_of(name: str) -> int:
    """The number in the registry."""
    return int(name.split("-", 1)[0])
