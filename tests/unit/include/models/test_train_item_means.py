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
from include.models.train_item_means import fit, newest_day, train_item_means
from include.query import Lake
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
    assert (fitted.items, fitted.ratings) == ({"shop": 1}, {"shop": 5})
    assert fitted.promoted
    assert fitted.decision == "shop: items 1, ratings 5"
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


def test_means_that_are_the_champions_are_not_registered_again(lake: SmallLake):
    first = train_item_means(lake.settings, LAST).version
    lake.append("silver.events", rated("u5", "i3", "4", -1))
    lake.release()
    again = train_item_means(lake.settings, LAST + timedelta(days=1))
    assert (again.version, again.promoted) == (first, False)
    assert again.decision == "no news: the means are those of version 1"
    assert len(Registry.item_means(lake.settings.models).versions()) == 1


def test_who_knows_that_a_rating_has_gone_knows_of_that_day(lake: SmallLake):
    lake.append("silver.events", rated("gone", "i1", "1", 9, known_to=LAST + timedelta(days=3)))
    lake.release()
    through = newest_day(lake.settings)
    assert through == LAST + timedelta(days=3)
    assert train_item_means(lake.settings, through).version.learned == {"shop": through}


def test_many_ratings_are_taken_in_passes(lake: SmallLake):
    lake.append("silver.events", *[rated(f"u{n}", f"x{item}", "3") for n in range(5) for item in range(20)])
    lake.release()
    whole = fit(Lake(lake.settings), LAST, 1)
    assert len(whole) == 21
    assert fit(Lake(lake.settings), LAST, 9_000_000) == whole


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
