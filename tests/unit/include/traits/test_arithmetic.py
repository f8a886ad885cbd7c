"""Whole-number decay, shares and means against decimals of 60 digits."""

from decimal import ROUND_HALF_UP, Decimal, localcontext

import duckdb
import pytest
from sqlglot import exp

from include.traits.arithmetic import DECAY_ONE, decay_factor, mean, share
from include.traits.dialect import DUCKDB


@pytest.mark.parametrize("half_life", [1, 2, 7, 30, 90, 365])
def test_decay_is_the_rounded_power_for_every_age_until_it_is_nothing(half_life: int) -> None:
    factor = decay_factor(exp.column("age"), half_life, DUCKDB)
    ages = range(43 * half_life)
    query = exp.select(factor).from_(exp.to_table("ages")).order_by("age").sql("duckdb")
    connection = duckdb.connect()
    connection.execute("create table ages as select unnest(range(?)) as age", [len(ages)])
    found = [row[0] for row in connection.execute(query).fetchall()]
    with localcontext() as context:
        context.prec = 60
        exact = [(Decimal(2) ** (Decimal(-age) / half_life) * DECAY_ONE) for age in ages]
        assert found == [int(e.to_integral_value(ROUND_HALF_UP)) for e in exact]


def test_decay_starts_at_2_to_40_and_halves() -> None:
    def weight(age: int) -> int:
        query = exp.select(decay_factor(exp.Literal.number(age), 10, DUCKDB)).sql("duckdb")
        return int(duckdb.sql(query).fetchall()[0][0])

    assert [weight(0), weight(10), weight(20), weight(400), weight(10_000)] == [2**40, 2**39, 2**38, 1, 0]


@pytest.mark.parametrize(
    ("part", "total", "expected"),
    [(1, 3, 0.333333), (2, 3, 0.666667), (0, 5, 0.0), (1, 2_000_000, 1e-06), (10**25, 3 * 10**25, 0.333333)],
)  # fmt: skip
def test_a_share_has_six_decimals_with_halves_rounded_up(part: int, total: int, expected: float) -> None:
    one, all_of_it = (DUCKDB.big(exp.Literal.number(n)) for n in (part, total))
    assert duckdb.sql(exp.select(share(one, all_of_it)).sql("duckdb")).fetchall()[0][0] == expected


@pytest.mark.parametrize(
    ("thousandths", "count", "expected"),
    [
        (8500, 2, "4.250000"),
        (10000, 3, "3.333333"),
        (-10000, 3, "-3.333333"),
        (20000, 3, "6.666667"),
        (0, 4, "0.000000"),
    ],
)
def test_a_mean_has_six_decimals(thousandths: int, count: int, expected: str) -> None:
    added, counted = (DUCKDB.big(exp.Literal.number(n)) for n in (thousandths, count))
    assert duckdb.sql(exp.select(mean(added, counted)).sql("duckdb")).fetchall()[0][0] == Decimal(expected)
