"""The condition language of a trait."""

import pytest

from include.traits.condition import fixes_currency, parse_condition

COLUMNS = ("kind", "tag", "currency")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("kind = 'view'", "kind = 'view'"),
        ("kind <> 'view'", "kind <> 'view'"),
        ("kind in ('view', 'purchase')", "kind IN ('view', 'purchase')"),
        ("not (kind = 'view' or tag = 'a') and currency is not null",
         "NOT (kind = 'view' OR tag = 'a') AND NOT currency IS NULL"),
        ("kind = 'view' -- all of them", "kind = 'view'"),
        ("tag = 'it''s \\ \"x\"'", "tag = 'it''s \\ \"x\"'"),
    ],
)  # fmt: skip
def test_a_condition_is_built_anew_from_what_was_checked(text: str, tree: str) -> None:
    assert parse_condition(text, COLUMNS).sql("duckdb") == tree


def test_a_text_with_quotes_and_backslashes_is_escaped_for_each_engine() -> None:
    assert parse_condition(r"tag = 'a\b''c'", COLUMNS).sql("spark") == r"tag = 'a\\b\'c'"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind = ", "does not parse"),
        ("kind = 'view'; drop table x", "may not hold"),
        ("kind = 'vew'", "kind 'vew' does not exist; kinds are: view, click"),
        ("kind = \"view\"", "write a text in single quotes"),
        ("kind = 1", "write a text in single quotes"),
        ("price = 'a'", "`price` is no column it may use; these are: kind, tag, currency"),
        ("x.kind = 'view'", "is no column it may use"),
        ("upper(kind) = 'view'", "is no column it may use"),
        ("kind in (select 'view')", "may not hold"),
        ("kind like 'v%'", "may not hold"),
        ("true", "may not hold"),
        ("kind", "may not hold"),
        ("exists(select 1)", "may not hold"),
        ("kind = 'view' and pg_sleep(1)", "may not hold"),
        ("(" * 3000, "is longer than 2000 characters"),
        ("(" * 900 + "kind = 'view'" + ")" * 900, "is nested too deeply"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_one_line(text: str, message: str) -> None:
    with pytest.raises(ValueError) as refused:
        parse_condition(text, COLUMNS)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("currency = 'EUR'", True),
        ("kind = 'purchase' and (currency = 'EUR')", True),
        ("kind = 'purchase'", False),
        ("currency = 'EUR' or kind = 'purchase'", False),
        ("currency in ('EUR', 'USD')", False),
        ("currency <> 'EUR'", False),
    ],
)
def test_tells_whether_one_currency_is_left(text: str, fixed: bool) -> None:
    assert fixes_currency(parse_condition(text, COLUMNS)) is fixed
