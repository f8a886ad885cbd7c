from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from include.pages.card import write_card
from include.show.profile import Profile
from tests.unit.include.pages.test_overview import Tables
from tests.unit.include.traits.helpers import trait

DAY = date(2019, 10, 1)
TRAITS = (
    trait("{trait: views, from: behaviour_daily, measure: count, meaning: looks, unit: views}"),
    trait("{trait: likes, family: interest, from: behaviour_items_daily, measure: {top_k: {of: category, k: 5}}}"),
    trait("{trait: hours, family: time, from: behaviour_daily, measure: hours, meaning: hours in UTC, unit: acts}"),
    trait("{trait: age, family: basics, from: users, measure: {attribute: {of: age}}, meaning: years}"),
)
COLUMNS = {
    "behaviour_views": 1234,
    "interest_likes": [{"value": "<b>Lamps</b>", "weight": Decimal(3), "share": 0.75},
                       {"value": "Tents", "weight": Decimal(1), "share": 0.25}],
    "time_hours": [0] * 9 + [7] + [0] * 14,
    "basics_age": None,
}  # fmt: skip
STATUS = {"behaviour_views": "value", "interest_likes": "value", "time_hours": "value", "basics_age": "no data"}


def test_a_card_tells_what_is_known_and_what_is_missing(tmp_path: Path):
    file = write_card(Profile("shop", "k" * 32, DAY, DAY, STATUS, COLUMNS, TRAITS), tmp_path / "card.html")
    page = file.read_text("utf-8")
    assert file.stat().st_mode & 0o777 == 0o600
    assert "<dt>looks</dt><dd>1,234 views</dd>" in page
    assert "<b>" not in page
    assert "Hours in UTC" in page
    rows = Tables(page).rows
    assert ["<b>Lamps</b>", "75.00"] in rows
    assert ["09", "7"] in rows
    assert ["basics_age", "years", "no data"] in rows
