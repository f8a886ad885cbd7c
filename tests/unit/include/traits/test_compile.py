"""The pass in DuckDB: rows of the ledgers in, profiles out. Days are numbers; day 0 is 2020-01-01."""

from decimal import Decimal
from typing import Any

import pytest

from include.errors import BadInput
from include.traits.arithmetic import DECAY_ONE
from include.traits.compile import compile_pass
from include.traits.model import Trait
from tests.unit.include.traits.helpers import Row, acts, day, in_duckdb, trait, wants


def value(text: str, *, as_of: int = 100, known_at: int = 9999, suffix: str = "", **tables: list[Row]) -> Any:
    """The one trait for user u as of a day."""
    declared = trait(text)
    (row,) = in_duckdb([declared], wanted=[wants(as_of, known_at)], **tables)
    assert row["status"] == {declared.column: "no data" if row[declared.column] is None else "value"}
    return row[declared.column + suffix]


def top(found: list[dict[str, Any]] | None) -> list[tuple[str, int, float]]:
    return [(f["value"], int(f["weight"]), f["share"]) for f in found or []]


# What was known


def test_a_correction_counts_from_the_day_it_arrived() -> None:
    rows = [acts(1, n=1), acts(1, 5, n=-1), acts(2, n=3)]
    count = "{from: behaviour_daily, measure: count}"
    assert value(count, known_at=4, behaviour_daily=rows) == 4
    assert value(count, known_at=5, behaviour_daily=rows) == 3


def test_what_was_deleted_leaves_no_first_last_or_item() -> None:
    daily = [acts(1), acts(1, 5, n=-1), acts(3), acts(9), acts(9, 10, n=-1)]
    assert value("{from: behaviour_daily, measure: first}", behaviour_daily=daily) == day(3)
    assert value("{from: behaviour_daily, measure: last}", behaviour_daily=daily) == day(3)
    items = [acts(1, item_id="a"), acts(1, 5, n=-1, item_id="a"), acts(3, item_id="b")]
    assert value("{from: behaviour_items_daily, measure: {distinct: {of: item_id}}}", behaviour_items_daily=items) == 1


def test_known_at_is_the_latest_arrival_used_even_where_nothing_is_left() -> None:
    rows = [acts(1), acts(1, 5, n=-1), acts(2, 50), acts(200, 7)]
    (row,) = in_duckdb(
        [trait("{from: behaviour_daily, measure: count}")], wanted=[wants(100, known_at=20)], behaviour_daily=rows
    )
    assert (row["known_at"], row["behaviour_t"], row["status"]) == (day(5), None, {"behaviour_t": "no data"})


def test_users_that_no_input_knows_by_then_have_no_row() -> None:
    wanted = [wants(3), wants(99, known_at=4), wants(100), wants(100, user_key="other")]
    traits = [trait("{from: behaviour_daily, measure: count}")]
    found = in_duckdb(traits, wanted=wanted, behaviour_daily=[acts(4, 5)])
    assert [(r["user_key"], r["as_of"], r["behaviour_t"]) for r in found] == [("u", day(100), 1)]


def test_several_days_of_one_user_are_computed_at_once_each_with_its_cut() -> None:
    rows = [acts(1), acts(5), acts(5, 8, n=2), acts(9)]
    wanted = [wants(1), wants(5), wants(5, known_at=7, source="s2"), wants(9)]
    found = in_duckdb(
        [trait("{from: behaviour_daily, measure: count}")],
        wanted=wanted,
        behaviour_daily=[*rows, *({**r, "source": "s2"} for r in rows)],
    )
    assert [(r["source"], r["as_of"], r["behaviour_t"], r["known_at"]) for r in found] == [
        ("s", day(1), 1, day(1)),
        ("s", day(5), 4, day(8)),
        ("s", day(9), 5, day(9)),
        ("s2", day(5), 2, day(5)),
    ]


# Those one follows


def follows(target: str, since: int, until: int | None = None, **more: Any) -> Row:
    return {"target_key": target, "valid_from": day(since), "valid_to": until and day(until), "kind": "follow", **more}


FOLLOWED = "{from: behaviour_items_daily, whose: followed, measure: {top_k: {of: brand, k: 5}}}"
OWN = acts(1, item_id="o", brand="own")
THEIRS = [
    acts(i, user_key=who, item_id=who, brand=who.upper(), n=n)
    for i, (who, n) in enumerate([("a", 3), ("b", 1), ("c", 1)])
]


def test_what_those_one_follows_did_counts_while_one_follows_them() -> None:
    ties = [follows("a", 5, 20), follows("b", 9)]

    def theirs(as_of: int) -> list[tuple[str, int, float]]:
        return top(value(FOLLOWED, as_of=as_of, behaviour_items_daily=[*THEIRS, OWN], follows=ties))

    assert theirs(4) == []
    assert theirs(5) == [("A", 3, 1.0)]
    assert theirs(19) == [("A", 3, 0.75), ("B", 1, 0.25)]
    assert theirs(20) == [("B", 1, 1.0)]


def test_the_users_own_traits_know_nothing_of_those_he_follows() -> None:
    own = trait("{trait: own, from: behaviour_items_daily, measure: {top_k: {of: brand, k: 5}}, half_life: 10d}")
    theirs = trait(
        "{trait: theirs, from: behaviour_items_daily, whose: followed, measure: {top_k: {of: brand, k: 5}}, half_life: 10d}"
    )
    rows = [{**OWN, "day": day(50)}, acts(40, brand="older"), *THEIRS, acts(99, user_key="b", item_id="b", brand="B")]
    tables: dict[str, list[Row]] = {"behaviour_items_daily": rows, "follows": [follows("a", 5), follows("b", 6)]}
    (alone,) = in_duckdb([own], wanted=[wants(100)], **tables)
    (row,) = in_duckdb([own, theirs], wanted=[wants(100)], **tables)
    assert row["behaviour_own"] == alone["behaviour_own"]
    assert [f["value"] for f in row["behaviour_theirs"]] == ["B", "A"]


def test_whom_one_follows_in_two_ways_counts_once() -> None:
    ties = [follows("a", 5), follows("a", 7, kind="friend"), follows("u", 5)]
    found = value(FOLLOWED, behaviour_items_daily=[*THEIRS, OWN], follows=ties)
    assert top(found) == [("A", 3, 0.75), ("own", 1, 0.25)]  # who follows himself is one of those he follows


def test_a_tie_is_known_from_its_first_day_and_its_end_from_its_last() -> None:
    tables: dict[str, list[Row]] = {"behaviour_items_daily": THEIRS, "follows": [follows("a", 5, 20), follows("b", 6)]}
    traits = [trait(FOLLOWED)]
    (row,) = in_duckdb(traits, wanted=[wants(50, known_at=10)], **tables)
    assert ([f["value"] for f in row["behaviour_t"]], row["known_at"]) == (["A", "B"], day(6))
    (row,) = in_duckdb(traits, wanted=[wants(50, known_at=20)], **tables)
    assert ([f["value"] for f in row["behaviour_t"]], row["known_at"]) == (["B"], day(20))
    assert in_duckdb(traits, wanted=[wants(50, known_at=4)], **tables) == []


def test_who_follows_nobody_any_more_has_a_row_that_says_so() -> None:
    tables: dict[str, list[Row]] = {"behaviour_items_daily": THEIRS, "follows": [follows("a", 5, 20)]}
    (row,) = in_duckdb([trait(FOLLOWED)], wanted=[wants(20)], **tables)
    assert (row["behaviour_t"], row["status"], row["known_at"]) == (None, {"behaviour_t": "no data"}, day(20))


def test_several_followers_and_days_at_once() -> None:
    ties = [follows("a", 5), follows("a", 6, user_key="v"), follows("c", 8, user_key="v")]
    wanted = [wants(5), wants(9), wants(5, user_key="v"), wants(9, user_key="v"), wants(9, user_key="c")]
    found = in_duckdb([trait(FOLLOWED)], wanted=wanted, behaviour_items_daily=THEIRS, follows=ties)
    assert {(r["user_key"], r["as_of"]): [f["value"] for f in r["behaviour_t"] or []] for r in found} == {
        ("u", day(5)): ["A"], ("u", day(9)): ["A"], ("v", day(9)): ["A", "C"], ("c", day(9)): [],
    }  # fmt: skip


# Windows, dates, missing


def test_a_window_covers_its_length_up_to_and_with_the_day() -> None:
    count = "{from: behaviour_daily, measure: count, window: 7d}"
    assert value(count, as_of=10, behaviour_daily=[acts(3, n=1), acts(4, n=2), acts(10, n=4), acts(11, n=8)]) == 6


def test_a_count_is_zero_where_its_rows_lie_before_the_window_and_missing_where_there_never_were_any() -> None:
    bought = "{from: behaviour_daily, where: kind = 'purchase', measure: count, window: 7d}"
    assert value(bought, behaviour_daily=[acts(1, kind="purchase"), acts(99)]) == 0
    assert value(bought, behaviour_daily=[acts(99)]) is None


def test_undated_rows_feed_lifetime_traits_only() -> None:
    played = [acts(5, is_dated=False, kind="play", quantity=Decimal(7), item_id="a", brand="b")]
    daily = [acts(5, is_dated=False, kind="play", quantity=Decimal(7))]
    assert value("{from: behaviour_daily, measure: count}", behaviour_daily=daily) == 1
    assert value("{from: behaviour_daily, measure: {sum: {of: quantity}}}", behaviour_daily=daily) == 7
    for dated in ("count, window: 200d", "first", "last", "hours", "{distinct: {of: day}}"):
        assert value(f"{{from: behaviour_daily, measure: {dated}}}", behaviour_daily=daily) is None
    brands = "{from: behaviour_items_daily, measure: {top_k: {of: brand, k: 2}}"
    assert top(value(brands + "}", behaviour_items_daily=played)) == [("b", 1, 1.0)]
    assert value(brands + ", half_life: 9d}", behaviour_items_daily=played) is None
    assert value("{from: behaviour_items_daily, measure: {last_k: {of: item_id, k: 2}}}",
                 behaviour_items_daily=played) is None  # fmt: skip


def test_conditions_on_what_is_null_do_not_fit() -> None:
    rows = [acts(1, item_id="a", tag="x"), acts(1, item_id="a"), acts(2, item_id="a", brand="B", categories=["t", "l"])]
    count = "{{from: behaviour_items_daily, measure: count, where: {}}}"
    assert value(count.format("tag <> 'y'"), behaviour_items_daily=rows) == 1
    assert value(count.format("tag is null"), behaviour_items_daily=rows) == 2
    assert value(count.format("brand = 'B' and category = 'l' and category_top = 't'"), behaviour_items_daily=rows) == 1


# Measures


def test_sums_of_one_currency_less_returns() -> None:
    rows = [
        acts(1, kind="purchase", currency="EUR", amount=1250, quantity=Decimal("2.5")),
        acts(1, kind="purchase", currency="USD", amount=999),
        acts(2, kind="return", currency="EUR", amount=250, quantity=Decimal("0.5")),
        acts(3, kind="return", currency="EUR", amount=100),
    ]
    euros = "{from: behaviour_daily, where: currency = 'EUR', measure: {sum: {of: amount}}}"
    assert value(euros, behaviour_daily=rows) == 900
    assert value("{from: behaviour_daily, measure: {sum: {of: quantity}}}", behaviour_daily=rows) == Decimal("2.000")


def test_a_rate_is_missing_below_its_minimum_and_has_both_numbers_beside_it() -> None:
    measure = "{rate: {of: kind = 'purchase', over: kind = 'view', at_least: 3}}"
    rate = f"{{from: behaviour_daily, measure: {measure}, window: 9d}}"
    rows = [acts(99, kind="view", n=2), acts(98, kind="purchase")]
    more = [*rows, acts(100, kind="view")]
    assert value(rate, behaviour_daily=rows) is None
    assert value(rate, behaviour_daily=rows, suffix="_numerator") == 1
    assert value(rate, behaviour_daily=rows, suffix="_denominator") == 2
    assert value(rate, behaviour_daily=more) == 0.333333
    assert value(rate, behaviour_daily=[acts(1)], suffix="_denominator") == 0
    assert value(rate, behaviour_daily=[acts(99, kind="purchase")], suffix="_denominator") is None


def test_a_mean_rating_is_exact_and_says_of_how_many() -> None:
    mean = "{from: behaviour_daily, measure: {mean: {of: rating}}}"
    rows = [
        acts(1, kind="rate", n=2, rating_sum=Decimal("9.0"), rating_count=2),
        acts(2, kind="review", rating_sum=Decimal("2.5"), rating_count=1),
        acts(3, kind="view", n=9),
    ]
    assert value(mean, behaviour_daily=rows) == Decimal("3.833333")
    assert value(mean, behaviour_daily=rows, suffix="_count") == 3
    assert value(mean, behaviour_daily=rows[2:]) is None
    assert value(mean, behaviour_daily=rows[2:], suffix="_count") is None


def test_ratings_lie_above_or_below_the_means_of_their_items() -> None:
    over = trait("{from: behaviour_daily, measure: {mean: {of: over_mean}}, window: 9d}")
    rated = {"kind": "rate", "rating_sum": Decimal(9), "rating_count": 2}
    rows = in_duckdb(
        [over],
        wanted=[wants(9, user_key=user) for user in ("u", "late", "none", "views")] + [wants(99)],
        behaviour_daily=[
            acts(1, **rated, over_mean_sum=Decimal("-1.250"), over_mean_count=2),
            acts(2, **rated, over_mean_sum=Decimal("0.500"), over_mean_count=1),
            acts(1, **rated, user_key="late", over_mean_sum=Decimal("1"), over_mean_count=1),
            acts(1, 7, **rated | {"rating_count": -2}, user_key="late", n=-1, over_mean_sum=Decimal("-1"), over_mean_count=-1),
            acts(1, **rated, user_key="none"),
            acts(1, user_key="views"),
        ],
    )  # fmt: skip
    names = ("user_key", "behaviour_t", "behaviour_t_count")
    assert [(*(row[name] for name in names), row["status"]["behaviour_t"]) for row in rows] == [
        ("late", None, None, "no data"),
        ("none", None, None, "no model"),
        ("u", Decimal("-0.25"), 3, "value"),
        ("u", None, 0, "no data"),
        ("views", None, None, "no data"),
    ]


def test_distinct_counts_days_and_things_once() -> None:
    rows = [acts(1), acts(1, kind="like"), acts(2), acts(95)]
    assert value("{from: behaviour_daily, measure: {distinct: {of: day}}}", behaviour_daily=rows) == 3
    assert value("{from: behaviour_daily, measure: {distinct: {of: day}}, window: 9d}", behaviour_daily=rows) == 1
    items = [
        acts(1, item_id="a", categories=["t", "x"]),
        acts(2, item_id="b", categories=["t", "y"]),
        acts(3, item_id="c"),
    ]
    for thing, count in (("item_id", 3), ("category", 2), ("category_top", 1), ("kind", 1)):
        declared = f"{{from: behaviour_items_daily, measure: {{distinct: {{of: {thing}}}}}}}"
        assert value(declared, behaviour_items_daily=items) == count


def test_the_last_k_are_the_latest_first_and_by_name_within_a_day() -> None:
    rows = [
        acts(1, item_id="z"),
        acts(9, item_id="b"),
        acts(9, item_id="a"),
        acts(3, item_id="z"),
        acts(2, item_id="y"),
    ]
    found = value("{from: behaviour_items_daily, measure: {last_k: {of: item_id, k: 3}}}", behaviour_items_daily=rows)
    assert found == [
        {"value": "a", "day": day(9)},
        {"value": "b", "day": day(9)},
        {"value": "z", "day": day(3)},
    ]


def test_the_top_k_are_the_heaviest_first_and_by_name_where_equal() -> None:
    rows = [
        acts(1, item_id=i, n=n, brand=b) for i, n, b in [("1", 2, "b"), ("2", 2, "a"), ("3", 5, "c"), ("4", 1, "d")]
    ]
    found = value("{from: behaviour_items_daily, measure: {top_k: {of: brand, k: 3}}}", behaviour_items_daily=rows)
    assert top(found) == [("c", 5, 0.5), ("a", 2, 0.2), ("b", 2, 0.2)]


def test_the_top_k_leave_out_what_weighs_nothing() -> None:
    rows = [
        acts(1, kind="purchase", currency="EUR", amount=300),
        acts(2, kind="return", currency="EUR", amount=100),
        acts(1, kind="purchase", currency="USD", amount=50),
        acts(2, kind="return", currency="USD", amount=50),
    ]
    spent = "{from: behaviour_daily, measure: {top_k: {of: currency, k: 5, weigh: amount}}}"
    assert top(value(spent, behaviour_daily=rows)) == [("EUR", 200, 1.0)]
    assert value(spent, behaviour_daily=rows[2:]) is None


def test_quantities_weigh_in_thousandths() -> None:
    rows = [acts(1, item_id="a", quantity=Decimal("2.5")), acts(1, item_id="b", quantity=Decimal("7.5"))]
    found = value("{from: behaviour_items_daily, measure: {top_k: {of: item_id, k: 5, weigh: quantity}}}",
                  behaviour_items_daily=rows)  # fmt: skip
    assert top(found) == [("b", 7500, 0.75), ("a", 2500, 0.25)]


DECAYED = "{from: behaviour_items_daily, measure: {top_k: {of: item_id, k: 9}}, half_life: 10d, where: kind = 'like'}"


def test_decay_halves_a_weight_each_half_life_before_the_latest_day_of_the_user() -> None:
    rows = [acts(10, kind="like", item_id="old", n=4), acts(30, kind="like", item_id="new")]
    assert top(value(DECAYED, behaviour_items_daily=rows)) == [("new", DECAY_ONE, 0.5), ("old", DECAY_ONE, 0.5)]


def test_decay_does_not_move_while_the_user_is_silent() -> None:
    rows = [acts(10, kind="like", item_id="a", n=4), acts(31, kind="like", item_id="b")]
    assert value(DECAYED, as_of=31, behaviour_items_daily=rows) == value(DECAYED, as_of=500, behaviour_items_daily=rows)


def test_the_landmark_of_decay_is_the_latest_day_of_any_kind_that_was_not_deleted() -> None:
    likes = [acts(10, kind="like", item_id="a")]
    viewed = [*likes, acts(20, item_id="x"), acts(30, item_id="y"), acts(30, 40, n=-1, item_id="y")]
    assert top(value(DECAYED, behaviour_items_daily=likes)) == [("a", DECAY_ONE, 1.0)]
    assert top(value(DECAYED, behaviour_items_daily=viewed)) == [("a", DECAY_ONE // 2, 1.0)]


def test_undated_rows_do_not_move_the_landmark() -> None:
    rows = [acts(10, kind="like", item_id="a"), acts(30, is_dated=False, item_id="x")]
    assert top(value(DECAYED, behaviour_items_daily=rows)) == [("a", DECAY_ONE, 1.0)]


def test_hours_are_24_counts_or_missing() -> None:
    rows = [acts(1, n=3, hour_07=2, hour_23=1), acts(1, 2, n=-1, hour_07=-1), acts(2, hour_07=1)]
    found = value("{from: behaviour_daily, measure: hours}", behaviour_daily=rows)
    assert found == [2 if h == 7 else 1 if h == 23 else 0 for h in range(24)]
    assert value("{from: behaviour_daily, measure: hours}", behaviour_daily=[acts(1)]) is None


# Versions


def test_an_attribute_is_that_of_the_version_valid_on_the_day() -> None:
    age = "{from: users, measure: {attribute: {of: age}}}"
    users = [
        {"valid_from": day(2), "valid_to": day(5), "age": 30},
        {"valid_from": day(5), "valid_to": day(9), "age": 31},
    ]
    assert [value(age, as_of=d, users=users) for d in (2, 4, 5, 8, 9)] == [30, 30, 31, 31, None]


def test_an_end_that_was_not_known_yet_does_not_count() -> None:
    age = "{from: users, measure: {attribute: {of: age}}}"
    users = [{"valid_from": day(2), "valid_to": day(5), "age": 30}, {"valid_from": day(5), "valid_to": None, "age": 31}]
    assert value(age, as_of=9, known_at=4, users=users) == 30
    assert value(age, as_of=9, known_at=5, users=users) == 31


@pytest.mark.parametrize(("as_of", "known_at", "known"), [(4, 99, 2), (9, 4, 2), (9, 5, 5), (20, 99, 12), (11, 99, 5)])
def test_known_at_of_versions_is_their_latest_beginning_or_end_by_then(as_of: int, known_at: int, known: int) -> None:
    users = [
        {"valid_from": day(2), "valid_to": day(5), "age": 30},
        {"valid_from": day(5), "valid_to": day(12), "age": 31},
    ]
    age = trait("{from: users, measure: {attribute: {of: age}}}")
    (row,) = in_duckdb([age], wanted=[wants(as_of, known_at)], users=users)
    assert row["known_at"] == day(known)


def test_ties_are_counted_while_they_are_valid() -> None:
    follows = [
        {"valid_from": day(1), "valid_to": None, "kind": "follow", "target_key": "a"},
        {"valid_from": day(1), "valid_to": day(5), "kind": "follow", "target_key": "b"},
        {"valid_from": day(3), "valid_to": None, "kind": "block", "target_key": "c"},
    ]
    ties = "{from: follows, measure: count}"
    friends = "{from: follows, measure: count, where: kind = 'follow'}"
    assert [value(ties, as_of=d, follows=follows) for d in (1, 3, 5)] == [2, 3, 2]
    assert [value(friends, as_of=d, follows=follows) for d in (1, 3, 5)] == [2, 2, 1]
    assert value("{from: follows, measure: count, where: kind = 'none'}", follows=follows) is None
    assert value(ties, as_of=9, known_at=4, follows=follows) == 3


# Together


def two_inputs() -> list[Trait]:
    return [
        trait("{trait: events, from: behaviour_daily, measure: count}"),
        trait("{trait: age, family: basics, from: users, measure: {attribute: {of: age}}}"),
        trait("{trait: views, from: behaviour_daily, where: kind = 'view', measure: count}"),
    ]


def test_columns_come_in_the_order_of_the_traits_whatever_input_they_are_from() -> None:
    users = [{"valid_from": day(7), "valid_to": None, "age": 30}]
    (row,) = in_duckdb(two_inputs(), wanted=[wants(9)], behaviour_daily=[acts(1, kind="like")], users=users)
    assert list(row.items()) == [
        ("source", "s"),
        ("user_key", "u"),
        ("as_of", day(9)),
        ("known_at", day(7)),
        ("behaviour_events", 1),
        ("basics_age", 30),
        ("behaviour_views", None),
        ("status", {"behaviour_events": "value", "basics_age": "value", "behaviour_views": "no data"}),
    ]


def test_a_user_known_to_one_input_only_has_no_data_of_the_other() -> None:
    wanted = [wants(9), wants(9, user_key="v")]
    users = [{"user_key": "v", "valid_from": day(7), "valid_to": None, "age": 30}]
    found = in_duckdb(two_inputs(), wanted=wanted, behaviour_daily=[acts(1)], users=users)
    assert [(r["user_key"], r["behaviour_events"], r["basics_age"], r["known_at"]) for r in found] == [
        ("u", 1, None, day(1)),
        ("v", None, 30, day(7)),
    ]


def test_only_the_inputs_that_are_asked_for_are_read() -> None:
    query = compile_pass(
        [trait("{from: follows, measure: count}")], "duckdb", {"wanted": "w", "follows": "silver.follows"}
    )
    assert "silver.follows" in query
    assert "behaviour" not in query.replace("behaviour_t", "")
    assert "users" not in query.replace("wanted_users", "")


def test_no_traits_is_a_mistake() -> None:
    with pytest.raises(BadInput, match="no trait is declared"):
        compile_pass([], "duckdb")
