"""What a run of `profile` must compute. Plain values; tested without Spark."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from include.asof_days import BEGINNING, Wanted, next_built, wanted_of_models, wanted_of_source
from include.lake.meta import Days
from include.lake.units import Unit
from include.models.choose import Readers, Speaking, model_of
from include.tables.columns import BY_DAY
from include.tables.silver import TOPICS
from include.traits.columns import windows
from include.traits.model import MENTIONS, Trait

if TYPE_CHECKING:
    from include.models.by_day import Day

_PEOPLE = ("users", "follows")


@dataclass(frozen=True)
class Since:
    """What is new since the last good run of `profile`."""

    touched: Sequence[tuple[str, str, date]] = ()  # (source, feed, day) whose rows were built anew
    texts: Collection[Day] = ()  # days with one, new or not
    news: Mapping[str, date] = field(default_factory=dict)  # what `choose.news` tells
    is_read_anew: bool = False  # by other readers than the profiles that are built
    has_other: bool = False  # traits of texts than that run knew


@dataclass(frozen=True)
class Todo:
    """As-of days and the day ranges whose users they concern, source by source.

    `built` are the days that were built, `requested` those of this run; `offered` are the versions of models that may
    speak, `recorded` those that each built day has.
    """

    built: Days
    requested: Days
    traits: tuple[Trait, ...]
    offered: Readers
    recorded: Mapping[Day, Speaking]
    since: Since

    @cached_property
    def new(self) -> Days:
        """The requested days that were never built."""
        return {s: [d for d in days if d not in self.built.get(s, [])] for s, days in self.requested.items()}

    @cached_property
    def days(self) -> Days:
        """All days that are built after this run."""
        sources = {*self.built, *self.requested}
        return {s: sorted({*self.built.get(s, []), *self.new.get(s, [])}) for s in sources}

    @property
    def moved_forward(self) -> bool:
        """Whether a source has a newer day than before."""
        return any(d and d[-1] > max(self.built.get(s, [BEGINNING])) for s, d in self.new.items())

    @cached_property
    def models(self) -> dict[str, dict[date, Speaking]]:
        """Source and day to what speaks about it."""
        return {s: {d: self._speaking_about(s, d) for d in days} for s, days in self.days.items()}

    def _speaking_about(self, source: str, day: date) -> Speaking:
        """What was recorded; a day that is asked for again is told what nobody could tell the first time."""
        now = self.offered.for_day(day, source)
        then = self.recorded.get((source, day), now)
        return then.filled(now) if day in self.requested.get(source, ()) else then

    @cached_property
    def filled(self) -> list[Day]:
        """Built days that are told something now."""
        now = {(source, day): speaking for source, of in self.models.items() for day, speaking in of.items()}
        return [day for day, speaking in now.items() if self.recorded.get(day, speaking) != speaking]

    @cached_property
    def by_ledger(self) -> list[Wanted]:
        """Of users by what they did."""
        spans = windows(self.traits)
        found: list[Wanted] = []
        for source, days in self.days.items():
            items = min(self._touched(source, ("items",)), default=None)
            acted = self._touched(source, BY_DAY)
            found += wanted_of_source(source, self.built.get(source, []), days, acted, spans, items)
        return found

    @cached_property
    def by_version(self) -> list[Wanted]:
        """Of users by what is told of them."""
        return [
            wanted
            for source, days in self.days.items()
            for wanted in wanted_of_source(source, self.built.get(source, []), days, self._touched(source, _PEOPLE), ())
        ]

    @cached_property
    def by_text(self) -> list[Wanted]:
        """Of users with a text."""
        found: list[Wanted] = []
        for source, days in self.days.items():
            if any(t.is_of_text for t in self.traits):
                found += wanted_of_models(source, self.new.get(source, []), self.models[source])
                found += [Wanted(source, BEGINNING, day, day) for day in self._told_again(source)]
            if self.since.is_read_anew and any(t.reads == MENTIONS for t in self.traits):
                found += [Wanted(source, BEGINNING, day, day) for day in days]
        return found

    def _told_again(self, source: str) -> list[date]:
        """Built days whose models were silent or away until now, and those after, whose rows say what differs."""
        built = self.built.get(source, [])
        returned = {version for version, day in self.since.news.items() if day == date.min}
        again = {d for s, d in self.filled if s == source}
        again |= {d for d in built if returned.intersection(self.recorded[source, d].versions)}
        return [d for day in again for d in [day, *next_built(day, built)]]

    @cached_property
    def evidence(self) -> list[Unit]:
        """Days of texts of which what they mention may be other than what is told of it."""
        if not any(t.is_of_text for t in self.traits):
            return []
        moved = {(s, day) for s, feed, day in self.since.touched if feed in BY_DAY}
        never = self.speaking - versions_of(self.recorded.values())
        is_told_anew = self.since.is_read_anew or self.since.has_other or never
        after = min((day for version, day in self.since.news.items() if version in self.speaking), default=date.max)
        return [unit for unit in sorted(self.since.texts) if is_told_anew or unit in moved or unit[1] > after]

    @cached_property
    def speaking(self) -> set[str]:
        """Versions that speak about a day of any source. A day that was never built is asked of one of these, whatever
        the source."""
        return {version for days in self.models.values() for version in versions_of(days.values())}

    def topics(self, source: str) -> str | None:
        """The version of topics that speaks about the newest day of a source."""
        return _topics(self.models[source][self.days[source][-1]])

    def has_other_topics(self, source: str) -> bool:
        """Whether others spoke about the newest day that was built, or nobody asked it for interests."""
        before = [_topics(self.recorded[source, day]) for day in self.built.get(source, ())[-1:]]
        return self.since.is_read_anew or [self.topics(source)] != before

    def as_of_units(self) -> list[Unit]:
        """The (source, as-of day) whose rows may differ."""
        return sorted({(w.source, w.as_of) for w in [*self.by_ledger, *self.by_version, *self.by_text]})

    def _touched(self, source: str, feeds: Collection[str]) -> set[date]:
        return {day for s, feed, day in self.since.touched if s == source and feed in feeds}


def _topics(speaking: Speaking) -> str | None:
    return next((version for version in speaking.others if model_of(version) == TOPICS), None)


def versions_of(days: Iterable[Speaking]) -> set[str]:
    """All that speak about one of the days."""
    return {version for day in days for version in day.versions}


def merge(wanted: list[Wanted]) -> list[Wanted]:
    """The same days in as few ranges: neighbours of one as-of day become one."""
    found: list[Wanted] = []
    for w in sorted(wanted, key=lambda w: (w.source, w.as_of, w.first, w.last)):
        last = found[-1] if found else None
        if last and (last.source, last.as_of) == (w.source, w.as_of) and w.first <= last.last + timedelta(days=1):
            found[-1] = Wanted(w.source, last.first, max(last.last, w.last), w.as_of)
        else:
            found.append(w)
    return found
