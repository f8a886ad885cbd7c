"""Rows on a screen, in a pipe, in a file.

A terminal gets a table if it fits, else one block a row; nothing is cut off. A pipe gets plain lines of any width.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import IO, Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from include.show.values import cell, plain, text

_GAP = 2
_LEAST = 24  # columns worth wrapping a text into
_NO_LIMIT = 100_000  # columns of a "terminal" that is a pipe or a file


def console(file: IO[str] | None = None, width: int | None = None) -> Console:
    """Standard output, without markup: square brackets in data stay square brackets."""
    file = file or sys.stdout
    if width is None and not file.isatty():
        width = _NO_LIMIT
    return Console(file=file, width=width, markup=False, highlight=False, emoji=False, soft_wrap=False)


def print_table(
    screen: Console, names: Sequence[str], rows: Iterable[Sequence[Any]], comma: str = "", *, wrap: bool = False
) -> None:
    """Numbers to the right, all else to the left. `comma` parts their thousands, `wrap` breaks the last column."""
    rows = [list(row) for row in rows]
    cells = [[text(value, comma) for value in row] for row in rows]
    widths = [max((cell_len(line[i]) for line in (names, *cells)), default=0) for i in range(len(names))]
    room = screen.width - _GAP * (len(widths) - 1)
    if sum(widths) > room and not (wrap and sum(widths[:-1]) + _LEAST <= room):
        _print_blocks(screen, names, cells)
        return
    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="bold")
    for i, name in enumerate(names):
        is_number = any(_is_number(row[i]) for row in rows) and all(
            _is_number(row[i]) or row[i] is None for row in rows
        )
        table.add_column(Text(name), justify="right" if is_number else "left", no_wrap=not (wrap and name == names[-1]))
    for row in cells:
        table.add_row(*(Text(value) for value in row))
    print_plain(screen, table)


def print_rows(names: Sequence[str], rows: Iterable[Sequence[Any]], form: str, screen: Console | None = None) -> None:
    """Rows as `table`, `csv` or `json`."""
    if form == "json":
        print_json(dict(zip(names, row, strict=True)) for row in rows)
    elif form == "csv":
        print_csv(names, rows)
    else:
        print_table(screen or console(), names, rows)


def print_object(row: Mapping[str, Any]) -> None:
    """One object, indented."""
    print(json.dumps({name: plain(value) for name, value in row.items()}, ensure_ascii=False, indent=2))


def print_plain(screen: Console, what: Any) -> None:
    """Prints without the blanks that would fill a line."""
    with screen.capture() as captured:
        screen.print(what)
    screen.file.write("".join(line.rstrip() + "\n" for line in captured.get().splitlines()))


def print_json(rows: Iterable[Mapping[str, Any]], file: IO[str] | None = None) -> None:
    """A list of objects, one a line, written as they come."""
    file = file or sys.stdout
    separator = "["
    for row in rows:
        file.write(separator + json.dumps({name: plain(value) for name, value in row.items()}, ensure_ascii=False))
        separator = ",\n "
    file.write("[]\n" if separator == "[" else "]\n")


def print_csv(names: Sequence[str], rows: Iterable[Sequence[Any]], file: IO[str] | None = None) -> None:
    """Comma-separated, with a header, safe to open in a spreadsheet. Null is an empty cell."""
    writer = csv.writer(file or sys.stdout, lineterminator="\n")
    writer.writerow([cell(name) for name in names])
    writer.writerows([cell(value) for value in row] for row in rows)


def _print_blocks(screen: Console, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    left = min(max(map(len, names)), screen.width // 2)
    for number, row in enumerate(rows, 1):
        table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, show_header=False)
        table.add_column(width=left, style="bold", overflow="fold")
        table.add_column(overflow="fold")
        for name, value in zip(names, row, strict=True):
            table.add_row(Text(name), Text(value))
        screen.print(Text(f"row {number}", style="dim"))
        print_plain(screen, table)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)
