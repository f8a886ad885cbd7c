"""Ties, and when they are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.silver.follows import with_back
from tests.helpers import expected, lines, table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

VERSIONS = "source string, user_key string, target_key string, kind string, valid_from date, valid_to date"
SHOWN = ("user_key", "target_key", "valid_from", "valid_to", "back")


def test_a_version_is_cut_where_the_other_one_begins_or_ceases_to_follow_back(spark: SparkSession):
    versions = table(spark, VERSIONS, """
        s | ann | ben | follow | 2024-01-01 | -
        s | ben | ann | follow | 2024-01-03 | 2024-01-05
        s | ben | ann | follow | 2024-01-05 | 2024-01-08
        s | ann | cid | follow | 2024-01-01 | 2024-01-04
        s | cid | ann | follow | 2024-01-04 | -
        s | cid | ann | block  | 2024-01-01 | -
        t | cid | ann | follow | 2024-01-01 | -
    """)  # fmt: skip
    assert lines(with_back(versions).where("source = 's' and kind = 'follow'"), *SHOWN) == expected("""
        ann | ben | 2024-01-01 | 2024-01-03 | no
        ann | ben | 2024-01-03 | 2024-01-08 | yes
        ann | ben | 2024-01-08 | -          | no
        ben | ann | 2024-01-03 | 2024-01-05 | yes
        ben | ann | 2024-01-05 | 2024-01-08 | yes
        ann | cid | 2024-01-01 | 2024-01-04 | no
        cid | ann | 2024-01-04 | -          | no
    """)
