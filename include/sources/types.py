"""The types a description may give its columns, as far as expressions must know them. No Spark here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from include.derive.schema import type_json

# Other words for the same Spark types, as people write them.
_ALSO = {"integer": "int", "long": "bigint", "smallint": "int", "float": "double", "text": "string",
         "bool": "boolean", "decimal": "decimal(38,9)"}  # fmt: skip
_KINDS = {"string": "text", "boolean": "truth", "integer": "number", "long": "number", "double": "number",
          "date": "date", "timestamp": "time"}  # fmt: skip
KNOWN = "string, boolean, int, bigint, double, decimal(p,s), date, timestamp, array<t>, map<string,t>, struct<name:t>"


@dataclass(frozen=True)
class Type:
    """What an expression gives: text, number, truth, date, time, list, map, struct, or nothing (the word null).

    `of` is the type of the elements of a list or of the values of a map; `fields` are those of a struct.
    """

    kind: str
    of: Type | None = None
    fields: tuple[tuple[str, Type], ...] = ()

    def __str__(self) -> str:
        return f"{self.kind} of {self.of}" if self.of else self.kind


TEXT, NUMBER, TRUTH = Type("text"), Type("number"), Type("truth")
DATE, TIME, NOTHING = Type("date"), Type("time"), Type("nothing")
TEXTS = Type("list", TEXT)


def plain(ddl: str) -> str:
    """The type as this project writes it: small letters, no blanks, one word for each type."""
    ddl = re.sub(r"\s+", "", ddl)
    word = ddl.lower()
    if word in _ALSO:
        return _ALSO[word]
    if word.startswith("array<") and word.endswith(">"):
        return f"array<{plain(ddl[6:-1])}>"
    return word if "<" not in word else ddl


def parse_type(ddl: str) -> Type:
    """The type of a declared column; ValueError with the known types if there is no such type."""
    if len(ddl) > 2000:
        raise ValueError(f"a type of {len(ddl)} characters; flatten it")
    try:
        return _type(type_json(plain(ddl)))
    except (ValueError, RecursionError):
        raise ValueError(f"unknown type {ddl[:60]!r}; known are {KNOWN}") from None


def is_json(ddl: str) -> bool:
    """True for the types that are read from JSON text."""
    return plain(ddl).startswith(("array<", "map<", "struct<"))


def _type(spec: Any) -> Type:
    if isinstance(spec, str):
        digits = re.fullmatch(r"decimal\((\d+),(\d+)\)", spec)
        if digits is None:
            return Type(_KINDS[spec])
        if not (1 <= int(digits[1]) <= 38 and int(digits[2]) <= int(digits[1])):
            raise ValueError(spec)
        return NUMBER
    if spec["type"] == "array":
        return Type("list", _type(spec["elementType"]))
    if spec["type"] == "map":
        if spec["keyType"] != "string":
            raise ValueError("map keys are strings in JSON")
        return Type("map", _type(spec["valueType"]))
    names = [f["name"] for f in spec["fields"]]
    if not all(re.fullmatch(r"\w+", n) for n in names) or len({n.lower() for n in names}) != len(names):
        raise ValueError("struct fields need different, simple names")
    return Type("struct", fields=tuple((f["name"], _type(f["type"])) for f in spec["fields"]))
