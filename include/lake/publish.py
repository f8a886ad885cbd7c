"""Staging, gate, commit: the second half of every application.

Everything an application built is measured in one pass, beside what is published already. The gate judges the
measures of all tables; only then is each unit whose content differs replaced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial, reduce
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from include.derive.schema import to_struct
from include.derive.suite import rules_of
from include.gate import Measured
from include.lake.read import Reader, few_rows
from include.lake.side_by_side import side_by_side
from include.lake.units import TYPES, Unit, period_column, predicate, select_units
from include.tables.model import Table

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, Row

    from include.lake.turn import Turn


APPENDED: Unit = ("",)
_ROWS_OF_A_FILE = 100_000


@dataclass(frozen=True)
class Staged:
    """Rows built for a table, and the units they replace. Units without rows become empty.

    Rows of a table that is only appended to replace nothing: they are one unit, `APPENDED`.
    """

    table: Table
    frame: DataFrame
    units: list[Unit]


@dataclass
class Measures:
    """What the pass found: per table the units that differ from what is published, and the counts for the gate."""

    changed: dict[str, list[Unit]] = field(default_factory=dict)
    counts: list[Measured] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)


def stage(table: Table, frame: DataFrame, units: Sequence[Unit], grains: Mapping[str, str]) -> Staged:
    """Rows in declared columns, types and partitions."""
    if "period" in table.partition_by:
        frame = frame.withColumn("period", period_column(F.col("day"), F.col("source"), grains))
    columns = [
        F.col(c.name).cast(t.dataType).alias(c.name) for c, t in zip(table.columns, to_struct(table), strict=True)
    ]
    return Staged(table, frame.select(*columns), sorted(set(units)))


def measure(staged: Sequence[Staged], reader: Reader, grains: Mapping[str, str]) -> Measures:
    """One pass over all staged rows and over the published rows of the same units."""
    parts = []
    for number, s in enumerate(staged):
        parts.append(_per_unit(s.frame, s.table, number, is_new=True))
        if s.table.replaced_by:
            published = select_units(reader.table(s.table.name), s.table, s.units, grains)
            parts.append(_per_unit(published, s.table, number, is_new=False))
    if not parts:
        return Measures()
    found = few_rows(reduce(lambda a, b: a.unionByName(b), parts), "measures")
    result = Measures()
    for number, s in enumerate(staged):
        mine = [row for row in found if row["number"] == number]
        new = {_unit(row, s.table): row for row in mine if row["is_new"]}
        old = {_unit(row, s.table): row for row in mine if not row["is_new"]}
        result.changed[s.table.name] = [u for u in s.units if _content(new.get(u)) != _content(old.get(u))]
        result.rows[s.table.name] = sum(row["rows"] for row in new.values())
        result.counts += _counts(s.table, list(new.values()))
    return result


def commit(turn: Turn, staged: Sequence[Staged], measures: Measures, grains: Mapping[str, str]) -> None:
    """Replace every unit that differs. A table without one is not written.

    Readers see all tables at once, when the release names their versions.
    """
    side_by_side([partial(_write, turn, s, measures, grains) for s in staged if measures.changed[s.table.name]])


def _write(turn: Turn, s: Staged, measures: Measures, grains: Mapping[str, str]) -> None:
    units = measures.changed[s.table.name]
    if not s.table.replaced_by:
        files = -(-measures.rows[s.table.name] // _ROWS_OF_A_FILE)
        rows = s.frame.repartition(files, *s.table.key).sortWithinPartitions(*s.table.partition_by, *s.table.key)
        turn.write(s.table.name, rows)
    else:
        rows = s.frame if len(units) == len(s.units) else select_units(s.frame, s.table, units, grains)
        order = dict.fromkeys([*s.table.partition_by, *s.table.replaced_by, *s.table.key])
        rows = rows.repartition(*s.table.partition_by).sortWithinPartitions(*order)
        turn.write(s.table.name, rows, predicate(s.table, units, grains))


def content_hash(table: Table) -> Column:
    """Order-free: the sum of the 64-bit hashes of the rows' exact columns, as a decimal."""
    columns = [_hashable(c.name, c.type) for c in table.exact_columns]
    return F.coalesce(F.sum(F.xxhash64(*columns).cast("decimal(20,0)")), F.lit(0)).cast("decimal(38,0)")


def _hashable(name: str, ddl: str) -> Column:
    return F.array_sort(F.map_entries(name)) if ddl.startswith("map") else F.col(name)


def _per_unit(frame: DataFrame, table: Table, number: int, *, is_new: bool) -> DataFrame:
    """One row a unit: rows, content hash, and how many rows fail each rule."""
    failing = [F.expr(rule.failing).cast("bigint") for rule in rules_of(table)] if is_new else []
    grouped = frame.groupBy(*table.replaced_by).agg(
        F.count(F.lit(1)).alias("rows"),
        content_hash(table).alias("content"),
        F.array(*failing).cast("array<bigint>").alias("failing"),
    )
    return grouped.select(
        F.lit(number).alias("number"),
        F.lit(is_new).alias("is_new"),
        *((F.col(n) if n in table.replaced_by else F.lit(None)).cast(t).alias(n) for n, t in TYPES.items()),
        "rows",
        "content",
        "failing",
    )


def _unit(row: Row, table: Table) -> Unit:
    return tuple(row[column] for column in table.replaced_by) or APPENDED


def _content(row: Row | None) -> tuple[int, object] | None:
    return None if row is None or not row["rows"] else (row["rows"], row["content"])


def _counts(table: Table, rows: list[Row]) -> list[Measured]:
    of = sum(row["rows"] for row in rows)
    counts = []
    for i, rule in enumerate(rules_of(table)):
        failing = sum(row["failing"][i] or 0 for row in rows)
        counts.append(Measured(table.name, rule.name, rule.severity, failing, of, rule.why))
    return counts
