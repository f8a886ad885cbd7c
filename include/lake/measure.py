"""One pass over all that is staged, beside what is published: what differs, and how many rows break which rule.

The rows of all tables go through one aggregation: with one for each table, planning would take longer than counting.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from include.derive.suite import rules_of
from include.gate import Measured
from include.lake.frames import few_rows, union
from include.lake.read import Reader
from include.lake.units import TYPES, Unit
from include.tables.model import Rule, Table

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, Row

    from include.lake.publish import Staged

APPENDED: Unit = ("",)
_UNIT = ("number", "is_new", *TYPES)
_NONE = -1  # the number of no rule


@dataclass
class Measures:
    """What the pass found: per table the units that differ from what is published, and the counts for the gate."""

    changed: dict[str, list[Unit]] = field(default_factory=dict)
    counts: list[Measured] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)


@dataclass
class _OfUnit:
    """What was counted in one unit. `content` is order-free: the sum of the hashes of the rows' exact columns."""

    rows: int = 0
    content: int = 0
    failing: Counter[int] = field(default_factory=Counter)  # rule number to rows that break it


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
    found = few_rows(_counted(rows).unionByName(_distinct(combinations)), "measures")
    result = Measures()
    for number, s in enumerate(staged):
        mine = [row for row in found if row["number"] == number]
        new, old = (_units(s.table, [row for row in mine if row["is_new"] is side]) for side in (True, False))
        differs = [u for u in s.units if (new[u].rows, new[u].content) != (old[u].rows, old[u].content)]
        result.changed[s.table.name] = differs
        result.rows[s.table.name] = sum(unit.rows for unit in new.values())
        result.counts += _counts(s.table, list(new.values()))
    return result


def _hashed(frame: DataFrame, table: Table, number: int, *, is_new: bool) -> DataFrame:
    """A row for each row: its unit, its hash, and the numbers of the rules it breaks."""
    rules = enumerate(rules_of(table)) if is_new else ()
    broken = [F.when(F.expr(r.failing), i).otherwise(_NONE) for i, r in rules if r.failing]
    hashed = F.xxhash64(*(_hashable(c.name, c.type) for c in table.exact_columns))
    return frame.select(
        *_unit_columns(table, number, is_new=is_new),
        hashed.alias("content"),
        F.array_remove(F.array(*broken).cast("array<int>"), _NONE).alias("broken"),
    )


def _hashable(name: str, ddl: str) -> Column:
    return F.array_sort(F.map_entries(name)) if ddl.startswith("map") else F.col(name)


def _combinations(staged: Staged, number: int, rule_number: int, rule: Rule) -> DataFrame:
    """A row for each row: its unit, and what must be unique or the same, as texts."""
    values = [F.expr(e).cast("string") for e in rule.unique or rule.same]
    rows = staged.frame.select(
        *_unit_columns(staged.table, number, is_new=True),
        F.lit(rule_number).alias("rule"),
        F.array(*values).alias("of"),
    )
    return rows.where(F.forall("of", lambda value: value.isNotNull())) if rule.same else rows


def _unit_columns(table: Table, number: int, *, is_new: bool) -> list[Column]:
    values = ((F.col(n) if n in table.replaced_by else F.lit(None)).cast(t).alias(n) for n, t in TYPES.items())
    return [F.lit(number).alias("number"), F.lit(is_new).alias("is_new"), *values]


def _counted(parts: Iterable[DataFrame]) -> DataFrame:
    """One row a unit and rule that rows of it break, and one for its rows that break none.

    `failing` rows break the rule; of them `rows` are counted here and nowhere else, with the sum of their hashes.
    """
    exploded = union(parts).select(*_UNIT, "content", F.posexplode_outer("broken").alias("nth", "rule"))
    is_first = F.coalesce("nth", F.lit(0)) == 0
    content = F.sum(F.when(is_first, F.col("content")).cast("decimal(20,0)"))
    return exploded.groupBy(*_UNIT, "rule").agg(
        F.count("*").alias("failing"), F.count_if(is_first).alias("rows"), content.alias("content")
    )


def _distinct(parts: Iterable[DataFrame]) -> DataFrame:
    """The same columns: one row a unit and rule, `failing` is how many combinations there are."""
    combined = union(parts).distinct().groupBy(*_UNIT, "rule").agg(F.count("*").alias("failing"))
    return combined.select("*", F.lit(0).cast("bigint").alias("rows"), F.lit(0).cast("decimal(30,0)").alias("content"))


def _units(table: Table, rows: list[Row]) -> defaultdict[Unit, _OfUnit]:
    units: defaultdict[Unit, _OfUnit] = defaultdict(_OfUnit)
    for row in rows:
        unit = units[tuple(row[column] for column in table.replaced_by) or APPENDED]
        unit.rows += row["rows"]
        unit.content += int(row["content"] or 0)
        if row["rule"] is not None:
            unit.failing[row["rule"]] += row["failing"]
    return units


def _counts(table: Table, units: list[_OfUnit]) -> list[Measured]:
    of = sum(unit.rows for unit in units)
    return [
        Measured(table.name, rule.name, rule.severity, sum(_failing(rule, i, unit) for unit in units), of, rule.why)
        for i, rule in enumerate(rules_of(table))
    ]


def _failing(rule: Rule, number: int, unit: _OfUnit) -> int:
    found = unit.failing[number]
    if rule.unique:
        return unit.rows - found
    return max(found - 1, 0) if rule.same else found
