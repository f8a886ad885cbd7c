"""Exact numbers: shares, means and decay in whole numbers, so that both engines and every order of rows agree."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

from sqlglot import exp

from include.traits.dialect import Dialect

DECAY_ONE = 2**40  # weight of one action on the latest day of the user, or of those followed
_TABLE_BITS = 60  # precision of the table behind it
_HALVINGS = 42  # after so many a weight is 0


def decay_table(half_life: int) -> list[int]:
    """2^(60 - r/half_life) for r = 0 .. half_life - 1, to the nearest whole number."""
    with localcontext() as context:
        context.prec = 60
        powers = (Decimal(2) ** (_TABLE_BITS - Decimal(r) / half_life) for r in range(half_life))
        return [int(p.to_integral_value(ROUND_HALF_UP)) for p in powers]


def decay_factor(age: exp.Expr, half_life: int, dialect: Dialect) -> exp.Expr:
    """round(2^(-age / half_life) * 2^40) for `age` days >= 0, without floats.

    With age = q * half_life + r it is table[r] / 2^(20 + q), rounded. A `pow` would differ between engines in the
    last bit, and a rounded last bit is another published row.
    """
    age = exp.func("LEAST", age, number(_HALVINGS * half_life))
    table = exp.array(*(number(t) for t in decay_table(half_life)))
    halves = exp.array(*(number(2 ** (_TABLE_BITS - 40 - 1 + q)) for q in range(_HALVINGS + 1)))
    rest = exp.Mod(this=exp.paren(age), expression=number(half_life))
    power = dialect.at(table, exp.paren(rest) + number(1))
    half = dialect.at(halves, int_div(age, number(half_life)) + number(1))
    return int_div(exp.paren(power + half), exp.paren(half * number(2)))


def share(part: exp.Expr, total: exp.Expr) -> exp.Expr:
    """part / total for whole numbers 0 <= part <= total, total > 0: a double of 6 decimals, half rounded up."""
    millionths = int_div(exp.paren(part * number(2_000_000) + total), exp.paren(total * number(2)))
    return exp.cast(millionths, "double") / number(1_000_000)


def mean(thousandths: exp.Expr, count: exp.Expr) -> exp.Expr:
    """Mean of decimals given as their sum in thousandths, count > 0: decimal(15,6), half rounded away from zero."""
    doubled = exp.func("ABS", thousandths) * number(2_000)
    millionths = int_div(exp.paren(doubled + count), exp.paren(count * number(2)))
    signed = exp.case().when(thousandths < number(0), exp.Neg(this=millionths)).else_(millionths)
    exact = exp.cast(signed, "decimal(21, 0)") * exp.cast(number("0.000001"), "decimal(6, 6)")
    return exp.cast(exact, "decimal(15, 6)")


def int_div(a: exp.Expr, b: exp.Expr) -> exp.Expr:
    """Whole part of a / b for a >= 0 and b > 0."""
    return exp.paren(exp.IntDiv(this=exp.paren(a), expression=exp.paren(b)))


def number(value: int | str) -> exp.Expr:
    return exp.Literal.number(value)
