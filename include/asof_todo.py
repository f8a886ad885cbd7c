"""What a run of `profile` must compute. Plain values; tested without Spark."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta

from include.asof_days import BEGINNING, Wanted, wanted_of_models, wanted_of_source
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
        texts: Collection[Unit] = (),  # days with one
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
        self.models = {
            s: {d: recorded[s, d] if (s, d) in recorded else offered.for_day(d) for d in days}
            for s, days in self.days.items()
        }
        for source, days in self.days.items():
            acted = {day for s, feed, day in touched if s == source and feed in BY_DAY}
            told = {day for s, feed, day in touched if s == source and feed in _PEOPLE}
            since = min((day for s, feed, day in touched if s == source and feed == "items"), default=None)
            mine = built.get(source, [])
            self.by_ledger += wanted_of_source(source, mine, days, acted, spans, since)
            self.by_version += wanted_of_source(source, mine, days, told, ())
            if any(t.is_of_text for t in traits):
                self.by_text += wanted_of_models(source, self.new.get(source, []), self.models[source])
            if is_read_anew and any(t.reads == MENTIONS for t in traits):
                self.by_text += [Wanted(source, BEGINNING, day, day) for day in days]
        self.evidence: list[Unit] = []
        if any(t.is_of_text for t in traits):
            moved = {(s, day) for s, feed, day in touched if feed in BY_DAY}
            is_told_anew = is_read_anew or has_other or self.speaking - versions_of(recorded.values())
            self.evidence = [unit for unit in sorted(texts) if is_told_anew or unit in moved]

    @property
    def speaking(self) -> set[str]:
        """Versions that speak about a day of any source. A day that was never built is asked of one of these, whatever
        the source."""
        return {version for days in self.models.values() for version in versions_of(days.values())}

    def topics(self, source: str) -> str | None:
        """The version of topics that speaks about the newest day of a source."""
        return self._topics(source, self.days[source])

    def has_other_topics(self, source: str) -> bool:
        """Whether others spoke about the newest day that was built, or nobody asked it for interests."""
        return self.is_read_anew or self.topics(source) != self._topics(source, self.built.get(source, ()))

    def _topics(self, source: str, days: Sequence[date]) -> str | None:
        found = (version for day in days[-1:] for version in self.models[source][day].others)
        return next((version for version in found if model_of(version) == TOPICS), None)

    def as_of_units(self) -> list[Unit]:
        """The (source, as-of day) whose rows may differ."""
        return sorted({(w.source, w.as_of) for w in [*self.by_ledger, *self.by_version, *self.by_text]})


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
