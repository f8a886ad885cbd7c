"""From what users did in 28 days to a version of the limits, with MLflow on SQLite."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from include.models.registry import Registry
from include.models.sentiment import TooFew
from include.models.train_limits import far_from, newest_day, train_limits
from tests.unit.include.small_lake import SmallLake

LAST = date(2019, 10, 1)


@pytest.fixture
def small(tmp_path: Path) -> SmallLake:
    return SmallLake(tmp_path)


@pytest.fixture
def lake(small: SmallLake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SmallLake:
    """200 people who do one to four things a day; one does 900. Before the window everybody did 5,000."""
    monkeypatch.chdir(tmp_path)
    people = [day_of(f"u{n}", 1 + n % 4, n % 28) for n in range(200)]
    small.append("silver.user_days", *people, day_of("busy", 900, 0))
    small.append("silver.user_days", *[day_of(f"u{n}", 5000, 28) for n in range(200)])
    small.append("silver.user_days", *[{**day_of(f"u{n}", 7, 1), "source": "tiny"} for n in range(99)])
    small.release()
    return small


def day_of(user: str, volume: int, days_ago: int) -> dict[str, object]:
    return {"source": "shop", "user_key": user, "day": LAST - timedelta(days=days_ago), "volume": volume, "burst": 1}


def test_limits_are_fitted_on_28_days_and_registered(lake: SmallLake):
    assert newest_day(lake.settings) == LAST
    fitted = train_limits(lake.settings, LAST)
    assert fitted.limits == {"shop": {"volume": 200.0, "burst": 30.0}}
    assert (fitted.version.number, fitted.version.trained_through, fitted.version.learned) == (1, LAST, {"shop": LAST})
    assert fitted.promoted
    assert fitted.decision == "suspects: shop 1 of 201 user-days"
    registry = Registry.limits(lake.settings.models)
    assert registry.champion() == fitted.version
    assert registry.load(fitted.version) == fitted.limits


def test_nothing_from_after_the_day_counts(lake: SmallLake):
    fitted = train_limits(lake.settings, LAST - timedelta(days=1))
    assert fitted.version.trained_through == LAST - timedelta(days=1)
    assert fitted.limits["shop"]["volume"] > 1000  # of the day on which everybody did 5,000
    assert fitted.user_days == {"shop": 392}


def test_a_source_that_is_behind_is_fitted_on_its_own_last_days(lake: SmallLake):
    lake.append("silver.user_days", *[{**day_of(f"u{n}", 7, 300 + n % 28), "source": "old"} for n in range(150)])
    lake.release()
    version = train_limits(lake.settings, LAST).version
    assert version.learned == {"old": LAST - timedelta(days=300), "shop": LAST}


def test_limits_far_from_what_they_were_wait_for_somebody(lake: SmallLake):
    first = train_limits(lake.settings, LAST)
    lake.append("silver.user_days", *[day_of(f"b{n}", 90_000, 3) for n in range(12)])
    lake.release()
    fitted = train_limits(lake.settings, LAST)
    assert not fitted.promoted
    assert re.fullmatch(r"shop: the limit of volume would go from 200 to \d\S+; look, then promote by hand",
                        fitted.decision)  # fmt: skip
    assert Registry.limits(lake.settings.models).champion().number == first.version.number  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [({"volume": 10.0}, {"volume": 29.0, "burst": 1.0}, None),
     ({"volume": 10.0}, {"volume": 30.0}, "the limit of volume would go from 10 to 30"),
     ({"volume": 30.0}, {"volume": 10.0}, "the limit of volume would go from 30 to 10"),
     ({"volume": 30.0, "burst": 5.0}, {"volume": 30.0}, "there would be no limit of burst any more")],
)  # fmt: skip
def test_how_far_is_far(before: dict[str, float], after: dict[str, float], said: str | None):
    assert far_from(before, after) == said


def test_who_knows_less_than_the_champion_waits(lake: SmallLake):
    train_limits(lake.settings, LAST)
    fitted = train_limits(lake.settings, LAST - timedelta(days=1))
    assert fitted.decision == "version 1 knows of later days, up to 2019-10-01; look, then promote by hand"


def test_a_damaged_champion_does_not_keep_new_limits_from_being_registered(lake: SmallLake):
    first = train_limits(lake.settings, LAST).version
    next(lake.settings.models.rglob(f"{first.run_id}/artifacts/model/limits.json")).write_text("{}")
    fitted = train_limits(lake.settings, LAST)
    assert (fitted.version.number, fitted.promoted) == (2, False)
    assert "limits.json is not what was registered" in fitted.decision


def test_too_little_to_learn_from_is_said(small: SmallLake):
    small.release()
    with pytest.raises(TooFew, match="limits: nobody did anything yet"):
        newest_day(small.settings)
    small.append("silver.user_days", day_of("u", 1, 0))
    small.release()
    with pytest.raises(TooFew, match="limits: up to 2019-10-01 no source has 100 busy days of users in 28 days"):
        train_limits(small.settings, LAST)
