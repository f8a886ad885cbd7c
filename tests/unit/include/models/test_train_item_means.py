"""From what users gave items to a version of the item means, with MLflow on SQLite."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from include.errors import BadInput
from include.models.registry import Registry
from include.models.sentiment import TooFew
from include.models.train_item_means import newest_day, train_item_means
from tests.models import means
from tests.unit.include.small_lake import SmallLake

LAST = date(2019, 10, 1)


def rated(user: str | None, item: str, stars: str, days_ago: int = 0, **more: Any) -> dict[str, Any]:
    day = LAST - timedelta(days=days_ago)
    return {"source": "shop", "user_key": user, "item_id": item, "rating": Decimal(stars), "day": day,
            "known_from": day} | more  # fmt: skip


@pytest.fixture
def small(tmp_path: Path) -> SmallLake:
    return SmallLake(tmp_path)


@pytest.fixture
def lake(small: SmallLake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SmallLake:
    """Five users rate `i1` and four `i2`; who rates `i1` twice has rated it once."""
    monkeypatch.chdir(tmp_path)
    small.append("silver.events", *[rated(f"u{n}", "i1", "4", n) for n in range(4)], rated("u0", "i1", "2", 3),
                 *[rated(f"u{n}", "i2", "1", n) for n in range(4)])  # fmt: skip
    small.append("silver.texts", rated("u9", "i1", "5", 2), rated("u8", "i1", "1", 2, source="tiny"))
    small.release()
    return small


def test_means_of_items_that_five_users_rated_are_registered(lake: SmallLake):
    assert newest_day(lake.settings) == LAST
    fitted = train_item_means(lake.settings, LAST)
    assert (fitted.items, fitted.ratings) == ({"shop": 1}, {"shop": 9})
    assert fitted.promoted
    assert fitted.decision == "means of shop 1 items by 9 ratings"
    assert (fitted.version.number, fitted.version.trained_through, fitted.version.learned) == (1, LAST, {"shop": LAST})
    registry = Registry.item_means(lake.settings.models)
    assert registry.champion() == fitted.version
    assert registry.load(fitted.version) == means("shop", i1=("4", 5))  # of 3, 4, 4, 4, 5


def test_what_was_not_known_by_the_day_or_is_nobodys_counts_for_nothing(lake: SmallLake):
    lake.append("silver.events",
                rated("late", "i2", "5", 1, known_from=LAST + timedelta(days=1)),
                rated("gone", "i2", "5", 9, known_to=LAST),
                rated("bot", "i2", "5", 1), rated(None, "i2", "5"))  # fmt: skip
    suspect = {"source": "shop", "user_key": "bot", "day": LAST - timedelta(days=1), "limits_broken": ["volume"]}
    lake.append("silver.user_days", suspect)
    lake.append("silver.events", rated("stands", "i1", "4", 9, known_to=LAST + timedelta(days=1)))
    lake.release()
    fitted = train_item_means(lake.settings, LAST)
    assert Registry.item_means(lake.settings.models).load(fitted.version) == means("shop", i1=("4", 6))


def test_who_knows_less_than_the_champion_waits(lake: SmallLake):
    lake.append("silver.events", rated("u7", "i1", "4", 1))
    lake.release()
    train_item_means(lake.settings, LAST)
    fitted = train_item_means(lake.settings, LAST - timedelta(days=1))
    assert not fitted.promoted
    assert fitted.decision == "version 1 knows of later days, up to 2019-10-01; look, then promote by hand"


def test_a_damaged_file_is_refused(lake: SmallLake):
    version = train_item_means(lake.settings, LAST).version
    next(lake.settings.models.rglob("item_means.parquet")).write_bytes(b"PAR1")
    with pytest.raises(BadInput, match=r"item_means\.parquet is not what was registered"):
        Registry.item_means(lake.settings.models).load(version)


def test_too_little_to_learn_from_is_said(small: SmallLake):
    small.release()
    with pytest.raises(TooFew, match="item_means: nobody rated anything yet"):
        newest_day(small.settings)
    small.append("silver.events", rated("u", "i1", "5"))
    small.release()
    with pytest.raises(TooFew, match="item_means: up to 2019-10-01 no item was rated by 5 users"):
        train_item_means(small.settings, LAST)
