"""Rows on a screen, in a pipe, in a file."""

import csv
import json
from io import StringIO

from include.show.table import console, print_csv, print_json, print_table


def printed(
    width: int | None, *rows: tuple[object, ...], names: tuple[str, ...] = ("name", "n"), comma: str = ""
) -> list[str]:
    out = StringIO()
    print_table(console(out, width), names, rows, comma)
    return out.getvalue().splitlines()


def test_a_table_that_fits_is_a_table_with_numbers_to_the_right() -> None:
    assert printed(40, ("a", 1), ("bcd", 1200), comma=",") == ["name      n", "a         1", "bcd   1,200"]


def test_a_table_that_does_not_fit_is_one_block_a_row_and_nothing_is_cut() -> None:
    assert printed(20, ("a" * 25, 1)) == ["row 1", "name  " + "a" * 14, "      " + "a" * 11, "n     1"]


def test_a_pipe_gets_one_line_a_row_however_long() -> None:
    assert printed(None, ("a" * 3000, 1))[1] == "a" * 3000 + "  1"


def test_square_brackets_in_data_are_no_markup() -> None:
    assert printed(40, ("[bold]x[/bold]", 1))[1] == "[bold]x[/bold]  1"


def test_no_rows_give_the_names_only() -> None:
    assert printed(40) == ["name  n"]


def test_json_is_one_list_also_of_nothing() -> None:
    none, two = StringIO(), StringIO()
    print_json([], none)
    print_json([{"a": 1}, {"a": None}], two)
    assert json.loads(none.getvalue()) == []
    assert json.loads(two.getvalue()) == [{"a": 1}, {"a": None}]


def test_csv_is_safe_in_the_header_too_and_reads_back() -> None:
    out = StringIO()
    print_csv(["=a", "b"], [["=1", 'x,"y"\nz'], [-1, None]], out)
    assert list(csv.reader(StringIO(out.getvalue()))) == [["'=a", "b"], ["'=1", 'x,"y"\nz'], ["-1", ""]]


def test_the_last_column_is_broken_where_that_is_enough() -> None:
    out = StringIO()
    print_table(console(out, 32), ("name", "about"), [["a", "one two three four five six"]], wrap=True)
    assert out.getvalue().splitlines() == ["name  about", "a     one two three four five", "      six"]
