"""Which tables there are and how they are."""

from datetime import date
from io import StringIO
from pathlib import Path

from include.query import Lake
from include.show.table import console
from include.show.tables import print_statuses, statuses
from tests.unit.include.small_lake import NOW, SmallLake


def check(rule: str, fence: int, passed: bool, severity: str = "critical") -> dict[str, object]:
    return {"application": "ingest", "fence": fence, "run_id": "r", "table": "silver.events", "rule": rule,
            "severity": severity, "passed": passed, "failing": 0 if passed else 1200, "of": 5000}  # fmt: skip


def test_a_table_is_shown_as_a_reader_sees_it(tmp_path: Path) -> None:
    small = SmallLake(tmp_path)
    small.append("silver.events", {"day": date(2019, 10, 1)}, {"day": date(2019, 10, 2)})
    small.append(
        "meta.checks", check("kind__null", 1, False), check("kind__null", 2, True), check("late", 2, False, "warning")
    )
    small.release()
    small.append("silver.events", {"day": date(2019, 10, 9)})
    found = {status.table: status for status in statuses(Lake(small.settings))}
    assert found["silver.events"].row() == {
        "table": "silver.events", "rows": 2, "version": 2, "newest": date(2019, 10, 2), "released_at": NOW,
        "checks": "warning", "failing": ("late (warning): 1,200 rows",), "about": "one version of one thing a user did",
    }  # fmt: skip
    assert (found["silver.texts"].rows, found["silver.texts"].newest, found["silver.texts"].checks) == (0, None, "-")
    assert not [name for name in found if name.startswith("bronze.")]


def test_a_failed_critical_rule_is_said_and_the_table_fits_a_terminal(tmp_path: Path) -> None:
    small = SmallLake(tmp_path)
    small.append("meta.checks", check("kind__null", 1, False), check("kind__not_allowed", 1, True))
    small.release()
    found = statuses(Lake(small.settings))
    for width in (80, 100):
        out = StringIO()
        print_statuses(console(out, width), found)
        lines = out.getvalue().splitlines()
        assert max(map(len, lines)) <= width
        assert lines[1].startswith("silver.events") and lines[1].endswith("FAILED")
        assert "silver.events kind__null (critical): 1,200 rows" in lines
