"""What a run of `profile` must compute. Plain values; tested without Spark."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from functools import cached_property

from include.asof_days import BEGINNING, Wanted, next_built, wanted_of_models, wanted_of_source
from include.lake.meta import Days
from include.lake.units import Unit
from include.models.choose import Readers, Speaking, model_of
from include.tables.columns import BY_DAY
from include.tables.silver import TOPICS
from include.traits.columns import windows
from include.traits.model import MENTIONS, Trait

_PEOPLE = ("users", "follows")


class Todo:
    """As-of days and the day ranges whose users they concern, source by source."""

    def __init__(
        self,
        built: Days,
        requested: Days,
        touched: list[tuple[str, str, date]],
        traits: tuple[Trait, ...],
        offered: Readers,
        recorded: Mapping[tuple[str, date], Speaking],
        news: Mapping[str, date] | None = None,  # what `choose.news` tells since the last good run
        texts: Collection[tuple[str, date]] = (),  # days with one
        is_read_anew: bool = False,  # by other readers than the profiles that are built
        has_other: bool = False,  # traits of texts than the last good run knew
    ) -> None:
        self.requested, self.built, self.is_read_anew = requested, built, is_read_anew
        self.new = {s: [d for d in days if d not in built.get(s, [])] for s, days in requested.items()}
        self.days = {s: sorted({*built.get(s, []), *self.new.get(s, [])}) for s in {*built, *requested}}
        self.moved_forward = any(d and d[-1] > max(built.get(s, [BEGINNING])) for s, d in self.new.items())
        spans = windows(traits)
        self.by_ledger: list[Wanted] = []
        self.by_version: list[Wanted] = []
        self.by_text: list[Wanted] = []
        self.recorded = recorded

        def speaking(source: str, day: date) -> Speaking:
            """What was recorded; a day that is asked for again is told what nobody could tell the first time."""
            now = offered.for_day(day, source)
            then = recorded.get((source, day), now)
            return then.filled(now) if day in requested.get(source, ()) else then

        self.models = {s: {d: speaking(s, d) for d in days} for s, days in self.days.items()}
        self.filled = [
            (s, d) for s, of in self.models.items() for d, now in of.items() if recorded.get((s, d), now) != now
        ]
        returned = {version for version, day in (news or {}).items() if day == date.min}
        for source, days in self.days.items():
            acted = {day for s, feed, day in touched if s == source and feed in BY_DAY}
            told = {day for s, feed, day in touched if s == source and feed in _PEOPLE}
            since = min((day for s, feed, day in touched if s == source and feed == "items"), default=None)
            mine = built.get(source, [])
            self.by_ledger += wanted_of_source(source, mine, days, acted, spans, since)
            self.by_version += wanted_of_source(source, mine, days, told, ())
            if any(t.is_of_text for t in traits):
                self.by_text += wanted_of_models(source, self.new.get(source, []), self.models[source])
                again = {d for s, d in self.filled if s == source}
                again |= {d for d in mine if returned.intersection(recorded[source, d].versions)}
                self.by_text += [
                    Wanted(source, BEGINNING, d, d) for day in again for d in [day, *next_built(day, mine)]
                ]
            if is_read_anew and any(t.reads == MENTIONS for t in traits):
                self.by_text += [Wanted(source, BEGINNING, day, day) for day in days]
        self.evidence: list[Unit] = []
        if any(t.is_of_text for t in traits):
            moved = {(s, day) for s, feed, day in touched if feed in BY_DAY}
            is_told_anew = is_read_anew or has_other or self.speaking - versions_of(recorded.values())
            after = min((day for version, day in (news or {}).items() if version in self.speaking), default=date.max)
            self.evidence = [unit for unit in sorted(texts) if is_told_anew or unit in moved or unit[1] > after]

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
        return self.is_read_anew or [self.topics(source)] != before

    def as_of_units(self) -> list[Unit]:
        """The (source, as-of day) whose rows may differ."""
        return sorted({(w.source, w.as_of) for w in [*self.by_ledger, *self.by_version, *self.by_text]})


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
