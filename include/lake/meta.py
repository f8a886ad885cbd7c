"""What earlier runs left behind, read from the meta tables without Spark. "Latest" and "status" are questions here."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pyarrow import ArrowInvalid

from include.errors import PortraitError, unexpected
from include.lake.open import open_dataset, open_table
from include.models.choose import Readers, Speaking
from include.settings import Settings
from include.tables import EVERY_APPLICATION
from include.tables.columns import BY_DAY

Days = dict[str, list[date]]  # source to its days, sorted


@dataclass(frozen=True)
class Layout:
    """How a source lies in the tables: the first word on grain and buckets counts. `inputs` are feed/input."""

    grain: str
    buckets: int
    inputs: frozenset[str]


class Meta:
    """The meta tables as they are now."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def version(self, table: str) -> int:
        """Newest version of any table."""
        return open_table(self._settings, table).version()

    def unreleased(self, application: str, until: int | None = None) -> list[dict[str, Any]]:
        """Claims of an application that no release covers: their writers may still be alive.

        `until` leaves out the claims that came after that fence.
        """
        released = {claim for row in self._rows("meta.releases", "claim_ids") for claim in row["claim_ids"]}
        names = ("application", "claim_id", "run_id", "interval_start", "interval_end")
        claims = self._rows("meta.claims", *names, version=until)
        return [c for c in claims if c["application"] == application and c["claim_id"] not in released]

    def releases(self, application: str) -> list[dict[str, Any]]:
        """Releases of an application, oldest first."""
        rows = [r for r in self._rows("meta.releases") if r["application"] == application]
        return sorted(rows, key=lambda row: row["fence"])

    def passed(self, application: str) -> list[dict[str, Any]]:
        """Those of its releases that published, oldest first."""
        return [r for r in self.releases(application) if r["verdict"] == "passed"]

    def last_passed(self, application: str) -> dict[str, Any] | None:
        """The newest of them, if there is one."""
        return next(reversed(self.passed(application)), None)

    def versions(self) -> dict[str, int]:
        """The released version of every table."""
        newest: dict[str, int] = {}
        for release in sorted(self._rows("meta.releases", "fence", "versions"), key=lambda row: row["fence"]):
            newest.update(dict(release["versions"]))
        return newest

    def needed_versions(self) -> dict[str, set[int]]:
        """By table, the versions that a reader or the next run of an application will open: the released ones, those
        of the newest good releases, and those of the ingest release that profiles were last built from."""
        newest = [passed[-1] for name in EVERY_APPLICATION if (passed := self.passed(name))]
        seen = {release["seen"] for release in newest}
        needed = [*newest, *(r for r in self.passed("ingest") if r["fence"] in seen), {"versions": self.versions()}]
        found: dict[str, set[int]] = defaultdict(set)
        for release in needed:
            for table, version in dict(release["versions"]).items():
                found[table].add(version)
        return dict(found)

    def layouts(self) -> dict[str, Layout]:
        """Layout of every source that ever landed."""
        found: dict[str, Layout] = {}
        for row in sorted(self._rows("meta.sources"), key=lambda row: row["fence"]):
            first = found.setdefault(row["source"], Layout(row["grain"], row["buckets"], frozenset()))
            found[row["source"]] = replace(first, inputs=first.inputs | set(row["inputs"]))
        return found

    def grains(self) -> dict[str, str]:
        """Partition grain of every source that ever landed."""
        return {source: layout.grain for source, layout in self.layouts().items()}

    def buckets(self) -> dict[str, int]:
        """In how many parts the users of a source lie, of every source that ever landed, described here or not."""
        return {source: layout.buckets for source, layout in self.layouts().items()}

    def profile_days(self) -> Days:
        """As-of days that were built."""
        days: dict[str, set[date]] = defaultdict(set)
        for row in self._rows("meta.profile_days", "source", "day"):
            days[row["source"]].add(row["day"])
        return {source: sorted(found) for source, found in days.items()}

    def traits(self) -> dict[str, str]:
        """Column of every trait that was ever built, to what it was computed from when it was built first."""
        return {r["trait"]: r["computed_from"] for r in sorted(self._rows("meta.traits"), key=lambda r: -r["fence"])}

    def models_of_days(self, released: bool = False) -> dict[tuple[str, date], Speaking]:
        """(source, as-of day) to the versions of models it was built with the last time; `released`: as readers see the
        tables, be there a run that has not ended."""
        rows = sorted(self._rows("meta.profile_days"), key=lambda r: r["fence"])
        if released:
            last = (self.last_passed("profile") or {"fence": -1})["fence"]
            rows = [row for row in rows if row["fence"] <= last]
        return {(r["source"], r["day"]): Speaking(r["model_version"], tuple(r.get("readers") or ())) for r in rows}

    def speakers(self) -> Readers:
        """Which versions speak about a day that none is recorded for. Those others that profiles were never built with
        are left out: `gold.trait_evidence` has nothing of them."""
        understood, built = self.last_passed("understand"), self.last_passed("profile")
        always = built.get("readers") if built else None
        return Readers.of(understood).spoken(self.models_of_days().values(), always)

    def touched(self, after: int, until: int) -> list[tuple[str, str, date]]:
        """(source, feed, day) that ingest runs with after < fence <= until rebuilt.

        Of things that change, a run books all days of a source. It touched those of its interval: a version begins and
        ends on days of arrivals.
        """
        spans = {r["fence"]: (r["interval_start"], r["interval_end"]) for r in self.releases("ingest")}

        def is_touched(row: dict[str, Any]) -> bool:
            start, end = spans.get(row["fence"], (date.min, date.max))  # no release: it died
            return after < row["fence"] <= until and (row["feed"] in BY_DAY or start <= row["day"] < end)

        rows = self._rows("meta.accounts", "source", "feed", "day", "fence")
        return sorted({(r["source"], r["feed"], r["day"]) for r in rows if is_touched(r)})

    def _rows(self, table: str, *columns: str, version: int | None = None) -> list[dict[str, Any]]:
        found = open_dataset(self._settings, table, version)
        try:
            rows: list[dict[str, Any]] = found.to_table(columns=list(columns) or None).to_pylist()
        except ArrowInvalid as error:  # names the file without its table
            raise PortraitError(f"{table}: {unexpected(error)}") from None
        return rows
