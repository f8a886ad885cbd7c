"""Which rows a unit is, as text that Delta and Spark are given."""

from datetime import date

import pytest

from include.lake.units import predicate

GRAINS = {"shop": "day", "cafe": "all"}


def days(*numbers: int, source: str = "shop", month: int = 1) -> list[tuple[str, date]]:
    return [(source, date(2024, month, n)) for n in numbers]


def test_days_that_follow_each_other_are_a_range() -> None:
    assert predicate(days(3, 1, 2, 2, 9), GRAINS, has_period=True) == (
        "(source = 'shop' AND period IN ('2024-01-01', '2024-01-02', '2024-01-03', '2024-01-09') AND "
        "(day BETWEEN DATE'2024-01-01' AND DATE'2024-01-03' OR day BETWEEN DATE'2024-01-09' AND DATE'2024-01-09'))"
    )


def test_many_scattered_days_are_a_list() -> None:
    scattered = days(*range(1, 30, 2), source="cafe") + days(*range(1, 30, 2), source="cafe", month=3)
    found = predicate(scattered, GRAINS, has_period=True)
    assert "BETWEEN" not in found
    assert found.count("DATE'") == 30


def test_two_sources_name_their_partitions_twice_so_that_others_are_skipped() -> None:
    assert predicate([*days(1), *days(1, source="cafe")], GRAINS, has_period=True) == (
        "source IN ('cafe', 'shop') AND period IN ('2024-01-01', 'all') AND ("
        "(source = 'cafe' AND period IN ('all') AND (day BETWEEN DATE'2024-01-01' AND DATE'2024-01-01')) OR "
        "(source = 'shop' AND period IN ('2024-01-01') AND (day BETWEEN DATE'2024-01-01' AND DATE'2024-01-01')))"
    )


def test_rows_without_a_period_are_told_by_source_and_day() -> None:
    assert predicate(days(1), GRAINS, has_period=False) == (
        "(source = 'shop' AND (day BETWEEN DATE'2024-01-01' AND DATE'2024-01-01'))"
    )


def test_buckets_and_whole_sources() -> None:
    assert predicate([("shop", 2), ("shop", 0)], GRAINS, has_period=True) == "(source = 'shop' AND bucket IN (0, 2))"
    assert predicate([("shop",)], GRAINS, has_period=True) == "(source = 'shop')"


def test_units_of_one_source_are_of_one_kind() -> None:
    with pytest.raises(ValueError, match="shop: units of two kinds"):
        predicate([("shop",), *days(1)], GRAINS, has_period=True)


def test_no_unit_is_no_row() -> None:
    assert predicate([], GRAINS, has_period=True) == "false"


def test_a_name_that_is_none_never_becomes_sql() -> None:
    with pytest.raises(ValueError, match="is not a source name"):
        predicate([("shop' OR 'a' = 'a",)], GRAINS, has_period=True)
