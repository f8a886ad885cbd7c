from __future__ import annotations

import math
from pathlib import Path

import pytest

from include.errors import BadInput
from include.models.limits import FLOORS, LEAST, LOGARITHM, Spread, limit, load, save, scale_of
from include.tables.silver import LIMITED

FOUND = {"shop": {"volume": 200.0, "burst": 30.5}}


def test_every_limited_column_has_a_floor():
    assert set(FLOORS) == {column.name for column in LIMITED}


@pytest.mark.parametrize(
    ("spread", "value"),
    [
        # ln 100, deviation of the middle 0.6745 * 0.5: the modified z-score is 3.5 at 100 * e^(3.5 * 0.5)
        (Spread(1000, math.log(100), 0.6745 * 0.5, math.log(100)), 575.46),
        # the middle is all the same, the upper tail is not
        (Spread(1000, math.log(100), 0.0, math.log(100) + 1.6449 * 0.5), 575.46),
        (Spread(1000, 0.0, 0.0, 0.0), 10.0),  # never below what a person can do
        (Spread(LEAST - 1, math.log(100), 0.5, 6.0), None),
    ],
)
def test_a_limit_is_where_the_modified_z_score_is_three_and_a_half(spread: Spread, value: float | None):
    assert limit(spread, 10.0, LOGARITHM) == value


def test_hours_have_a_limit_that_a_day_can_come_to():
    """Mostly one, three in a twentieth of the days: beyond six is strange. By logarithms it would be beyond ten."""
    one, three = math.sqrt(1.375), math.sqrt(3.375)
    assert limit(Spread(1000, one, 0.0, three), 6.0, scale_of("full_hours")) == 6.315
    assert limit(Spread(1000, 0.0, 0.0, math.log(3)), 6.0, scale_of("volume")) == 10.357


def test_limits_are_files_that_nobody_changes_unseen(tmp_path: Path):
    digest = save(FOUND, tmp_path)
    assert load(tmp_path, digest, "limits 1") == FOUND
    (tmp_path / "limits.json").write_text('{"shop": {"volume": 1e9}}')
    with pytest.raises(BadInput, match=r"limits 1: limits\.json is not what was registered"):
        load(tmp_path, digest, "limits 1")
