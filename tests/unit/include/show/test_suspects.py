from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest

from include.query import Lake
from include.show.suspects import Suspects, count_suspects, print_suspects, suspect_rows
from include.show.table import console
from tests.unit.include.small_lake import SmallLake

DAY = date(2019, 10, 1)
KEY = "0123456789abcdef" * 2


@pytest.fixture
def small(tmp_path: Path) -> SmallLake:
    return SmallLake(tmp_path)


@pytest.fixture
def lake(small: SmallLake) -> Lake:
    small.append(
        "silver.user_days",
        {"source": "shop", "user_key": KEY, "day": DAY, "volume": 768, "session_speed": Decimal("30.5"),
         "limits": [("volume", 200.0), ("session_speed", 20.0), ("burst", 30.0)], "limits_broken": ["session_speed", "volume"], "model_version": "1-abc"},
        {"source": "shop", "user_key": KEY, "day": date(2019, 10, 2), "volume": 300,
         "limits": [("volume", 200.0)], "limits_broken": ["volume"], "model_version": "1-abc"},
        {"source": "shop", "user_key": "nobody", "day": DAY, "volume": 5, "model_version": "1-abc"},
    )  # fmt: skip
    small.release()
    return Lake(small.settings)


def test_one_row_a_broken_limit(lake: Lake):
    rows = suspect_rows(lake)
    assert [tuple(row.values()) for row in rows] == [
        ("shop", DAY, KEY, "session_speed", 30.5, 20.0, "1-abc"),
        ("shop", DAY, KEY, "volume", 768.0, 200.0, "1-abc"),
        ("shop", date(2019, 10, 2), KEY, "volume", 300.0, 200.0, "1-abc"),
    ]
    out = StringIO()
    print_suspects(console(out, 110), rows)
    assert max(map(len, out.getvalue().splitlines())) <= 110


def test_suspects_are_counted_by_source(lake: Lake):
    assert count_suspects(lake) == {"shop": Suspects(user_days=2, users=1)}


def test_without_suspects_one_line_says_so(small: SmallLake):
    small.release()
    out = StringIO()
    print_suspects(console(out, 80), suspect_rows(Lake(small.settings)))
    assert out.getvalue().startswith("no suspects: ")
