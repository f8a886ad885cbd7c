from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from include.errors import PortraitError
from include.orchestration.verdicts import read_verdict
from include.settings import Settings

AT = datetime(2024, 1, 2, tzinfo=UTC)
RELEASES = """
ingest  | 4 | first  | passed | false
ingest  | 7 | second | failed | false
ingest  | 9 | second | passed | true
profile | 3 | first  | passed | true
"""
CHECKS = """
ingest  | 4 | silver.events | id_null      | critical | true  | 0 | 10
ingest  | 7 | silver.texts  | slow         | warning  | false | 2 | 8
ingest  | 7 | silver.events | id_null      | critical | false | 3 | 1000
ingest  | 7 | silver.events | kind_allowed | critical | true  | 0 | 1000
profile | 7 | gold.x        | wrong        | critical | false | 1 | 1
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(lake=tmp_path / "lake")
    releases: list[dict[str, Any]] = [
        {"application": a, "fence": int(f), "run_id": r, "verdict": v, "moved_forward": m == "true",
         "claim_ids": [f], "interval_start": date(2024, 1, 1), "interval_end": date(2024, 1, 2), "sources": ["s"],
         "versions": {"gold.user_profiles": int(f)}, "seconds": {"read": 1.0}, "written_at": AT}
        for a, f, r, v, m in cells(RELEASES)
    ]  # fmt: skip
    checks = [
        {"application": a, "fence": int(f), "run_id": "x", "table": t, "rule": r, "severity": s,
         "passed": p == "true", "failing": int(n), "of": int(of), "written_at": AT}
        for a, f, t, r, s, p, n, of in cells(CHECKS)
    ]  # fmt: skip
    maps = {"versions": pa.map_(pa.string(), pa.int64()), "seconds": pa.map_(pa.string(), pa.float64())}
    table = pa.Table.from_pylist([{k: v for k, v in row.items() if k not in maps} for row in releases])
    for name, kind in maps.items():
        table = table.append_column(name, pa.array([list(row[name].items()) for row in releases], kind))
    write_deltalake(str(settings.table_path("meta.releases")), table)
    write_deltalake(str(settings.table_path("meta.checks")), pa.Table.from_pylist(checks))
    return settings


def cells(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]


def test_a_run_has_its_own_verdict(settings: Settings):
    verdict = read_verdict("ingest", "first", settings)
    assert (verdict.passed, verdict.rules, verdict.failures, verdict.moved_forward) == (True, 1, (), False)
    assert verdict.versions == {"gold.user_profiles": 4}
    assert verdict.page.is_relative_to(settings.pages / "checks" / "ingest")


def test_the_newest_attempt_of_a_run_counts(settings: Settings):
    assert read_verdict("ingest", "second", settings).passed


def test_failures_are_named_the_critical_ones_first(settings: Settings):
    path = str(settings.table_path("meta.releases"))
    from deltalake import DeltaTable

    DeltaTable(path).delete("fence = 9")
    verdict = read_verdict("ingest", "second", settings)
    assert not verdict.passed
    assert [str(failure) for failure in verdict.failures] == [
        "silver.events id_null (critical): 3 of 1,000 rows",
        "silver.texts slow (warning): 2 of 8 rows",
    ]


def test_a_run_that_never_got_that_far_is_an_error(settings: Settings):
    with pytest.raises(PortraitError, match="run third has no release; see the log of the task ingest"):
        read_verdict("ingest", "third", settings)
