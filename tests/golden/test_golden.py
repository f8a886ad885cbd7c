"""Golden cases: files of a source in, hand-written rows of tables out. A case compares the columns that it names."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from include.lake.catalogue import declared
from include.lake.open import open_dataset
from include.privacy import pseudonym, read_key
from include.settings import Settings
from include.tables import TABLES
from tests.golden.lake import CASES, Case, GoldenLake

# What a case writes as the source's own id is a pseudonym in the table: (kind, what stands before the id).
_KEYED = {"user_key": ("user", ""), "target_key": ("user", ""), "session_key": ("session", ""),
          "order_key": ("order", ""), "text_key": ("key", "id:"), "parent_key": ("key", "id:")}  # fmt: skip


@pytest.mark.parametrize(("case", "table"), [pytest.param(c, t, id=f"{c.name}-{t}") for c in CASES for t in c.expected])
def test_rows_are_those_written_by_hand(golden_lake: GoldenLake, case: Case, table: str):
    settings = golden_lake.settings
    lines = [json.loads(line) for line in case.expected[table].read_text("utf-8").splitlines()]
    names = sorted({name for line in lines for name in line})
    key = read_key(settings.key_file)
    wanted = [{name: _expected(table, name, line[name], case.source, key) for name in names} for line in lines]
    found = [{name: _found(row, name) for name in names} for row in rows(settings, table, case.source)]
    assert _sorted(found) == _sorted(wanted)


@pytest.mark.parametrize("table", [t.name for t in TABLES.values() if t.layer in ("silver", "gold")])
def test_every_table_has_a_case_with_rows(table: str):
    assert any(case.expected[table].read_text() for case in CASES if table in case.expected)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_says_why(case: Case):
    assert case.table in case.expected, f"it is about {case.table}"
    assert len((case.folder / "why.md").read_text().split()) >= 20


def rows(settings: Settings, table: str, source: str) -> list[dict[str, Any]]:
    import pyarrow.compute as pc

    if "source" in declared(settings)[table].column_names:
        mine = pc.field("source") == source
    else:  # of texts, whoever wrote them
        mine = pc.field("text_hash").isin([row["text_hash"] for row in rows(settings, "silver.texts", source)])
    found: list[dict[str, Any]] = open_dataset(settings, table).to_table(filter=mine).to_pylist()
    assert set(declared(settings)[table].column_names) >= set(found[0] if found else ())
    return found


def _expected(table: str, name: str, value: Any, source: str, key: bytes) -> Any:
    """A value as the case writes it, in the form of `_found`."""
    if value is None:
        return None
    if name in _KEYED and table.split(".")[0] in ("silver", "gold"):
        kind, before = _KEYED[name]
        return pseudonym(key, kind, source, before + value)
    return _comparable(value)


def _found(row: dict[str, Any], name: str) -> Any:
    column, _, inner = name.partition(".")
    value = dict(row[column] or ()).get(inner) if inner else row[column]
    return _comparable(value)


def _comparable(value: Any) -> Any:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float | Decimal):
        return Decimal(str(value)).normalize()
    if isinstance(value, list):
        return [_comparable(v) for v in value]
    if isinstance(value, dict):
        return {name: _comparable(v) for name, v in value.items()}
    return value.isoformat().removesuffix("+00:00")


def _sorted(rows: list[dict[str, Any]]) -> list[str]:
    """One line a row: a difference shows which."""
    return sorted(json.dumps(row, ensure_ascii=False, default=str, sort_keys=True) for row in rows)
