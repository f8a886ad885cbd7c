from pyspark.sql import functions as F

from jobs.silver.outcomes import compete, is_row, replace_by_snapshot
from tests.helpers import expected, lines, table

RECORDS = (
    "source string, identity string, content bigint, arrived_on date, sha256 string, position bigint, input string, "
    "landed bigint, order string, mapped int, op string, reasons array<string>"
)
SHOWN = ("sha256", "position", "outcome", "known_from", "known_to")


def test_append_keeps_the_richest_record_and_what_was_known_before_it(spark):
    records = table(spark, RECORDS, """
        s | e1 | 1 | 2024-01-01 | f1 | 1 | i | 0 | - | 3 | - |
        s | e1 | 1 | 2024-01-01 | f1 | 2 | i | 0 | - | 3 | - |
        s | e1 | 2 | 2024-01-03 | f2 | 1 | i | 0 | - | 5 | - |
        s | e1 | 3 | 2024-01-04 | f3 | 1 | i | 0 | - | 4 | - |
        s | e2 | 9 | 2024-01-01 | f1 | 3 | i | 0 | - | 3 | - | missing:kind
    """)  # fmt: skip
    assert lines(compete(records, F.lit(False)), *SHOWN) == expected("""
        f1 | 1 | duplicate | 2024-01-01 | 2024-01-03
        f1 | 2 | duplicate | - | -
        f1 | 3 | rejected  | - | -
        f2 | 1 | published | 2024-01-03 | -
        f3 | 1 | duplicate | - | -
    """)


def test_changes_keep_the_highest_order_whenever_it_arrives(spark):
    records = table(spark, RECORDS, """
        s | e1 | 1 | 2024-01-01 | f1 | 1 | i | 0 | 1 | 3 | upsert |
        s | e1 | 3 | 2024-01-02 | f2 | 1 | i | 0 | 3 | 3 | upsert |
        s | e1 | 2 | 2024-01-05 | f3 | 1 | i | 0 | 2 | 3 | upsert |
        s | e2 | 4 | 2024-01-01 | f1 | 2 | i | 0 | 1 | 3 | upsert |
        s | e2 | 5 | 2024-01-02 | f2 | 2 | i | 0 | 2 | 1 | delete |
        s | e2 | 4 | 2024-01-03 | f3 | 2 | i | 0 | 1 | 3 | upsert |
    """)  # fmt: skip
    resolved = compete(records, F.lit(True))
    assert lines(resolved, *SHOWN) == expected("""
        f1 | 1 | superseded | 2024-01-01 | 2024-01-02
        f2 | 1 | published  | 2024-01-02 | -
        f3 | 1 | superseded | - | -
        f1 | 2 | superseded | 2024-01-01 | 2024-01-02
        f2 | 2 | published  | 2024-01-02 | -
        f3 | 2 | duplicate  | - | -
    """)
    assert lines(resolved.where(is_row()), "sha256", "position") == expected("""
        f1 | 1
        f2 | 1
        f1 | 2
    """)


def test_a_snapshot_replaces_the_one_before_it_and_ends_what_it_lacks(spark):
    records = table(spark, RECORDS, """
        s | a | 1 | 2024-01-01 | f1 | 1 | i | 0 | - | 3 | - |
        s | b | 2 | 2024-01-01 | f1 | 2 | i | 0 | - | 3 | - |
        s | b | 2 | 2024-01-01 | f1 | 3 | i | 0 | - | 3 | - |
        s | a | 1 | 2024-01-08 | f2 | 1 | i | 0 | - | 3 | - |
        s | c | 4 | 2024-01-08 | f2 | 2 | i | 0 | - | 3 | - |
        s | a | 9 | 2024-01-15 | f3 | 1 | i | 0 | - | 3 | - |
        s | b | 2 | 2024-01-15 | f3 | 2 | i | 0 | - | 3 | - |
        s | x | 7 | 2024-01-15 | f3 | 3 | i | 0 | - | 3 | - | missing:item_id
    """)  # fmt: skip
    assert lines(replace_by_snapshot(records), *SHOWN) == expected("""
        f1 | 1 | superseded | 2024-01-01 | 2024-01-15
        f2 | 1 | duplicate  | - | -
        f3 | 1 | published  | 2024-01-15 | -
        f1 | 2 | superseded | 2024-01-01 | 2024-01-08
        f1 | 3 | duplicate  | - | -
        f3 | 2 | published  | 2024-01-15 | -
        f2 | 2 | superseded | 2024-01-08 | 2024-01-15
        f3 | 3 | rejected   | - | -
    """)


def test_of_two_snapshots_of_one_day_the_one_landed_later_is_known(spark):
    records = table(spark, RECORDS, """
        s | a | 1 | 2024-01-01 | f9 | 1 | i | 4 | - | 3 | - |
        s | a | 2 | 2024-01-01 | f1 | 1 | i | 7 | - | 3 | - |
    """)  # fmt: skip
    assert lines(replace_by_snapshot(records), *SHOWN) == expected("""
        f9 | 1 | superseded | - | 2024-01-01
        f1 | 1 | published  | 2024-01-01 | -
    """)
