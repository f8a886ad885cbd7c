"""Which versions of models speak about a day: never one that knows of later days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, NamedTuple

SENTIMENT = "sentiment"


@dataclass(frozen=True)
class Offered:
    """The versions of one model, each with the newest day it has learned from, and the champion.

    None in place of the day: rolled back, it reads on for the days it was recorded for, and speaks about no other.
    `learned`, of a version that keeps sources apart: source to the newest day it knows of it; of others it says
    nothing.
    """

    trained_through: Mapping[str, date | None] = field(default_factory=dict)
    champion: str | None = None
    learned: Mapping[str, Mapping[str, date]] = field(default_factory=dict)

    def preferred(self, source: str | None = None) -> list[tuple[str, date]]:
        """Versions that may be chosen for a source, with the day from which they may: the champion, then the newest."""
        found = [(name, through) for name in self.trained_through if (through := self._through(name, source))]
        return sorted(found, key=lambda version: (version[0] == self.champion, number_of(version[0])), reverse=True)

    def for_day(self, day: date, source: str | None = None) -> str | None:
        """The champion where it knows of no later day, else the newest former one that does not; None: no model."""
        return next((name for name, through in self.preferred(source) if through <= day), None)

    def choices(self) -> Iterator[tuple[str | None, str, date]]:
        """(source, version, day from which it speaks), by preference; of versions that take all sources alike None."""
        for source in self._sources():
            for name, through in self.preferred(source):
                yield source if name in self.learned else None, name, through

    def last_days(self) -> dict[str, date]:
        """Version to the newest day that it may be chosen for; date.max for the first. Who is chosen for none is left
        out."""
        found: dict[str, date] = {}
        for source in self._sources():
            last = date.max
            for name, through in self.preferred(source):
                if through <= last:
                    found[name] = max(last, found.get(name, last))
                    last = through - timedelta(days=1)
        return found

    def only(self, versions: Collection[str]) -> Offered:
        """Without all others."""
        return replace(self, trained_through={v: d for v, d in self.trained_through.items() if v in versions})

    def _through(self, name: str, source: str | None) -> date | None:
        through, apart = self.trained_through[name], self.learned.get(name)
        return through if through is None or apart is None else apart.get(source or "")

    def _sources(self) -> list[str | None]:
        """Those that some version keeps apart; None if there is none."""
        return [*sorted({source for of in self.learned.values() for source in of})] or [None]


class Speaking(NamedTuple):
    """The versions that speak about a day: of the sentiment model, and of the `others` that learn, if there are any."""

    sentiment: str | None = None
    others: tuple[str, ...] = ()

    @property
    def versions(self) -> tuple[str, ...]:
        """Of all of them."""
        return (self.sentiment, *self.others) if self.sentiment else self.others

    def filled(self, now: Speaking) -> Speaking:
        """With what speaks `now` for each model that said nothing."""
        there = {model_of(version) for version in self.others}
        more = [version for version in now.others if model_of(version) not in there]
        return Speaking(self.sentiment or now.sentiment, tuple(sorted([*self.others, *more], key=model_of)))


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
        learned: dict[str, dict[str, date]] = defaultdict(dict)
        for row in release.get("learned") or ():
            learned[row["version"]][row["source"]] = row["through"]
        champions = {model_of(version): version for version in release.get("champions") or ()}
        sentiment = Offered(through.pop(SENTIMENT, {}), release["champion"])
        others = {
            model: Offered(versions, champions.get(model), {v: learned[v] for v in versions if v in learned})
            for model, versions in through.items()
        }
        return cls(sentiment, others, tuple(release.get("readers") or ()))

    @property
    def told(self) -> dict[str, Any]:
        """What a release of `understand` says of it, for `of`."""
        others = self.others.values()
        learned = [
            {"version": version, "source": source, "through": day}
            for offered in others
            for version, of in sorted(offered.learned.items())
            for source, day in sorted(of.items())
        ]
        return {
            "models": {v: day for of in (self.sentiment, *others) for v, day in of.trained_through.items()},
            "learned": learned,
            "champion": self.sentiment.champion,
            "champions": sorted(offered.champion for offered in others if offered.champion),
            "readers": list(self.always),
        }

    @property
    def versions(self) -> frozenset[str]:
        """Of all of them."""
        return frozenset({*self.always, *self.told["models"]})

    @property
    def sources(self) -> frozenset[str]:
        """Those that some version keeps apart."""
        return frozenset(source for of in self.others.values() for by in of.learned.values() for source in by)

    def spoken(self, days: Collection[Speaking], always: Sequence[str] | None) -> Readers:
        """With those others alone that speak about one of the days, and what read for it `always`, where that is
        told: what others mention is in no evidence."""
        there = {version for day in days for version in day.others}
        others = {model: of.only(there) for model, of in self.others.items()}
        return replace(self, others=others, always=self.always if always is None else tuple(always))

    def for_day(self, day: date, source: str | None = None) -> Speaking:
        """Who speaks about a day of a source that none is recorded for."""
        others = (self.others[model].for_day(day, source) for model in sorted(self.others))
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


def news(before: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> dict[str, date]:
    """Version to the day after which it has read texts of which it had not, from what two releases tell of it; date.min
    where the one before has nothing of it, which may have missed texts of any day.

    A release that tells of no models at all is from before they were told of: then there is no news.
    """
    if now is None or before is None or before.get("models") is None:
        return {}
    ends = [dict(release.get("read_until") or {}) for release in (before, now)]
    was = {version: ends[0].get(version, date.max) for version in dict(before["models"])}
    is_now = {version: ends[1].get(version, date.max) for version in dict(now["models"] or {})}
    return {v: was.get(v, date.min) for v, end in is_now.items() if was.get(v, date.min) < end}


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
