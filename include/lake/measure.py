"""Counts of all that is staged, beside what is published: what differs, and how many rows break which rule.

One query. The rows of all tables go through one aggregation, their keys through another: with some for each table,
planning would take longer than counting.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from include.derive.suite import rules_of
from include.gate import Measured
from include.lake.frames import few_rows, union
from include.lake.read import Reader
from include.lake.units import APPENDED, TYPES, Unit
from include.tables.model import Rule, Table

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, Row

    from include.lake.publish import Staged

_UNIT = ("number", "is_new", *TYPES)
_ROW = -1  # in place of the number of a rule: the row itself


@dataclass
class Measures:
    """What the pass found: per table the units that differ from what is published, and the counts for the gate."""

    changed: dict[str, list[Unit]] = field(default_factory=dict)
    counts: list[Measured] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)


def measure(staged: Sequence[Staged], reader: Reader, grains: Mapping[str, str]) -> Measures:
    """Counts of all staged rows, and of the published rows of the same units to compare with."""
    rows, combinations = [], []
    for number, s in enumerate(staged):
        rows.append(_hashed(s.frame, s.table, number, is_new=True))
        if s.table.replaced_by:
            published = reader.units(s.table.name, s.units, grains)
            rows.append(_hashed(published, s.table, number, is_new=False))
        combinations += [_combinations(s, number, i, r) for i, r in enumerate(rules_of(s.table)) if r.unique or r.same]
    if not rows:
        return Measures()
    counted = [_counted(rows), *([_distinct(combinations)] if combinations else [])]
    found = few_rows(union(counted), "measures")
    result = Measures()
    for number, s in enumerate(staged):
        mine = [row for row in found if row["number"] == number]
        new, old = (_units(s.table, mine, is_new=side) for side in (True, False))
        result.changed[s.table.name] = [unit for unit in s.units if new.get(unit) != old.get(unit)]
        result.rows[s.table.name] = of = sum(count for count, _ in new.values())
        numbers = {row["rule"]: row["n"] for row in mine}
        for i, rule in enumerate(rules_of(s.table)):
            n = numbers.get(i, 0)
            failing = of - n if rule.unique else n
            result.counts.append(Measured(s.table.name, rule.name, rule.severity, failing, of, rule.why))
    return result


def _hashed(frame: DataFrame, table: Table, number: int, *, is_new: bool) -> DataFrame:
    """A row for each row: its unit, its hash, and the numbers of the rules it breaks, after `_ROW`."""
    rules = enumerate(rules_of(table)) if is_new else ()
    broken = [F.when(F.expr(r.failing), i) for i, r in rules if r.failing]
    hashed = F.xxhash64(*(_hashable(c.name, c.type) for c in table.exact_columns))
    return frame.select(
        *_unit_columns(table, number, is_new=is_new),
        hashed.alias("content"),
        F.array_compact(F.array(F.lit(_ROW), *broken)).alias("rules"),
    )


def _hashable(name: str, ddl: str) -> Column:
    return F.array_sort(F.map_entries(name)) if ddl.startswith("map") else F.col(name)


def _combinations(staged: Staged, number: int, rule_number: int, rule: Rule) -> DataFrame:
    """A row for each row: its unit, and what must be unique or the same, as texts."""
    values = [F.expr(e).cast("string") for e in rule.unique or rule.same]
    rows = staged.frame.select(
        *_unit_columns(staged.table, number, is_new=True),
        F.lit(rule_number).alias("rule"),
        F.lit(int(bool(rule.same))).alias("free"),
        F.array(*values).alias("of"),
    )
    return rows.where(F.forall("of", lambda value: value.isNotNull())) if rule.same else rows


def _unit_columns(table: Table, number: int, *, is_new: bool) -> list[Column]:
    values = ((F.col(n) if n in table.replaced_by else F.lit(None)).cast(t).alias(n) for n, t in TYPES.items())
    return [F.lit(number).alias("number"), F.lit(is_new).alias("is_new"), *values]


def _counted(parts: Iterable[DataFrame]) -> DataFrame:
    """One row a unit with its `n` rows and the sum of their hashes, and one a rule with the `n` rows that break it."""
    rows = union(parts).withColumn("rule", F.explode("rules"))
    is_row = F.col("rule") == _ROW
    of_unit = [F.when(is_row, F.col(name)).alias(name) for name in TYPES]
    content = F.sum(F.when(is_row, F.col("content")).cast("decimal(20,0)"))
    keyed = rows.select("number", "is_new", *of_unit, "rule", "content")
    return keyed.groupBy(*_UNIT, "rule").agg(F.count("*").alias("n"), content.alias("content"))


def _distinct(parts: Iterable[DataFrame]) -> DataFrame:
    """The same columns, one row a rule: `n` combinations of the units together, of each only those beyond `free`."""
    of_unit = union(parts).distinct().groupBy(*_UNIT, "rule", "free").agg(F.count("*").alias("n"))
    of_rule = of_unit.groupBy("number", "is_new", "rule").agg(F.sum(F.col("n") - F.col("free")).alias("n"))
    nothing = [F.lit(None).cast(ddl).alias(name) for name, ddl in TYPES.items()]
    return of_rule.select("number", "is_new", *nothing, "rule", "n", F.lit(None).cast("decimal(30,0)").alias("content"))


def _units(table: Table, rows: list[Row], *, is_new: bool) -> dict[Unit, tuple[int, int]]:
    """Unit to its number of rows and their content, which no order changes: the sum of the hashes of exact columns."""
    mine = [row for row in rows if row["rule"] == _ROW and row["is_new"] is is_new]
    return {tuple(row[c] for c in table.replaced_by) or APPENDED: (row["n"], int(row["content"])) for row in mine}
