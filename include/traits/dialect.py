"""The few things Spark and DuckDB say differently and sqlglot does not translate. Arguments and results are trees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

Name = Literal["spark", "duckdb"]


def _call(name: str, *arguments: exp.Expr | int) -> exp.Expr:
    """A function by the name the engine knows, untouched by sqlglot."""
    return exp.Anonymous(this=name, expressions=[exp.Literal.number(a) if isinstance(a, int) else a for a in arguments])


@dataclass(frozen=True)
class Dialect:
    """Names and types of one engine. Lists are counted from 1 in both."""

    name: Name
    whole: str  # type of a whole number of 38 digits that multiplies without being widened
    collect: str
    sort: str
    cut: str
    transform: str
    element: str
    overlap: str

    def big(self, value: exp.Expr) -> exp.Expr:
        """`value` as a whole number that products of counts, amounts and decay factors fit into."""
        return exp.cast(value, self.whole, dialect=self.name)

    def days(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        """Days from one date to another. (Spark's DATEDIFF with a unit goes through local timestamps.)"""
        if self.name == "spark":
            return _call("DATEDIFF", end, start)
        return exp.DateDiff(this=end, expression=start, unit=exp.var("DAY"))

    def same_day(self, one: exp.Expr, other: exp.Expr) -> exp.Expr:
        """Equality that a join may add to (source, user_key). Spark would move all rows again for a third key of a
        join, though a user's rows are together already; for two comparisons it does not."""
        if self.name == "spark":
            return exp.and_(one <= other, one.copy() >= other.copy())
        return one.eq(other)

    def at(self, items: exp.Expr, position: exp.Expr | int) -> exp.Expr:
        """The element at `position`; negative positions count from the end. Null outside."""
        if isinstance(position, exp.Expr):
            position = exp.cast(position, "int")
        return _call(self.element, items, position)

    def overlaps(self, some: exp.Expr, others: exp.Expr) -> exp.Expr:
        """Whether two lists have an element in common."""
        return _call(self.overlap, some, others)

    def smallest(self, row: Mapping[str, exp.Expr], keep: exp.Expr, k: int) -> exp.Expr:
        """Aggregate: the `k` smallest structs `row` of those with `keep`, compared field by field."""
        collected = exp.Filter(this=_call(self.collect, struct(row)), expression=exp.Where(this=keep))
        return _call(self.cut, _call(self.sort, collected), 1, k)

    def each(self, items: exp.Expr, build: Callable[[Callable[[str], exp.Expr]], exp.Expr]) -> exp.Expr:
        """The list of `build(field)` over the structs in `items`; `field(name)` is a field of the struct."""
        body = build(lambda field: exp.Dot(this=exp.to_identifier("x"), expression=exp.to_identifier(field)))
        return _call(self.transform, items, exp.Lambda(this=body, expressions=[exp.to_identifier("x")]))

    def beside(self, query: exp.Select) -> exp.Select:
        """Tells Spark to bring a user's rows together at once, so that no later grouping moves them again."""
        if self.name == "spark":
            return query.hint("REPARTITION(source, user_key)", dialect="spark")
        return query


SPARK = Dialect("spark", "DECIMAL(38, 0)", "COLLECT_LIST", "ARRAY_SORT", "SLICE", "TRANSFORM", "TRY_ELEMENT_AT",
                "ARRAYS_OVERLAP")  # fmt: skip
DUCKDB = Dialect("duckdb", "HUGEINT", "LIST", "LIST_SORT", "LIST_SLICE", "LIST_TRANSFORM", "LIST_EXTRACT",
                 "LIST_HAS_ANY")  # fmt: skip
DIALECTS: dict[Name, Dialect] = {"spark": SPARK, "duckdb": DUCKDB}


def struct(fields: Mapping[str, exp.Expr]) -> exp.Expr:
    """A struct with the fields in this order."""
    return exp.Struct(
        expressions=[exp.PropertyEQ(this=exp.to_identifier(name), expression=value) for name, value in fields.items()]
    )
