"""A day keeps the limits it was first held against, and who is a suspect leaves what readers see of people."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from include.lake.open import open_dataset
from include.models.registry import Registry
from include.plan import Plan
from tests.lakes import Lake
from tests.models import register_limits
from tests.protocol.shop import jsonl

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.slow
MON, TUE, WED = (date(2024, 1, n) for n in (1, 2, 3))
DESCRIPTION = """
source: busy
about: Who does more than others
licence: none
history: {first: 2024-01-01}
feeds:
  events:
    path: busy/{day}*.jsonl
    format: jsonl
    columns: {user: string, item: string, at: timestamp}
    map: {user_id: user, kind: "'view'", item_id: item, happened_at: at}
"""


def views(user: str, day: date, n: int) -> list[dict[str, object]]:
    return [{"user": user, "item": f"i{k}", "at": f"{day}T{8 + k:02d}:00:00"} for k in range(n)]


class Busy:
    """On each day Ann views one item and the bot three."""

    name = "busy"

    def write(self, sources: Path, data: Path) -> None:
        (sources / "busy.yaml").write_text(DESCRIPTION)
        (data / "busy").mkdir()
        for day in (MON, TUE, WED):
            (data / "busy" / f"{day}.jsonl").write_text(jsonl(*views("ann", day, 1), *views("bot", day, 3)))


@pytest.fixture
def lake(spark: SparkSession, tmp_path: Path) -> Lake:
    return Lake(tmp_path, spark, [Busy()])


def build(lake: Lake, day: date) -> None:
    lake.build(Plan(day, day + timedelta(days=1)))


def set_limit(lake: Lake, volume: float, through: date) -> None:
    register_limits(Registry.limits(lake.settings.models), {"busy": {"volume": volume}}, through)


def suspects(lake: Lake) -> list[tuple[date, int, str | None]]:
    """Day, volume and number of the version, of those that break a limit."""
    rows = open_dataset(lake.settings, "silver.user_days").to_table().to_pylist()
    return sorted((r["day"], r["volume"], r["model_version"][0]) for r in rows if r["limits_broken"])


def viewed(lake: Lake) -> list[int]:
    """Views of the last 30 days, of everybody with a profile."""
    rows = open_dataset(lake.settings, "gold.user_profiles").to_table().to_pylist()
    return sorted(row["behaviour_views_30d"] for row in rows)


def test_days_keep_what_they_were_held_against(lake: Lake):
    build(lake, MON)
    set_limit(lake, 2, MON)
    build(lake, MON)  # was built without limits, and stays so
    assert suspects(lake) == []
    build(lake, TUE)
    assert suspects(lake) == [(TUE, 3, "1")]
    assert viewed(lake) == [2, 3]
    set_limit(lake, 9, TUE)
    late = lake.settings.data / "busy" / f"{WED}-late.jsonl"
    late.write_text(jsonl({"user": "ann", "item": "late", "at": f"{TUE}T20:00:00"}))
    build(lake, WED)  # Tuesday is rebuilt by the limits it had
    assert suspects(lake) == [(TUE, 3, "1")]
    assert viewed(lake) == [4, 6]


def test_late_rows_make_a_suspect_of_a_day_and_its_profile_forgets_it(lake: Lake):
    set_limit(lake, 3, MON - timedelta(days=1))
    build(lake, MON)
    assert viewed(lake) == [1, 3]
    late = lake.settings.data / "busy" / f"{TUE}-late.jsonl"
    late.write_text(jsonl({"user": "bot", "item": "late", "at": f"{MON}T20:00:00"}))
    build(lake, TUE)
    assert suspects(lake) == [(MON, 4, "1")]
    assert viewed(lake) == [2, 3]  # Tuesday's three are all that is left of the bot
