from jobs.gold import behaviour_items_daily
from tests.helpers import expected, lines, table
from tests.unit.jobs.gold.test_behaviour_daily import ROWS

ITEMS = "source string, item_id string, valid_from date, valid_to date, brand string, categories array<string>"


def test_brand_and_categories_are_those_of_the_day(spark):
    events = table(spark, ROWS, """
        s | 2024-01-01 | 2024-01-01 | -          | u1 | view   | i1 | 2024-01-01 09:10:00 | second | -    | - | - | - | - | -
        s | 2024-01-05 | 2024-01-05 | 2024-01-06 | u1 | view   | i1 | 2024-01-05 09:10:00 | second | -    | - | - | - | - | -
        s | 2024-01-05 | 2024-01-05 | -          | u1 | tag    | i1 | 2024-01-05 09:10:00 | second | rock | - | - | - | - | -
        s | 2024-01-05 | 2024-01-05 | -          | u1 | search | -  | 2024-01-05 09:10:00 | second | -    | - | - | - | - | -
        s | 2024-01-05 | 2024-01-05 | -          | u1 | view   | i9 | 2024-01-05 09:10:00 | second | -    | - | - | - | - | -
    """)  # fmt: skip
    items = table(
        spark,
        ITEMS,
        """
        s | i1 | 2024-01-01 | 2024-01-05 | old | a,b
        s | i1 | 2024-01-05 | -          | new | a,c
        t | i9 | 2024-01-01 | -          | its | x
    """,
    )
    built = behaviour_items_daily.transform(events, events.limit(0), items)
    shown = ("day", "kind", "item_id", "tag", "arrived_on", "n", "brand", "categories")
    assert lines(built, *shown) == expected("""
        2024-01-01 | view | i1 | -    | 2024-01-01 | 1  | old | a,b
        2024-01-05 | view | i1 | -    | 2024-01-05 | 1  | new | a,c
        2024-01-05 | view | i1 | -    | 2024-01-06 | -1 | new | a,c
        2024-01-05 | tag  | i1 | rock | 2024-01-05 | 1  | new | a,c
        2024-01-05 | view | i9 | -    | 2024-01-05 | 1  | -   | -
    """)
