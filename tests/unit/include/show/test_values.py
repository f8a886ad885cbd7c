"""One value on a screen, in JSON, in a spreadsheet."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from include.show.values import cell, plain, text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("nan"), None),
        (float("inf"), None),
        (0.1, 0.1),
        (Decimal("3.000"), 3),
        (Decimal("3.250"), 3.25),
        (Decimal("1234567890.1234567891"), "1234567890.1234567891"),
        (Decimal(2**53 + 1), "9007199254740993"),
        (datetime(2019, 10, 1, 2, 3, 4, tzinfo=UTC), "2019-10-01T02:03:04Z"),
        (date(2019, 10, 1), "2019-10-01"),
        ({"a": [date(2019, 10, 1), None]}, {"a": ["2019-10-01", None]}),
        (True, True),
    ],
)
def test_json_has_the_value_or_null(value: Any, expected: Any) -> None:
    assert plain(value) == expected
    assert type(plain(value)) is type(expected)


@pytest.mark.parametrize(
    "formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1"]
)
def test_text_that_a_spreadsheet_would_run_gets_a_quote(formula: str) -> None:
    assert cell(formula) == "'" + formula


@pytest.mark.parametrize("value", [-1, -0.5, "1-1", "", None, "a=b", "'quoted"])
def test_numbers_and_other_text_stay_as_they_are(value: Any) -> None:
    assert cell(value) == value


def test_a_cell_holds_a_list_as_json_and_a_decimal_as_a_number() -> None:
    assert cell([1, "é"]) == '[1, "é"]'
    assert cell(Decimal("-2.50")) == -2.5
    assert cell(True) == "true"


def test_data_cannot_steer_a_terminal() -> None:
    assert text("a\x1b[31mred\nb\u202e") == "a\\x1b[31mred\\nb\\u202e"
    assert text(["\x1b"]) == '["\\u001b"]'


@pytest.mark.parametrize(
    ("value", "comma", "expected"),
    [(1985, "", "1985"), (1985, ",", "1,985"), (Decimal("1234.500"), ",", "1,234.5"), (None, "", ""),
     (0.1, "", "0.1"), (datetime(2019, 10, 1, 2, 3, 4, tzinfo=UTC), "", "2019-10-01 02:03:04")],
)  # fmt: skip
def test_a_screen_parts_thousands_only_where_asked(value: Any, comma: str, expected: str) -> None:
    assert text(value, comma) == expected
