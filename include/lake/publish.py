"""Staging, gate, commit: the second half of every application.

Everything an application built is measured in one pass, beside what is published already. The gate judges the
measures of all tables; only then is each unit whose content differs replaced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from include.derive.schema import to_struct
from include.lake.measure import Measures
from include.lake.side_by_side import side_by_side
from include.lake.units import Unit, period_column, predicate, select_units
from include.tables.model import Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from include.lake.turn import Turn


_ROWS_OF_A_FILE = 100_000


@dataclass(frozen=True)
class Staged:
    """Rows built for a table, and the units they replace. Units without rows become empty.

    Rows of a table that is only appended to replace nothing: they are one unit, `APPENDED`.
    """

    table: Table
    frame: DataFrame
    units: list[Unit]


def stage(table: Table, frame: DataFrame, units: Sequence[Unit], grains: Mapping[str, str]) -> Staged:
    """Rows in declared columns, types and partitions."""
    if "period" in table.partition_by:
        frame = frame.withColumn("period", period_column(F.col("day"), F.col("source"), grains))
    columns = [
        F.col(c.name).cast(t.dataType).alias(c.name) for c, t in zip(table.columns, to_struct(table), strict=True)
    ]
    return Staged(table, frame.select(*columns), sorted(set(units)))


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
        rows = s.frame if len(units) == len(s.units) else select_units(s.frame, units, grains)
        order = dict.fromkeys([*s.table.partition_by, *s.table.replaced_by, *s.table.key])
        rows = rows.repartition(*s.table.partition_by).sortWithinPartitions(*order)
        turn.write(s.table.name, rows, predicate(units, grains, has_period="period" in s.table.column_names))
