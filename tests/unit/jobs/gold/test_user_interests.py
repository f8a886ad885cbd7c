"""Interests: from what was written and done to what a user cares for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from include.tables.gold import USER_INTERESTS
from jobs.gold import user_interests
from tests.helpers import expected, lines, table

READINGS = (
    "source string, user_key string, day date, text_hash string, kind string, interest_id string, confidence double"
)
LEDGER = (
    "source string, user_key string, day date, kind string, item_id string, arrived_on date, is_dated boolean, "
    "categories array<string>, n bigint"
)
PUBLISHED = (
    "source string, bucket int, user_key string, kind string, interest_id string, interest string, score double, "
    "weight double, basis_hash bigint, texts bigint, events bigint, last_on date, evidence array<string>, "
    "model_version string"
)
NAMES = {"t0001": "oven, recipe", "t0002": "", "Shop > Kitchen": "Kitchen"}
SHOWN = ("user_key", "kind", "interest_id", "interest", "score", "texts", "events", "last_on", "evidence")


@pytest.fixture
def build(spark):
    """Rows of users `u`, `v` and `w` as of 2024-03-31, when nothing is published."""

    def build(readings: str, ledger: str = "", published: str = "", users: tuple[str, ...] = ("u",), **more: Any):
        targets = spark.createDataFrame([("s", user, date(2024, 3, 31)) for user in users],
                                        "source string, user_key string, as_of date")  # fmt: skip
        found = user_interests.transform(
            *(table(spark, schema, text) if text else spark.createDataFrame([], schema)
              for schema, text in ((READINGS, readings), (LEDGER, ledger), (PUBLISHED, published))),
            targets, version="3-abc", names=NAMES, levels={"s": 2}, buckets={"s": 1}, **more,
        )  # fmt: skip
        return found.withColumn("score", found["score"].cast("decimal(9,3)"))

    return build


def test_newer_outweighs_older_and_one_text_is_no_interest(build):
    built = build("""
        s | u | 2024-03-31 | h1 | category | Shop > Kitchen | 1
        s | u | 2024-01-01 | h2 | category | Shop > Kitchen | 1
        s | u | 2024-03-31 | h3 | category | Shop > Kitchen | 0.8
        s | u | 2024-03-31 | h4 | topic    | t0001          | 1
        s | u | 2024-04-01 | h5 | topic    | t0001          | 1
    """)
    assert lines(built, *SHOWN) == expected("""
        u | category | Shop > Kitchen | Kitchen | 0.697 | 3 | 0 | 2024-03-31 | h1,h3,h2
    """)  # 2.3 of 3.3; what is written after the day is not known


def test_independent_texts_are_counted_and_topics_without_a_word_are_none(build):
    built = build("""
        s | u | 2024-03-01 | h1 | topic | t0001 | 0.9
        s | u | 2024-03-31 | h1 | topic | t0001 | 0.9
        s | v | 2024-03-01 | h1 | topic | t0001 | 0.9
        s | v | 2024-03-01 | h2 | topic | t0001 | 0.6
        s | v | 2024-03-01 | h3 | topic | t0002 | 0.9
        s | v | 2024-03-01 | h4 | topic | t0002 | 0.6
    """, users=("u", "v"))  # fmt: skip
    assert lines(built, *SHOWN) == expected("v | topic | t0001 | oven, recipe | 0.500 | 2 | 0 | 2024-03-01 | h1,h2")


def test_what_was_done_counts_by_day_item_and_kind_where_it_stands(build):
    built = build("", """
        s | u | 2024-03-31 | view     | i1 | 2024-03-31 | true  | Shop,Kitchen,Pans | 50
        s | u | 2024-03-31 | purchase | i1 | 2024-03-31 | true  | Shop,Kitchen,Pans | 1
        s | u | 2024-03-30 | view     | i2 | 2024-03-30 | true  | Shop,Cars         | 1
        s | u | 2024-03-30 | view     | i2 | 2024-03-31 | true  | Shop,Cars         | -1
        s | u | 2024-03-30 | view     | i3 | 2024-03-30 | true  | Shop,Cars         | 1
        s | u | 2024-03-31 | play     | i3 | 2024-03-31 | false | Shop,Cars         | 9
        s | u | 2024-03-31 | review   | i3 | 2024-03-31 | true  | Shop,Cars         | 1
        s | u | 2024-03-31 | view     | i4 | 2024-03-31 | true  | Shop              | 1
        s | u | 2024-03-31 | view     | i5 | 2024-03-31 | true  | -                 | 1
        s | u | 2024-03-29 | view     | i3 | 2024-04-01 | true  | Shop,Cars         | 1
    """)  # fmt: skip
    assert lines(built, *SHOWN, "model_version") == expected("""
        u | category | Shop > Cars    | Cars    | 0.497 | 0 | 2 | 2024-03-30 |  | 3-abc
        u | category | Shop > Kitchen | Kitchen | 0.503 | 0 | 2 | 2024-03-31 |  | 3-abc
    """)  # cars were looked at one and two days before, once known late


def test_texts_and_things_done_count_together(build):
    built = build("s | u | 2024-03-31 | h1 | category | Shop > Cars | 0.5",
                  "s | u | 2024-03-31 | view | i3 | 2024-03-31 | true | Shop,Cars | 1")  # fmt: skip
    assert lines(built, *SHOWN) == expected("u | category | Shop > Cars | Cars | 1.000 | 1 | 1 | 2024-03-31 | h1")


def test_five_texts_are_named_and_the_weight_falls_with_each_that_is_gone(build):
    texts = [f"s | u | 2024-03-{day} | h{day} | topic | t0001 | 1" for day in range(24, 32)]
    assert lines(build("\n".join(texts)), "texts", "evidence") == ["8 | h31,h30,h29,h28,h27"]
    weights = [build("\n".join(texts[:n])).first()["weight"] for n in (8, 5, 2)]
    assert weights == sorted(weights, reverse=True)


def test_silence_changes_neither_score_nor_weight(spark):
    rows = """
        s | u | 2024-03-01 | h1 | topic    | t0001          | 0.9
        s | u | 2024-03-03 | h2 | topic    | t0001          | 0.9
        s | u | 2024-01-03 | h3 | category | Shop > Kitchen | 0.9
    """
    readings, nothing = table(spark, READINGS, rows), spark.createDataFrame([], LEDGER)
    found = []
    for later in (0, 400):
        day = date(2024, 3, 31) + timedelta(days=later)
        targets = spark.createDataFrame([("s", "u", day)], "source string, user_key string, as_of date")
        built = user_interests.transform(readings, nothing, spark.createDataFrame([], PUBLISHED), targets,
                                         version="3-abc", names=NAMES, levels={}, buckets={})  # fmt: skip
        found.append(built.first())
    assert found[0]["score"] == pytest.approx(found[1]["score"])
    assert found[0]["weight"] == pytest.approx(found[1]["weight"])
    assert found[0]["basis_hash"] == found[1]["basis_hash"]


@pytest.mark.parametrize("day, confidence", [("09", 0.7), ("08", 0.8)], ids=["day", "confidence"])
def test_what_changes_a_score_alone_changes_what_is_compared(build, day: str, confidence: float):
    newer = [f"s | u | 2024-03-{day} | h{day} | topic | t0001 | 1" for day in range(25, 32)]
    old, other = (f"s | u | 2024-01-{d} | h6 | topic | t0001 | {c}" for d, c in (("08", 0.7), (day, confidence)))
    orders = ([*newer, old], [old, *newer], [*newer, other])
    compared = [c.name for c in USER_INTERESTS.exact_columns]
    first, again, changed = (lines(build("\n".join(rows)), *compared) for rows in orders)
    assert first == again != changed


def test_what_is_done_elsewhere_changes_the_share_and_what_is_compared(build):
    texts = "\n".join(f"s | u | 2024-03-{day} | h{day} | topic | t0001 | 1" for day in (30, 31))
    look = "s | u | 2024-03-{} | view | {} | 2024-03-31 | true | Shop,Cars | 1"
    built = [build(texts, look.format(day, item)) for day, item in ((1, "i1"), (2, "i1"), (2, "i2"))]
    assert len({tuple(lines(rows, "interest_id", "basis_hash")) for rows in built}) == 3


def test_a_copy_of_a_later_day_does_not_hide_a_text(build):
    built = build("""
        s | u | 2024-03-01 | h1 | topic | t0001 | 0.6
        s | u | 2024-04-02 | h1 | topic | t0001 | 0.9
        s | u | 2024-03-02 | h2 | topic | t0001 | 0.6
    """)
    assert lines(built, *SHOWN) == expected("u | topic | t0001 | oven, recipe | 1.000 | 2 | 0 | 2024-03-02 | h2,h1")


def test_users_who_are_no_target_keep_their_rows(build):
    published = """
        s | 0 | u | topic | t0001 | oven, recipe | 0.5 | 90 | 7 | 2 | 0 | 2024-01-01 | h8,h9 | 2-abc
        s | 0 | w | topic | t0001 | oven, recipe | 0.5 | 90 | 7 | 2 | 0 | 2024-01-01 | h8,h9 | 2-abc
    """
    assert lines(build("", "", published), "user_key", "basis_hash", "model_version") == ["w | 7 | 2-abc"]


def test_a_text_is_about_its_item_else_what_was_read(spark):
    texts = table(spark, "source string, user_key string, day date, text_hash string, item_id string", """
        s | u | 2024-01-05 | h1 | i1
        s | u | 2024-01-01 | h1 | i1
        s | u | 2024-01-05 | h2 | -
        s | u | 2024-01-05 | h3 | -
        s | u | 2024-01-05 | h4 | i9
        t | u | 2024-01-05 | h3 | -
    """)  # fmt: skip
    items = table(spark, "source string, item_id string, valid_from date, valid_to date, categories array<string>", """
        s | i1 | 2024-01-02 | - | Shop,Cars,Old ones
    """)  # fmt: skip
    said = {"h1": [("topic", "t0001", 0.9, "s")], "h2": [("topic", "t0001", 0.9, "s"), ("category", "a > b", 0.8, "s"),
            ("category", "x", 0.9, "t")], "h3": [("topic", "t0009", 0.7, "t")], "h4": None}  # fmt: skip
    rows = [(h, None if spans is None else [(0, 9, label, sure, name, source, None) for label, name, sure, source in spans])
            for h, spans in said.items()]  # fmt: skip
    span = "start int, end int, label string, confidence double, name string, source string, item_id string"
    read = spark.createDataFrame(
        rows, f"text_hash string, spans array<struct<{span.replace(' ', ':').replace(',:', ',')}>>"
    )
    found = user_interests.read_texts(texts, items, read, levels={"s": 2})
    assert lines(found, "source", "day", "text_hash", "kind", "interest_id", "confidence") == expected("""
        s | 2024-01-05 | h1 | category | Shop > Cars | 1.0
        s | 2024-01-01 | h1 | topic    | t0001       | 0.9
        s | 2024-01-05 | h2 | category | a > b       | 0.8
        t | 2024-01-05 | h3 | topic    | t0009       | 0.7
    """)
