"""One user's profile."""

from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from include.errors import BadInput, PortraitError
from include.privacy import make_key, pseudonym, read_key
from include.query import Lake
from include.settings import ROOT
from include.show.profile import find_profile, print_profile
from include.show.table import console
from include.traits.load import load_traits
from tests.unit.include.small_lake import SmallLake

ONE, TWO = date(2019, 10, 1), date(2019, 10, 2)
TRAITS = load_traits([ROOT / "traits"])


@pytest.fixture
def small(tmp_path: Path) -> SmallLake:
    small = SmallLake(tmp_path)
    small.append("meta.profile_days", {"source": "shop", "day": ONE}, {"source": "shop", "day": TWO})
    profile(small, "alice", ONE, behaviour_events_30d=3)
    profile(small, "alice", TWO, behaviour_events_30d=1234, loyalty_last_seen_on=ONE)
    small.release()
    return small


def key_of(small: SmallLake, user: str) -> str:
    return pseudonym(read_key(small.settings.key_file), "user", "shop", user)


def profile(small: SmallLake, user: str, day: date, **values: Any) -> None:
    status = {t.column: "value" if t.column in values else "no data" for t in TRAITS}
    row = {"source": "shop", "user_key": key_of(small, user), "day": day, "known_at": day, "status": status}
    small.append("gold.user_profile_history", row | values)


def test_a_raw_id_and_its_key_find_the_same_profile_of_the_last_built_day(small: SmallLake) -> None:
    lake, key = Lake(small.settings), key_of(small, "alice")
    by_id, by_key = (find_profile(lake, TRAITS, "shop", user) for user in ("alice", key))
    assert by_id == by_key
    row = by_id.row()
    assert (row["user_key"], row["as_of"], row["known_at"]) == (key, TWO, TWO)
    assert row["traits"]["behaviour_events_30d"] == 1234
    assert row["status"]["basics_age"] == "no data"


def test_a_key_is_enough_without_the_key_file(small: SmallLake) -> None:
    key = key_of(small, "alice")
    small.settings.key_file.unlink()
    assert find_profile(Lake(small.settings), TRAITS, "shop", key).user_key == key


def test_a_raw_id_that_looks_like_a_key_is_found(small: SmallLake) -> None:
    raw = "0" * 32
    profile(small, raw, TWO, behaviour_events_30d=7)
    small.release()
    assert find_profile(Lake(small.settings), TRAITS, "shop", raw).columns["behaviour_events_30d"] == 7


def test_as_of_an_earlier_day(small: SmallLake) -> None:
    assert find_profile(Lake(small.settings), TRAITS, "shop", "alice", ONE).columns["behaviour_events_30d"] == 3


def test_as_it_was_known_is_computed_from_the_ledger(small: SmallLake) -> None:
    ledger = {"source": "shop", "user_key": key_of(small, "alice"), "day": ONE, "kind": "view", "currency": "XXX",
              "is_dated": True}  # fmt: skip
    small.append("gold.behaviour_daily", ledger | {"arrived_on": ONE, "n": 5}, ledger | {"arrived_on": TWO, "n": -2})
    small.release()
    lake = Lake(small.settings)
    then = find_profile(lake, TRAITS, "shop", "alice", TWO, known_at=ONE)
    now = find_profile(lake, TRAITS, "shop", "alice", TWO, known_at=TWO)
    assert (then.columns["behaviour_events_30d"], then.known_at) == (5, ONE)
    assert (now.columns["behaviour_events_30d"], now.known_at) == (3, TWO)


def test_what_cannot_be_found_is_one_clear_line_that_does_not_repeat_the_id(small: SmallLake) -> None:
    lake = Lake(small.settings)
    with pytest.raises(PortraitError, match=r"^no such user in shop$") as nobody:
        find_profile(lake, TRAITS, "shop", "bob")
    assert nobody.value.exit_code == 1
    with pytest.raises(
        PortraitError, match=r"as of 2018-01-01; built profiles of shop begin with 2019-10-01: add --known-at"
    ):
        find_profile(lake, TRAITS, "shop", "alice", date(2018, 1, 1))
    with pytest.raises(PortraitError, match="no profiles of source 'shoop'; there are profiles of: shop"):
        find_profile(lake, TRAITS, "shoop", "alice")
    with pytest.raises(BadInput, match="--day"):
        find_profile(lake, TRAITS, "shop", "alice", known_at=ONE)


def test_another_key_is_refused(small: SmallLake) -> None:
    small.settings.key_file.unlink()
    make_key(small.settings.key_file)
    with pytest.raises(BadInput, match="another key"):
        find_profile(Lake(small.settings), TRAITS, "shop", "alice")


def card(small: SmallLake, width: int | None, **values: Any) -> list[str]:
    profile(small, "carol", TWO, **values)
    small.release()
    out = StringIO()
    print_profile(console(out, width), find_profile(Lake(small.settings), TRAITS, "shop", "carol"))
    return [" ".join(line.split()) for line in out.getvalue().splitlines()]


def test_a_card_shows_meaning_value_and_unit_and_what_is_missing(small: SmallLake) -> None:
    shares = [
        {"value": v, "weight": Decimal(w), "share": w / 1000} for v, w in (("Garden", 600), ("Kitchen", 399), ("A", 1))
    ]
    lines = card(
        small, None,
        basics_age=34, behaviour_events_30d=1234, loyalty_last_seen_on=ONE, interest_categories=shares,
        spending_by_currency_365d=[{"value": "EUR", "weight": Decimal(12345), "share": 1.0}],
        interest_latest_items=[{"value": f"i{i}", "day": ONE} for i in range(7)],
        time_hours=[0] * 9 + [1, 8] + [0] * 13,
        funnel_view_to_purchase_90d=0.125, funnel_view_to_purchase_90d_numerator=1,
        funnel_view_to_purchase_90d_denominator=8,
        preference_mean_rating=Decimal("4.25"), preference_mean_rating_count=4,
        preference_rating_over_items=Decimal("0.5"), preference_rating_over_items_count=2,
    )  # fmt: skip
    text = "\n".join(lines)
    assert lines[:3] == [f"shop user {key_of(small, 'carol')}", "as of 2019-10-02, known at 2019-10-02", "basics"]
    for wanted in (
        "age the source has for the user 34 years",
        "1,234 actions",
        "2019-10-01 (1 day before)",
        "Garden 60%; Kitchen 40%; A <1%",
        "EUR 123.45",
        "i4 (2019-10-01) and 2 more",
        "| 23, most at 10:00 UTC",
        "0.125 (1 of 8)",
        "4.25 points (4 ratings)",
        "+0.50 points (2 ratings)",
    ):
        assert wanted in text
    assert lines[-1].startswith("no data: basics_country, basics_gender,")


@pytest.mark.parametrize("width", [80, 100])
def test_a_card_fits_a_terminal_and_data_cannot_steer_it(small: SmallLake, width: int) -> None:
    tag = " ".join(f"word{i}" for i in range(20))
    lines = card(small, width, interest_tags=[{"value": f"\x1b[2J{tag}", "weight": Decimal(1), "share": 1.0}])
    assert max(map(len, lines)) <= width
    assert not any("\x1b" in line for line in lines)
    assert all(f"word{i}" in " ".join(lines) for i in range(20))
