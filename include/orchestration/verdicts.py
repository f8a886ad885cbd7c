"""What a run's applications decided, read from the meta tables. No Spark and no Airflow, so that it is quick."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow.compute as pc

from include.errors import PortraitError
from include.gate import page_of
from include.lake.meta import Meta
from include.lake.open import open_table
from include.settings import Settings


class NoVerdict(PortraitError):
    """The application has released nothing in the run."""


@dataclass(frozen=True)
class Failure:
    """A rule that rows broke. `failing` and `of` are rows."""

    table: str
    rule: str
    severity: str
    failing: int
    of: int

    def __str__(self) -> str:
        return f"{self.table} {self.rule} ({self.severity}): {self.failing:,} of {self.of:,} rows"


@dataclass(frozen=True)
class Verdict:
    """How an application of a run ended. `failures` holds critical rules first, then warnings."""

    passed: bool
    rules: int
    failures: tuple[Failure, ...]
    moved_forward: bool
    versions: dict[str, int]
    page: Path


def read_verdict(application: str, run_id: str, settings: Settings | None = None) -> Verdict:
    """The newest one: a run that was retried or cleared has several. NoVerdict if the run never got that far."""
    settings = settings or Settings()
    releases = [row for row in Meta(settings).releases(application) if row["run_id"] == run_id]
    if not releases:
        raise NoVerdict(f"{application}: run {run_id} has no release; see the log of the task {application}")
    release = releases[-1]
    checks = open_table(settings, "meta.checks").to_pyarrow_table(
        filters=(pc.field("application") == application) & (pc.field("fence") == release["fence"])
    )
    rows = checks.to_pylist()
    broken = sorted((r for r in rows if not r["passed"]), key=lambda r: (r["severity"], r["table"], r["rule"]))
    failures = (Failure(r["table"], r["rule"], r["severity"], r["failing"], r["of"]) for r in broken)
    return Verdict(
        release["verdict"] == "passed", len(rows), tuple(failures), release["moved_forward"],
        dict(release["versions"]), page_of(run_id, settings.pages / "checks" / application),
    )  # fmt: skip
