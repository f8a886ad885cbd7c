"""An analyst's query, from text to rows on the way out. Rows are fetched in batches and written as they come."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

from include.errors import BadInput
from include.query import ASOF, Lake
from include.settings import Settings
from include.show.table import print_rows
from include.sql import parse_select, tables_of

MOST_SHOWN = 1_000  # rows of the table form; the others have no limit
_BATCH = 5_000


def run_query(settings: Settings, sql: str, form: str) -> None:
    """Runs one SELECT and prints its rows. Raises BadInput for anything that is not, or that DuckDB refuses."""
    tree = parse_select(sql)
    lake = Lake(settings)
    with_macros = ASOF in sql.lower()
    import duckdb

    with lake.connect(None if with_macros else tables_of(tree), macros=with_macros) as connection:
        try:
            found = connection.execute(sql)
            names = _names(found)
            rows = _fetch(found)
            if form != "table":
                print_rows(names, rows, form)
                return
            shown = list(islice(rows, MOST_SHOWN))
            print_rows(names, shown, form)
            if next(rows, None) is not None:
                print(f"the first {MOST_SHOWN:,} rows; all of them with --format csv or json", file=sys.stderr)
        except duckdb.Error as error:
            raise BadInput(f"sql: {_one_line(error)}") from None


def _names(found: Any) -> list[str]:
    names = [column[0] for column in found.description or ()]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadInput(f"sql: two columns are called {twice}; name them apart with `as`")
    return names


def _fetch(found: Any) -> Iterator[tuple[Any, ...]]:
    while batch := found.fetchmany(_BATCH):
        yield from batch


def _one_line(error: Exception) -> str:
    """DuckDB's message and its suggestion, without the picture of the query."""
    lines = [line.strip() for line in str(error).split("\nLINE ")[0].splitlines()]
    return " ".join(line for line in lines if line)
