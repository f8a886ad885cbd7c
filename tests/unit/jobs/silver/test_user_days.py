"""How busy somebody was, and whether that is too much."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from include.models.by_day import HeldLimits
from jobs.silver import user_days
from tests.helpers import expected, lines, table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

ROWS = (
    "source string, day date, known_to date, user_key string, item_id string, session_key string, "
    "happened_at timestamp, precision string, unit_price decimal(18,4), currency string, kind string"
)
VALUES = ("volume", "burst", "busy_hours", "full_hours", "session_speed", "price_factor")
DAY = date(2024, 1, 1)
ONE_ACT = "s | 2024-01-01 | - | u1 | i1 | - | 2024-01-01 09:00:00 | second | - | -"


def events(spark: SparkSession, text: str, kind: str = "cart") -> DataFrame:
    return table(spark, ROWS, "\n".join(f"{line} | {kind}" for line in text.strip().splitlines()))


def nothing(spark: SparkSession) -> DataFrame:
    return events(spark, ONE_ACT).limit(0)


def test_what_stands_is_counted_by_day_minute_and_hour(spark: SparkSession):
    acts = events(spark, """
        s | 2024-01-01 | -          | u1 | i1 | - | 2024-01-01 09:00:00 | second | - | -
        s | 2024-01-01 | -          | u1 | i1 | - | 2024-01-01 09:00:59 | second | - | -
        s | 2024-01-01 | -          | u1 | i1 | - | 2024-01-01 09:01:00 | second | - | -
        s | 2024-01-01 | 2024-01-02 | u1 | i1 | - | 2024-01-01 09:02:00 | second | - | -
        s | 2024-01-01 | -          | -  | i1 | - | 2024-01-01 09:00:00 | second | - | -
        s | 2024-01-01 | -          | u2 | i1 | - | 2024-01-01 00:00:00 | day    | - | -
        s | 2024-01-01 | -          | u3 | i1 | - | 2024-01-01 00:00:00 | month  | - | -
        s | 2024-01-01 | -          | u4 | i1 | - | -                   | none   | - | -
    """)  # fmt: skip
    texts = events(spark, "s | 2024-01-01 | - | u1 | i1 | - | 2024-01-01 22:00:00 | second | - | -")
    built = user_days.transform(acts, texts, held={})
    assert lines(built, "user_key", *VALUES, "limits_broken", "model_version") == expected("""
        u1 | 4 | 2 | 2 | - | - | - | - | -
        u2 | 1 | - | - | - | - | - | - | -
    """)


def test_an_hour_is_full_from_ten_things_on(spark: SparkSession):
    def hour(user: str, hour: int, n: int) -> str:
        return "\n".join(
            f"s | 2024-01-01 | - | {user} | i1 | - | 2024-01-01 {hour:02d}:{i:02d}:00 | second | - | -"
            for i in range(n)
        )  # fmt: skip

    acts = events(spark, "\n".join([hour("u1", 9, 10), hour("u1", 10, 11), hour("u1", 11, 9), hour("u2", 9, 9)]))
    built = user_days.transform(acts, nothing(spark), held={})
    assert lines(built, "user_key", "busy_hours", "full_hours") == expected("""
        u1 | 3 | 2
        u2 | 1 | -
    """)


def test_a_session_is_as_fast_as_its_events_a_minute_from_ten_on(spark: SparkSession):
    def session(user: str, name: str, events: int, seconds: int) -> str:
        return "\n".join(
            f"s | 2024-01-01 | - | {user} | i1 | {name} | 2024-01-01 09:{i * seconds // 60:02d}:{i * seconds % 60:02d} | "
            "second | - | -" for i in range(events)
        )  # fmt: skip

    acts = events(spark, "\n".join([
        session("u1", "slow", 10, 20),  # ten in three minutes
        session("u2", "fast", 20, 1),  # twenty in 19 seconds: no minute has passed
        session("u3", "short", 9, 1), session("u3", "other", 9, 1),
    ]))  # fmt: skip
    built = user_days.transform(acts, nothing(spark), held={})
    assert lines(built, "user_key", "session_speed") == expected("""
        u1 | 3.333
        u2 | 20.000
        u3 | -
    """)


def test_a_price_is_compared_with_what_other_users_would_pay_that_day(spark: SparkSession):
    at = "i1 | - | 2024-01-01 09:00:00 | second"
    usual = "\n".join(f"s | 2024-01-01 | - | v{n} | {at} | 10 | EUR" for n in range(3))
    acts = events(spark, usual + f"""
        s | 2024-01-01 | - | -  | {at} | 10   | EUR
        s | 2024-01-01 | - | -  | {at} | 10   | EUR
        s | 2024-01-01 | - | u1 | {at} | 250  | EUR
        s | 2024-01-01 | - | u1 | {at} | 250  | EUR
        s | 2024-01-01 | - | u1 | {at} | 250  | EUR
        s | 2024-01-01 | - | u1 | {at} | 250  | EUR
        s | 2024-01-01 | - | u2 | {at} | 10   | EUR
        s | 2024-01-01 | - | u2 | {at} | 2.5  | EUR
        s | 2024-01-01 | - | u3 | {at} | 250  | JPY
        s | 2024-01-01 | - | u4 | {at} | 9000 | -
    """)  # fmt: skip
    looked = events(spark, f"s | 2024-01-01 | - | u5 | {at} | 9000 | EUR", kind="view")
    built = user_days.transform(acts.unionByName(looked), nothing(spark), held={})
    assert lines(built.where("user_key like 'u%'"), "user_key", "price_factor") == expected("""
        u1 | 25.000
        u2 | 4.000
        u3 | -
        u4 | -
        u5 | -
    """)


def test_the_wildest_price_there_can_be_fits(spark: SparkSession):
    at = "i1 | - | 2024-01-01 09:00:00 | second"
    usual = "\n".join(f"s | 2024-01-01 | - | v{n} | {at} | 0.0001 | EUR" for n in range(5))
    acts = events(spark, f"{usual}\ns | 2024-01-01 | - | u1 | {at} | 99999999999999 | EUR")
    built = user_days.transform(acts, nothing(spark), held={})
    assert lines(built.where("user_key = 'u1'"), "price_factor") == ["1000000000.000"]


def test_a_day_beyond_a_limit_is_a_suspect_and_gold_is_without_it(spark: SparkSession):
    acts = events(spark, """
        s | 2024-01-01 | - | u1 | i1 | - | 2024-01-01 09:00:00 | second | - | -
        s | 2024-01-01 | - | u1 | i1 | - | 2024-01-01 09:00:00 | second | - | -
        s | 2024-01-01 | - | u2 | i1 | - | 2024-01-01 09:00:00 | second | - | -
        s | 2024-01-01 | - | -  | i1 | - | 2024-01-01 09:00:00 | second | - | -
        s | 2024-01-02 | - | u1 | i1 | - | 2024-01-02 09:00:00 | second | - | -
        s | 2024-01-02 | - | u1 | i1 | - | 2024-01-02 09:00:00 | second | - | -
        t | 2024-01-01 | - | u1 | i1 | - | 2024-01-01 09:00:00 | second | - | -
        t | 2024-01-01 | - | u1 | i1 | - | 2024-01-01 09:00:00 | second | - | -
    """)  # fmt: skip
    held = {("s", DAY): HeldLimits("1-a", {"volume": 1.0, "burst": 2.0, "session_speed": 1.0})}
    built = user_days.transform(acts, nothing(spark), held=held)
    assert lines(built, "source", "day", "user_key", "limits_broken", "model_version") == expected("""
        s | 2024-01-01 | u1 | volume | 1-a
        s | 2024-01-01 | u2 | - | 1-a
        s | 2024-01-02 | u1 | - | -
        t | 2024-01-01 | u1 | - | -
    """)
    assert lines(user_days.without_suspects(acts, built).distinct(), "source", "day", "user_key") == expected("""
        s | 2024-01-01 | u2
        s | 2024-01-01 | -
        s | 2024-01-02 | u1
        t | 2024-01-01 | u1
    """)
