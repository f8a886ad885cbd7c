"""Pages of sources: what they count, whom they leave out, and that they need nothing but themselves."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest

from include.pages.charts import bars, over_time
from include.pages.overview import _by_kind, _step, write_overviews
from tests.unit.include.small_lake import SmallLake

DAY = date(2019, 10, 1)


@pytest.fixture
def small(tmp_path: Path) -> SmallLake:
    """A shop of seven users: six like lamps, one likes <b>tents</b> & nobody else does."""
    small = SmallLake(tmp_path)
    small.append("bronze.events", *[{"source": "shop", "arrived_on": DAY}] * 9)
    small.append("meta.profile_days", {"source": "shop", "day": DAY})
    small.append("meta.accounts", {"source": "shop", "feed": "events", "day": DAY, "arrived_on": DAY, "fence": 1,
                                   "published": 7, "rejected": 2, "reasons": [("missing:kind", 2)]})  # fmt: skip
    for n in range(7):
        liked = "Lamps" if n < 6 else "<b>tents</b>"
        small.append("gold.user_profiles", {
            "source": "shop", "user_key": f"secret-{n}", "known_at": DAY, "status": {},
            "interest_categories": [{"value": liked, "weight": Decimal(1), "share": 1.0}],
            "entity_organisations": [{"value": "Acme" if n < 5 else "Rarely", "weight": Decimal(1), "share": 1.0}],
            "loyalty_last_seen_on": DAY - timedelta(days=n), "sentiment_pleased": Decimal("0.75"),
        })  # fmt: skip
        small.append("gold.behaviour_daily", {"source": "shop", "user_key": f"secret-{n}", "day": DAY, "kind": "view",
                                              "arrived_on": DAY, "n": 3, "is_dated": True})  # fmt: skip
        small.append("gold.behaviour_items_daily", {"source": "shop", "user_key": f"secret-{n}", "day": DAY, "n": 2,
                                                    "brand": "Brisk" if n < 5 else "Rare"})  # fmt: skip
        small.append("silver.events", {"source": "shop", "user_key": f"secret-{n}", "day": DAY, "unit_price": Decimal("20"), "currency": "EUR",
                                       "rating": Decimal(4), "kind": "rate"})  # fmt: skip
    small.append("silver.events", {"source": "shop", "user_key": "secret-0", "day": DAY, "unit_price": Decimal("3000"),
                                   "currency": "EUR", "rating": Decimal(1), "kind": "rate"})  # fmt: skip
    small.append("silver.user_days", {"source": "shop", "user_key": "secret-0", "day": DAY, "volume": 900,
                                      "limits": [("volume", 200.0)], "limits_broken": ["volume"], "model_version": "1-a"})  # fmt: skip
    small.release()
    return small


class Tables(HTMLParser):
    """The cells of all rows; what is opened must be closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        if tag not in ("meta", "br"):
            self._open.append(tag)
        if tag == "tr":
            self.rows.append([])

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in ("td", "th"):
            self.rows[-1].append(data)


def test_a_page_counts_and_names_nobody(small: SmallLake):
    index = write_overviews(small.settings)
    page = (index.parent / "source-shop.html").read_text("utf-8")
    rows = Tables(page).rows
    assert ["events", "9", "7", "0", "0", "2", "0", "0"] in rows
    assert ["missing:kind", "2"] in rows
    assert ["Lamps", "6"] in rows
    assert ["Brisk", "10"] in rows
    assert ["Acme", "5"] in rows  # what texts name
    assert ["4", "7"] in rows  # ratings
    assert ["10 to 21.5", "7"] in rows  # prices
    assert ["0.7", "7"] in rows  # sentiment
    assert [row for row in rows if row[0] in ("that day", "1 to 7")] == [["1 to 7", "6"]]
    assert ["2019-10-01", "view", "21"] in rows
    assert ["volume", "1"] in rows  # suspects
    assert not [row for row in rows if row[0] == "1" or "2,154" in row[0]], "what one user did is not told"
    assert "secret" not in page
    assert not {"tents", "Rare", "Rarely"} & set(re.findall(r"\w+", page)), "what few share is not told"
    assert ["shop", "9", "7"] in Tables(index.read_text("utf-8")).rows


def test_what_few_do_on_a_day_and_more_in_a_month_is_told_by_month(tmp_path: Path):
    small = SmallLake(tmp_path)
    small.append("bronze.texts", {"source": "letters", "arrived_on": DAY})
    for n in range(24):
        small.append("gold.behaviour_daily", {"source": "letters", "day": DAY + timedelta(days=60 * n), "user_key": f"u{n}", "kind": "review",
                                              "is_dated": True, "n": 1, "arrived_on": DAY})  # fmt: skip
        if n < 4:  # five of October with the one above
            small.append("gold.behaviour_daily", {"source": "letters", "day": DAY + timedelta(days=n), "user_key": f"v{n}", "kind": "review",
                                                  "is_dated": True, "n": 1, "arrived_on": DAY})  # fmt: skip
    small.release()
    page = (write_overviews(small.settings).parent / "source-letters.html").read_text("utf-8")
    assert [row for row in Tables(page).rows if "review" in row] == [["2019-10-01", "review", "5"]]


def test_a_page_needs_nothing_but_itself_and_says_what_it_shows(small: SmallLake):
    page = (write_overviews(small.settings).parent / "source-shop.html").read_text("utf-8")
    assert "<script" not in page
    assert re.findall(r"(?:src|href)=\"(?!#|index\.html|source-shop\.html)([^\"]*)\"", page) == []
    assert set(re.findall(r"https?://[^\"\s]+", page)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert page.count("<figure>") == page.count('role="img"') == page.count("<details>") > 5
    assert page.startswith('<!DOCTYPE html><html lang="en">')
    assert "prefers-color-scheme: dark" in page


def test_a_source_without_profiles_has_a_page(tmp_path: Path):
    small = SmallLake(tmp_path)
    small.append("bronze.texts", {"source": "letters", "arrived_on": DAY})
    small.release()
    page = (write_overviews(small.settings).parent / "source-letters.html").read_text("utf-8")
    assert ["texts", "1", "0", "0", "0", "0", "1", "0"] in Tables(page).rows
    assert "not described any more" in page
    assert page.count("Nothing of it yet.") == 5


def test_names_are_text_and_no_markup():
    drawn = bars("<i>title</i>", "name", [('<b>tents</b> & "more"', 3)], "users").html()
    assert "<b>" not in drawn
    assert "<i>" not in drawn
    assert Tables(drawn).rows == [["name", "users"], ['<b>tents</b> & "more"', "3"]]


def test_long_histories_are_told_by_week_month_or_year_and_rare_kinds_together():
    kinds = ("view", "cart", "search", "rate", "share", "tag", "play")
    rows = [(DAY + timedelta(days=n), kind, 10 - i) for n in range(300) for i, kind in enumerate(kinds)]
    points = _by_kind(rows)
    assert {kind for _, kind, _ in points} == {"view", "cart", "search", "rate", "share", "others"}
    assert sum(n for _, _, n in points) == sum(n for _, _, n in rows)
    days = (100, 300, 2000, 9000)
    assert [_step(DAY, DAY + timedelta(days=n)) for n in days] == ["day", "week", "month", "year"]
    assert "view" in over_time("When", [(DAY, "view", 1)], "times").svg
