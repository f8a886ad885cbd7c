"""Which versions of models speak about a day: never one that knows of later days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, NamedTuple


@dataclass(frozen=True)
class Offered:
    """The versions of one model, each with the newest day it has learned from, and the champion.

    None in place of the day: rolled back, it reads on for the days it was recorded for, and speaks about no other.
    """

    trained_through: Mapping[str, date | None] = field(default_factory=dict)
    champion: str | None = None

    def preferred(self) -> list[tuple[str, date]]:
        """Versions that may be chosen, with the day from which they may: the champion, then the newest."""
        found = [(name, through) for name, through in self.trained_through.items() if through]
        return sorted(found, key=lambda version: (version[0] == self.champion, number_of(version[0])), reverse=True)

    def for_day(self, day: date) -> str | None:
        """The champion where it knows of no later day, else the newest former one that does not; None: no model."""
        return next((name for name, through in self.preferred() if through <= day), None)

    def last_days(self) -> dict[str, date]:
        """Version to the newest day that it may be chosen for; date.max for the first. Who is chosen for none is left
        out."""
        found: dict[str, date] = {}
        last = date.max
        for name, through in self.preferred():
            if through <= last:
                found[name] = last
                last = through - timedelta(days=1)
        return found


class Speaking(NamedTuple):
    """The versions that speak about a day: of the sentiment model, and of the `others` that learn, if there are any."""

    sentiment: str | None = None
    others: tuple[str, ...] = ()

    @property
    def versions(self) -> tuple[str, ...]:
        """Of all of them."""
        return (self.sentiment, *self.others) if self.sentiment else self.others


@dataclass(frozen=True)
class Readers:
    """What has read the texts: the sentiment model, the `others` that learn, by name, and versions of what learns
    nothing and speaks about every day."""

    sentiment: Offered = field(default_factory=Offered)
    others: Mapping[str, Offered] = field(default_factory=dict)
    always: tuple[str, ...] = ()

    @classmethod
    def of(cls, release: Mapping[str, Any] | None) -> Readers:
        """What a release of `understand` tells; without one there is nothing."""
        if release is None:
            return cls()
        through: dict[str, dict[str, date | None]] = defaultdict(dict)
        for version, day in dict(release["models"] or {}).items():
            through[model_of(version)][version] = day
        champions = {model_of(version): version for version in release.get("champions") or ()}
        sentiment = Offered(through.pop(SENTIMENT, {}), release["champion"])
        others = {model: Offered(versions, champions.get(model)) for model, versions in through.items()}
        return cls(sentiment, others, tuple(release.get("readers") or ()))

    @property
    def told(self) -> dict[str, Any]:
        """What a release of `understand` says of it, for `of`."""
        models = {**self.sentiment.trained_through}
        for offered in self.others.values():
            models |= offered.trained_through
        champions = [offered.champion for offered in self.others.values() if offered.champion]
        return {"models": models, "champion": self.sentiment.champion, "champions": sorted(champions),
                "readers": list(self.always)}  # fmt: skip

    @property
    def versions(self) -> frozenset[str]:
        """Of all of them."""
        return frozenset({*self.always, *self.told["models"]})

    def spoken(self, days: Collection[Speaking], always: Sequence[str] | None) -> Readers:
        """With those others alone that speak about one of the days, and what read for it `always`, where that is
        told: what others mention is in no evidence."""
        there = {version for day in days for version in day.others}
        others = {
            model: Offered({v: day for v, day in of.trained_through.items() if v in there}, of.champion)
            for model, of in self.others.items()
        }
        return replace(self, others=others, always=self.always if always is None else tuple(always))

    def for_day(self, day: date) -> Speaking:
        """Who speaks about a day that none is recorded for."""
        others = (self.others[model].for_day(day) for model in sorted(self.others))
        return Speaking(self.sentiment.for_day(day), tuple(version for version in others if version))


def last_days(offered: Iterable[Offered], recorded: Mapping[Any, Speaking]) -> dict[str, date]:
    """Version to the newest day it may be asked about, by days it is recorded for, as `(source, day)`, or may be chosen
    for; date.max: any. No later text is worth reading to it."""
    found: dict[str, date] = {}
    for of in offered:
        found |= of.last_days()
    for (_, day), speaking in recorded.items():
        for version in speaking.versions:
            found[version] = max(day, found.get(version, day))
    return found


SENTIMENT = "sentiment"


def version_name(number: int, digest: str, prefix: str = "") -> str:
    """How a version is called in the lake: another registry's version of the same number is another one. Where versions
    of several models stand side by side, those of all but one have the model's name before it."""
    return f"{prefix}{number}-{digest[:12]}"


def number_of(name: str) -> int:
    """The number in the registry."""
    return int(name.split("-")[-2])


def model_of(name: str) -> str:
    """The model that it is a version of."""
    return name.rsplit("-", 2)[0] if name.count("-") > 1 else SENTIMENT
