from datetime import date

from jobs.gold import behaviour_daily
from tests.helpers import expected, lines, table

ROWS = (
    "source string, day date, known_from date, known_to date, user_key string, kind string, item_id string, "
    "happened_at timestamp, precision string, tag string, quantity decimal(18,3), unit_price decimal(18,4), "
    "currency string, rating decimal(9,3), language string"
)

MEANS = "model_version string, source string, item_id string, mean decimal(9,3), users bigint"
TUE = date(2024, 1, 2)


def test_a_correction_is_a_negative_entry_on_its_arrival_day(spark):
    events = table(spark, ROWS, """
        s | 2024-01-01 | 2024-01-01 | 2024-01-03 | u1 | purchase | i1 | 2024-01-01 09:10:00 | second | - | 2 | 3.50 | EUR | - | -
        s | 2024-01-01 | 2024-01-03 | -          | u1 | purchase | i1 | 2024-01-01 09:10:00 | second | - | 2 | 4.00 | EUR | - | -
        s | 2024-01-01 | 2024-01-01 | -          | u1 | view     | i1 | 2024-01-01 23:59:59 | second | - | - | -    | -   | - | -
        s | 2024-01-01 | 2024-01-01 | -          | -  | view     | i1 | 2024-01-01 10:00:00 | second | - | - | -    | -   | - | -
        s | 2024-01-01 | 2024-01-01 | -          | u2 | purchase | i1 | 2024-01-01 00:00:00 | day    | - | 3 | 1.5  | JPY | - | -
        s | 2024-01-01 | 2024-01-01 | -          | u2 | play     | i1 | -                   | none   | - | 7 | -    | -   | - | -
    """)  # fmt: skip
    texts = table(spark, ROWS, """
        s | 2024-01-01 | 2024-01-01 | - | u2 | review | i1 | 2024-01-01 00:00:00 | day | - | - | - | - | 4 | -
    """)  # fmt: skip
    built = behaviour_daily.transform(events, texts, item_means=table(spark, MEANS, ""), held={})
    shown = ("user_key", "kind", "currency", "arrived_on", "is_dated", "n", "quantity", "amount", "rating_sum",
             "rating_count", "hour_09", "hour_23", "hour_00")  # fmt: skip
    assert lines(built, *shown) == expected("""
        u1 | purchase | EUR | 2024-01-01 | True  | 1 | 2.000 | 700 | 0.000 | 0 | 1 | 0 | 0
        u1 | purchase | EUR | 2024-01-03 | True  | 0 | 0.000 | 100 | 0.000 | 0 | 0 | 0 | 0
        u1 | view     | XXX | 2024-01-01 | True  | 1 | 0.000 | 0   | 0.000 | 0 | 0 | 1 | 0
        u2 | purchase | JPY | 2024-01-01 | True  | 1 | 3.000 | 5   | 0.000 | 0 | 0 | 0 | 0
        u2 | play     | XXX | 2024-01-01 | False | 1 | 7.000 | 0   | 0.000 | 0 | 0 | 0 | 0
        u2 | review   | XXX | 2024-01-01 | True  | 1 | 0.000 | 0   | 4.000 | 1 | 0 | 0 | 0
    """)


def test_a_rating_is_held_against_the_mean_of_its_item_by_the_version_of_its_day(spark):
    events = table(spark, ROWS, """
        s | 2024-01-01 | 2024-01-01 | -          | u1 | rate | i1  | 2024-01-01 09:00:00 | second | - | - | - | - | 4 | -
        s | 2024-01-02 | 2024-01-02 | -          | u1 | rate | i1  | 2024-01-02 09:00:00 | second | - | - | - | - | 4 | -
        s | 2024-01-02 | 2024-01-02 | 2024-01-03 | u1 | rate | i2  | 2024-01-02 10:00:00 | second | - | - | - | - | 1 | -
        s | 2024-01-02 | 2024-01-02 | -          | u1 | rate | new | 2024-01-02 11:00:00 | second | - | - | - | - | 5 | -
        s | 2024-01-02 | 2024-01-02 | -          | u2 | view | i1  | 2024-01-02 11:00:00 | second | - | - | - | - | - | -
        t | 2024-01-02 | 2024-01-02 | -          | u1 | rate | i1  | 2024-01-02 11:00:00 | second | - | - | - | - | 5 | -
    """)  # fmt: skip
    texts = table(spark, ROWS, """
        s | 2024-01-02 | 2024-01-02 | - | u2 | review | i2 | 2024-01-02 00:00:00 | day | - | - | - | - | 3 | -
    """)  # fmt: skip
    means = table(
        spark,
        MEANS,
        """
        1-a | s | i1 | 3.250 | 9
        1-a | s | i2 | 3     | 5
        2-b | s | i1 | 1     | 9
    """,
    )
    built = behaviour_daily.transform(events, texts, item_means=means, held={("s", TUE): "1-a", ("t", TUE): "1-a"})
    shown = ("source", "day", "user_key", "kind", "arrived_on", "rating_count", "over_mean_sum", "over_mean_count",
             "means_version")  # fmt: skip
    assert lines(built, *shown) == expected("""
        s | 2024-01-01 | u1 | rate   | 2024-01-01 | 1  | 0.000  | 0  | -
        s | 2024-01-02 | u1 | rate   | 2024-01-02 | 3  | -1.250 | 2  | 1-a
        s | 2024-01-02 | u1 | rate   | 2024-01-03 | -1 | 2.000  | -1 | 1-a
        s | 2024-01-02 | u2 | view   | 2024-01-02 | 0  | 0.000  | 0  | 1-a
        s | 2024-01-02 | u2 | review | 2024-01-02 | 1  | 0.000  | 1  | 1-a
        t | 2024-01-02 | u1 | rate   | 2024-01-02 | 1  | 0.000  | 0  | 1-a
    """)
