"""What follows from the declarations."""

from include.settings import ROOT
from include.tables import Privacy
from include.traits import dictionary, load_traits, trait_columns, windows
from tests.unit.include.traits.helpers import trait

RATE = trait(
    """
    {trait: conversion, family: funnel, meaning: bought of viewed, unit: ratio, privacy: quasi_identifier,
     from: behaviour_daily, measure: {rate: {of: kind = 'purchase', over: kind = 'view'}}, window: 30d}
    """
)


def test_a_rate_has_what_it_was_divided_from_beside_it() -> None:
    assert [(c.name, c.type, c.unit, c.privacy) for c in trait_columns([RATE])] == [
        ("funnel_conversion", "double", "ratio", Privacy.QUASI_IDENTIFIER),
        ("funnel_conversion_numerator", "bigint", "rows", Privacy.QUASI_IDENTIFIER),
        ("funnel_conversion_denominator", "bigint", "rows", Privacy.QUASI_IDENTIFIER),
    ]


def test_columns_keep_the_order_of_the_traits_and_say_what_they_mean() -> None:
    age = trait("{trait: age, family: basics, meaning: age, unit: years, from: users, measure: {attribute: {of: age}}}")
    columns = trait_columns([age, RATE])
    assert [c.name for c in columns][:2] == ["basics_age", "funnel_conversion"]
    assert (columns[0].type, columns[0].about) == ("int", "age")


def test_windows_are_told_once_each_shortest_first() -> None:
    count = trait("{from: behaviour_daily, measure: count, window: 7d}")
    lifetime = trait("{from: behaviour_daily, measure: count}")
    assert windows([RATE, count, RATE, lifetime]) == (7, 30)


def test_the_dictionary_says_what_a_trait_is_computed_from() -> None:
    (row,) = dictionary([RATE])
    assert row["name"] == "funnel_conversion"
    assert row["measure"] == "rate of kind = 'purchase' over kind = 'view'"
    assert (row["window"], row["half_life"], row["from"], row["type"]) == ("30d", None, "behaviour_daily", "double")


def test_every_shipped_column_has_a_meaning_of_its_own() -> None:
    columns = trait_columns(load_traits([ROOT / "traits"]))
    assert len({c.about for c in columns}) == len(columns)
