"""Spans of texts on their way out of a Python worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

_FIELDS = {"start": "int", "end": "int", "label": "string", "confidence": "double", "name": "string",
           "source": "string", "item_id": "string"}  # fmt: skip
SPANS = f"array<struct<{','.join(f'{name}:{kind}' for name, kind in _FIELDS.items())}>>"


def to_arrow(found: Sequence[Sequence[Mapping[str, Any]] | None]) -> pa.Array:
    """The spans of each text as rows of that type; null where a text was not looked through."""
    import pyarrow as pa

    arrow = {"int": pa.int32(), "string": pa.string(), "double": pa.float64()}
    return pa.array(found, pa.list_(pa.struct([(name, arrow[kind]) for name, kind in _FIELDS.items()])))
