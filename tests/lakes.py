"""A lake in a folder, built in this process, and its tables as plain rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from include import query
from include.lake.catalogue import declared
from include.lake.meta import Meta
from include.lake.open import open_dataset
from include.plan import Plan
from include.privacy import make_key
from include.settings import Settings
from include.show.accounts import accounts

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_PROVENANCE = {"file", "landed", "run_id", "built_at", "as_of", "period"}


class Files(Protocol):
    """Something that writes a source description and its data."""

    name: str

    def write(self, sources: Path, data: Path) -> None: ...


class Lake:
    """Settings of its own under `folder`, with the sources that `files` describe."""

    def __init__(self, folder: Path, spark: SparkSession, files: Iterable[Files] = ()) -> None:
        self.spark = spark
        sources, data = folder / "sources", folder / "data"
        sources.mkdir(parents=True)
        data.mkdir()
        self.names = tuple(sorted(f.name for f in files))
        for file in files:
            file.write(sources, data)
        key = folder / "key"
        make_key(key)
        key.write_text("5" * 64 + "\n")  # the same pseudonyms in every lake of a test
        self.settings = Settings(lake=folder / "lake", sources=str(sources), data=data, key_file=key)

    def build(self, plan: Plan, *, run_id: str | None = None, take: bool = False) -> None:
        """Both applications, one after the other."""
        from jobs import ingest, profile

        mine = Plan(plan.start, plan.end, plan.sources or self.names, plan.every_day)
        for application in (ingest, profile):
            result = application.run(
                mine, run_id or f"test-{plan.start}", settings=self.settings, spark=self.spark, take=take
            )
            assert result.passed, result.failed

    def tables(self) -> list[str]:
        """Everything whose content follows from what landed, whatever runs there were."""
        return [t for t in declared(self.settings) if not t.startswith("meta.") and t != "gold.user_profile_history"]

    def rows(self, table: str) -> list[tuple[object, ...]]:
        """Sorted rows without what depends on the run."""
        names = [n for n in declared(self.settings)[table].column_names if n not in _PROVENANCE]
        found = open_dataset(self.settings, table).to_table(columns=names)
        return sorted((tuple(_plain(row[n]) for n in names) for row in found.to_pylist()), key=repr)

    def profile_days(self) -> list[date]:
        return sorted({day for days in Meta(self.settings).profile_days().values() for day in days})

    def as_of(self, day: date, known_at: date | None = None) -> list[tuple[object, ...]]:
        """Profiles as `portrait sql` shows them."""
        call = f"DATE '{day}'" + (f", DATE '{known_at}'" if known_at else "")
        with query.Lake(self.settings).connect() as connection:
            found = connection.execute(f"select * from user_profiles_asof({call})")
            names = [c[0] for c in found.description or ()]
            keep = [i for i, name in enumerate(names) if name not in _PROVENANCE | {"day", "known_at"}]
            return sorted((tuple(_plain(row[i]) for i in keep) for row in found.fetchall()), key=repr)

    def accounts(self) -> list[dict[str, object]]:
        return accounts(query.Lake(self.settings))


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return sorted(value.items())
    return sorted(value) if isinstance(value, list) and value and isinstance(value[0], tuple) else value
