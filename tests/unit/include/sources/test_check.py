"""`portrait sources check`: a clear result or a clear error, for good and for bad files."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from include.errors import BadInput
from include.sources.check import Report, check_source
from include.tables.columns import EVENT_KINDS
from tests.unit.include.sources.describe import write

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CSV = """\
history: {first: 2019-01-01, last: 2019-12-31}
feeds:
  events:
    path: corner.csv
    format: csv
    columns: {who: string, what: string, at: timestamp, price: "decimal(18,4)"}
    map: {kind: what, user_id: who, happened_at: at, unit_price: price}
"""
ROWS = "who,what,at,price\nuser-1,view,2019-05-01 10:00:00,1.50\nuser-2,cart,2019-05-02 10:00:00,\n"


def checked(spark: SparkSession, folder: Path, rows: str | bytes, text: str = CSV) -> Report:
    (folder / "corner.csv").write_bytes(rows if isinstance(rows, bytes) else rows.encode())
    return check_source(write(folder, text), [folder], lambda: spark)


def test_shows_the_first_rows_with_identifiers_masked(spark: SparkSession, tmp_path: Path) -> None:
    report = checked(spark, tmp_path, ROWS)
    assert report.errors == []
    assert report.inputs[0].rows == [
        {"user_id": "us…", "kind": "view", "happened_at": "2019-05-01 10:00:00", "unit_price": "1.5000"},
        {"user_id": "us…", "kind": "cart", "happened_at": "2019-05-02 10:00:00", "unit_price": "-"},
    ]
    assert report.inputs[0].notes == []


@pytest.mark.parametrize(
    ("rows", "text", "said"),
    [
        (ROWS.replace("who", "user"), CSV, "corner.csv: has no column who; found user, what, at, price"),
        ("", CSV, "corner.csv: is empty: there is no header line"),
        ("who,what,at,price\n", CSV, "corner.csv: is empty: there is no record in it"),
        ("who,what,at,price\na\nb,c\n", CSV, "none of the first 2 records can be read (2 wrong_field_count)"),
        (ROWS.replace("2019-05-", "05/2019/"), CSV, "at does not parse in 2 of 2 records; check its type"),
        (ROWS.replace(",1.50", ",free").replace(",\n", ",x\n"), CSV, "price does not parse in 2 of 2 records"),
        (ROWS.replace("2019-05", "2018-05"), CSV, "2 of 2 records lie outside the history, 2019-01-01 to 2019-12-31"),
        (ROWS.replace("view", "See").replace("cart", "See"), CSV, "kind 'See' (2) is not one of view, click"),
        (ROWS.replace("user-1", "").replace("user-2", ""), CSV.replace("events", "users").replace("kind: what, ", "")
         .replace("happened_at: at, unit_price: price", "gender: what"), "user_id is empty in all"),
        (ROWS, CSV.replace("corner.csv", "other.csv"), "there is no file other.csv"),
        (ROWS, CSV.replace("corner.csv", "corner/{day}.csv"), "there is no file corner/{day}.csv for a day from"),
        (ROWS, CSV.replace("format: csv", "member: in.csv\n    format: csv"), "not a zip archive"),
        (gzip.compress(ROWS.encode(), mtime=0)[:20], CSV, "corner.csv: cannot be read"),
    ],
)  # fmt: skip
def test_each_kind_of_bad_file_is_one_error_with_a_place(
    spark: SparkSession, tmp_path: Path, rows: str, text: str, said: str
) -> None:
    report = checked(spark, tmp_path, rows, text)
    assert len(report.errors) == 1, report.errors
    assert said in report.errors[0]
    assert report.errors[0].startswith(f"{tmp_path}/corner.yaml:7: ")


def test_a_wrong_description_is_told_before_any_file_is_read(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"corner\.yaml:10: feeds\.events\.inputs\.0\.map\.kind: waht is not declared"):
        checked(spark, tmp_path, ROWS, CSV.replace("kind: what", "kind: waht"))


def test_some_bad_rows_are_notes(spark: SparkSession, tmp_path: Path) -> None:
    report = checked(spark, tmp_path, ROWS + "user-3,jump,2019-05-01,free\nuser-4\nuser-5,view,2020-05-01,1\n")
    assert report.errors == []
    assert report.inputs[0].notes == [
        "1 of 5 records cannot be read (1 wrong_field_count): rejected",
        "price does not parse in 1 of 4 records: rejected as type:price",
        f"kind 'jump' (1) is not one of {', '.join(EVENT_KINDS)}",
        "1 of 4 records lie outside the history, 2019-01-01 to 2019-12-31; they lie between 2019-05-01 and 2020-05-01",
    ]


def test_rows_that_count_once_and_differ_are_a_note(spark: SparkSession, tmp_path: Path) -> None:
    twice = ROWS + "user-1,view,2019-05-01 10:00:00,2.50\nuser-2,cart,2019-05-02 10:00:00,\n"
    (note,) = checked(spark, tmp_path, twice).inputs[0].notes
    assert note.startswith("1 of 4 records have the user_id, kind, item_id, tag, session_id, happened_at of an earlier")
    named = CSV.replace("{kind: what,", "{kind: what, event_id: who,")
    assert checked(spark, tmp_path, twice, named).inputs[0].notes == []
