"""The schema of a declared table, as Delta and Spark write it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from include.tables.model import Column, Table

if TYPE_CHECKING:
    from pyspark.sql.types import StructType

_SIMPLE = {"string": "string", "boolean": "boolean", "int": "integer", "bigint": "long", "double": "double",
           "float": "float", "date": "date", "timestamp": "timestamp"}  # fmt: skip


def to_json(table: Table) -> str:
    """The schema as JSON, the form that both Delta's log and Spark's StructType read."""
    return json.dumps({"type": "struct", "fields": [_field(c) for c in table.columns]})


def to_struct(table: Table) -> StructType:
    """The same as a Spark type, with column comments."""
    from pyspark.sql.types import StructType

    return StructType.fromJson(json.loads(to_json(table)))


def comment(column: Column) -> str:
    """What the catalogue shows beside the column."""
    unit = f" [{column.unit}]" if column.unit else ""
    return f"{column.about}{unit} ({column.privacy})"


def type_json(ddl: str) -> Any:
    """A DDL type word as the JSON form of that type."""
    ddl = ddl.strip()
    if ddl in _SIMPLE:
        return _SIMPLE[ddl]
    if re.fullmatch(r"decimal\(\d+,\d+\)", ddl):
        return ddl
    outer, _, inner = ddl.removesuffix(">").partition("<")
    if outer == "array":
        return {"type": "array", "elementType": type_json(inner), "containsNull": True}
    if outer == "map":
        key, value = _split(inner)
        return {"type": "map", "keyType": type_json(key), "valueType": type_json(value), "valueContainsNull": True}
    if outer == "struct":
        named = (part.partition(":") for part in _split(inner))
        fields = [{"name": n.strip(), "type": type_json(t), "nullable": True, "metadata": {}} for n, _, t in named]
        return {"type": "struct", "fields": fields}
    raise ValueError(f"unknown type {ddl!r} in a table declaration")


def _field(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": type_json(column.type),
        "nullable": column.nullable,
        "metadata": {"comment": comment(column)},
    }


def _split(text: str) -> list[str]:
    """Split at the commas that are not inside brackets."""
    parts, depth, start = [], 0, 0
    for i, char in enumerate(text):
        depth += (char in "<(") - (char in ">)")
        if char == "," and depth == 0:
            parts.append(text[start:i])
            start = i + 1
    return [*parts, text[start:]]
