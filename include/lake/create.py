"""Set-up of a lake: every declared table exists before anything writes, so that no two writers create one.

Tables are created by delta-rs, without Spark, in milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from deltalake import DeltaTable, Field, Schema
from deltalake.exceptions import TableNotFoundError
from deltalake.schema import ArrayType, StructType

from include.derive.schema import to_json
from include.lake.open import open_table
from include.privacy import read_key, require_lake_key
from include.settings import Settings
from include.tables.model import Column, Privacy, Table

_MAY_BE_STATISTIC = {Privacy.NONE, Privacy.PSEUDONYM}
_LITERAL = re.compile(r"'([^']*)'")
_HAS_STATISTICS = re.compile(r"string|int|bigint|double|date|timestamp|decimal\(.*\)")


def create_lake(settings: Settings, tables: Iterable[Table]) -> None:
    """Create what is missing, add columns and values that were declared since. Refuses another key or a newer lake."""
    require_lake_key(settings.lake, read_key(settings.key_file), create=True)
    settings.bronze.mkdir(parents=True, exist_ok=True, mode=0o700)
    for table in tables:
        try:
            existing = open_table(settings, table.name)
        except TableNotFoundError:
            _create(str(settings.table_path(table.name)), table)
        else:
            _add_columns(existing, table)
            _allow_values(existing, table)


def statistics_columns(table: Table) -> tuple[str, ...]:
    """The columns whose smallest and largest value may stand in the table's log."""
    return tuple(
        c.name
        for c in table.columns
        if c.privacy in _MAY_BE_STATISTIC and c.name not in table.partition_by and _HAS_STATISTICS.fullmatch(c.type)
    )


def constraints(table: Table) -> dict[str, str]:
    """CHECK constraints by name: what the gate checks too, here for any other writer."""
    return {f"{c.name}_{kind}": f"{c.name} is null or {rule}" for c in table.columns for kind, rule in _limits(c)}


def _limits(column: Column) -> list[tuple[str, str]]:
    rules = []
    if column.allowed:
        values = ", ".join(f"'{value}'" for value in column.allowed)
        rules.append(("allowed", f"{column.name} in ({values})"))
    for kind, sign, limit in (("low", ">=", column.low), ("high", "<=", column.high)):
        # delta-rs 1.6.6 writes a decimal 1 of three digits as 1000; the gate has the rule as declared.
        if limit is not None and (limit == "0" or not column.type.startswith("decimal")):
            rules.append((kind, f"{column.name} {sign} {limit}"))
    return rules


def _create(path: str, table: Table) -> None:
    created = DeltaTable.create(
        path,
        schema=Schema.from_json(to_json(table)),
        mode="ignore",
        partition_by=list(table.partition_by) or None,
        name=table.name,
        description=f"{table.grain}. {table.about}",
        configuration={"delta.dataSkippingStatsColumns": ",".join(statistics_columns(table))},
    )
    checks = constraints(table)
    if checks:
        created.alter.add_constraint(checks)


def _add_columns(existing: DeltaTable, table: Table) -> None:
    """And fields of the structs in a list."""
    have = {field.name: field.type for field in existing.schema().fields}
    declared = Schema.from_json(to_json(table)).fields
    new = [
        Field(f.name, f.type, nullable=True, metadata=f.metadata) for f in declared if _is_wider(f, have.get(f.name))
    ]
    if new:
        existing.alter.add_columns(new)


def _is_wider(declared: Field, there: object) -> bool:
    """Whether the column is new, or the structs in its list have got a field."""
    if there is None:
        return True
    structs = [kind.element_type for kind in (declared.type, there) if isinstance(kind, ArrayType)]
    names = [{field.name for field in kind.fields} for kind in structs if isinstance(kind, StructType)]
    return len(names) == 2 and not names[0] <= names[1]


def _allow_values(existing: DeltaTable, table: Table) -> None:
    """Constraints of the values that columns may hold, where others are declared now; delta-rs words them its way."""
    stored = existing.metadata().configuration
    for column in table.columns:
        name = f"{column.name}_allowed"
        before = stored.get(f"delta.constraints.{name}")
        if column.allowed and before is not None and set(_LITERAL.findall(before)) != set(column.allowed):
            existing.alter.drop_constraint(name)
            existing.alter.add_constraint({name: constraints(table)[name]})
