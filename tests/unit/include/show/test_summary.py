"""What the demo ends with."""

from datetime import date
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest

from include.models.registry import Version
from include.query import Lake
from include.show.summary import cards, print_summary
from include.show.table import console
from tests.unit.include.small_lake import SmallLake

DAY = date(2019, 10, 2)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallLake:
    small = SmallLake(tmp_path)
    monkeypatch.setenv("PORTRAIT_LAKE", str(small.settings.lake))
    monkeypatch.setenv("PORTRAIT_KEY_FILE", str(small.settings.key_file))
    return small


def people(small: SmallLake, *users: tuple[str, str, int]) -> None:
    for source, user_key, traits in users:
        status = {f"t{i}": "value" if i < traits else "no data" for i in range(5)}
        row = {"source": source, "user_key": user_key, "day": DAY, "known_at": DAY, "status": status}
        small.append("gold.user_profiles", row)
        small.append("gold.user_profile_history", row)
    small.append("meta.profile_days", *({"source": source, "day": DAY} for source, _, _ in users))
    small.release()


def test_three_cards_of_the_best_known_users(small: SmallLake) -> None:
    people(small, ("shop", "a", 1), ("shop", "b", 3), ("shop", "c", 3), ("deskdrop", "d", 1), ("lastfm", "e", 1),
           ("amazon_magazines", "f", 2))  # fmt: skip
    assert cards(Lake(small.settings)) == [("amazon_magazines", "f"), ("shop", "b"), ("deskdrop", "d")]


def test_fewer_sources_give_fewer_cards(small: SmallLake) -> None:
    people(small, ("zoo", "a", 1))
    assert cards(Lake(small.settings)) == [("zoo", "a")]


@pytest.mark.parametrize("width", [80, 100, None])
def test_a_summary_has_all_its_parts_and_fits(small: SmallLake, width: int | None) -> None:
    small.append("bronze.events", {"source": "shop", "arrived_on": DAY})
    people(small, ("shop", "0" * 32, 2), ("amazon_magazines", "1" * 32, 2))
    out = StringIO()
    said = "first version: ROC-AUC 0.961 [0.922, 0.988] on texts it has not seen"
    space = "all-MiniLM-L6-v2-53adf0653536"
    model = Version(1, "r", DAY, "d", ("challenger", "champion"), said, promoted=True, space=space)
    (small.settings.pages / "sources").mkdir(parents=True)
    (small.settings.pages / "sources" / "index.html").touch()
    print_summary({"ingest": 61.25, "profile": 30.0}, console(out, width), {"sentiment": [model], "limits": []})
    lines = out.getvalue().splitlines()
    heads = [line for line, below in pairwise(lines) if below and set(below) == {"="}]
    assert heads == ["What became of the landed rows", "Tables", "Profiles", "Models", "Pages", "Time", "Try next"]
    assert any(line.split() == ["ingest", "61.2"] for line in lines)
    assert "ROC-AUC 0.961" in " ".join(out.getvalue().split())
    assert f"shop  user {'0' * 32}" in lines
    assert len([line for line in lines if "portrait " in line and line.startswith("  ")]) == 3
    (page,) = (line for line in lines if line.startswith("  sources "))
    assert page.endswith("/lake-pages/sources/index.html")
    if width:
        assert max(len(line) for line in lines if line != page) <= width


def test_a_summary_of_a_lake_without_profiles_still_ends_well(small: SmallLake) -> None:
    small.release()
    out = StringIO()
    print_summary({}, console(out, 80))
    assert "there are no profiles yet" in out.getvalue()
