"""The pass against a plain one that does everything by the words of the rules, one user and one trait at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

import hypothesis.strategies as st
from hypothesis import given, settings

from include.traits.arithmetic import DECAY_ONE
from tests.unit.include.traits.helpers import Row, acts, day, in_duckdb, trait, wants

LAST = 30  # days of the story
KINDS = ("view", "purchase", "like")
DAILY = [
    trait("{trait: count, from: behaviour_daily, measure: count, where: kind = 'view'}"),
    trait("{trait: count_7d, from: behaviour_daily, measure: count, where: kind = 'view', window: 7d}"),
    trait("{trait: days_7d, from: behaviour_daily, measure: {distinct: {of: day}}, window: 7d}"),
    trait("{trait: first, from: behaviour_daily, measure: first}"),
    trait("{trait: last_bought, from: behaviour_daily, measure: last, where: kind = 'purchase'}"),
]
ITEMS = [
    trait("{trait: items, from: behaviour_items_daily, measure: {distinct: {of: item_id}}, where: kind <> 'like'}"),
    trait("{trait: latest, from: behaviour_items_daily, measure: {last_k: {of: item_id, k: 2}}}"),
    trait("{trait: brands, from: behaviour_items_daily, measure: {top_k: {of: brand, k: 2}}}"),
    trait("{trait: decayed, from: behaviour_items_daily, measure: {top_k: {of: item_id, k: 3}}, half_life: 3d}"),
    trait("{trait: both, from: behaviour_items_daily, measure: {top_k: {of: brand, k: 3}}, half_life: 5d, window: 9d,"
          " where: kind = 'view'}"),
]  # fmt: skip

FOLLOWED = [
    trait("{trait: theirs, from: behaviour_items_daily, whose: followed, measure: {top_k: {of: item_id, k: 2}},"
          " half_life: 4d}"),
    trait("{trait: their_views, from: behaviour_items_daily, whose: followed, measure: count, where: kind = 'view'}"),
]  # fmt: skip

entries = st.fixed_dictionaries(
    {
        "on": st.integers(0, LAST),
        "late": st.integers(0, 9),
        "user_key": st.sampled_from(["u", "v", "w"]),
        "kind": st.sampled_from(KINDS),
        "n": st.sampled_from([-1, 1, 2]),
        "is_dated": st.sampled_from([True, True, True, False]),
        "item_id": st.sampled_from(["a", "b", "c"]),
    }
)


ties = st.fixed_dictionaries(
    {
        "user_key": st.sampled_from(["u", "v"]),
        "target_key": st.sampled_from(["u", "v", "w"]),
        "kind": st.sampled_from(["follow", "friend"]),
        "valid_from": st.integers(0, LAST).map(day),
        "valid_to": st.none() | st.integers(1, LAST).map(day),
    }
).filter(lambda t: t["valid_to"] is None or t["valid_from"] < t["valid_to"])


def ledger_row(entry: Row) -> Row:
    about = {k: v for k, v in entry.items() if k not in ("on", "late")}
    return acts(entry["on"], entry["on"] + entry["late"], **about)


def visible(rows: Iterable[Row], as_of: date, known_at: date) -> list[Row]:
    return [r for r in rows if r["day"] <= as_of and r["arrived_on"] <= known_at]


def net(rows: Iterable[Row], key: Sequence[str]) -> list[Row]:
    """Rows that happened, with what the key names and how often."""
    sums: dict[tuple[Any, ...], int] = defaultdict(int)
    for row in rows:
        sums[tuple(row[k] for k in key)] += row["n"]
    return [{**dict(zip(key, values, strict=True)), "n": n} for values, n in sums.items() if n > 0]


def weight(age: int, half_life: int) -> int:
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(2) ** (Decimal(-age) / half_life) * DECAY_ONE
        return int(exact.to_integral_value(ROUND_HALF_UP))


def heaviest(weights: dict[str, int], k: int) -> list[Row] | None:
    total = sum(weights.values())
    ranked = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))[:k]
    shares = [(w * 2_000_000 + total) // (total * 2) / 1_000_000 for _, w in ranked]
    found = [{"value": v, "weight": Decimal(w), "share": s} for (v, w), s in zip(ranked, shares, strict=True)]
    return found or None


def summed(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for name, value in pairs:
        sums[name] += value
    return {name: value for name, value in sums.items() if value > 0}


def expect_daily(rows: list[Row], as_of: date) -> Row:
    done = net(rows, ("day", "kind", "is_dated"))
    views = [r for r in done if r["kind"] == "view"]
    dated = [r for r in done if r["is_dated"]]
    week = as_of - timedelta(days=6)
    seen = [r for r in views if r["is_dated"]]
    return {
        "behaviour_count": sum(r["n"] for r in views) if views else None,
        "behaviour_count_7d": sum(r["n"] for r in seen if r["day"] >= week) if seen else None,
        "behaviour_days_7d": len({r["day"] for r in dated if r["day"] >= week}) if dated else None,
        "behaviour_first": min((r["day"] for r in dated), default=None),
        "behaviour_last_bought": max((r["day"] for r in dated if r["kind"] == "purchase"), default=None),
    }


def expect_items(rows: list[Row], as_of: date) -> Row:
    done = net(rows, ("day", "kind", "is_dated", "item_id", "brand"))
    dated = [r for r in done if r["is_dated"]]
    landmark = max((r["day"] for r in dated), default=as_of)

    def decayed(row: Row, half_life: int) -> int:
        return int(row["n"]) * weight((landmark - row["day"]).days, half_life)

    latest: dict[str, date] = {}
    for row in dated:
        latest[row["item_id"]] = max(row["day"], latest.get(row["item_id"], row["day"]))
    ranked = sorted(latest.items(), key=lambda pair: (-pair[1].toordinal(), pair[0]))[:2]
    views = [r for r in dated if r["kind"] == "view" and (as_of - r["day"]).days < 9]
    return {
        "behaviour_items": len({r["item_id"] for r in done if r["kind"] != "like"}) or None,
        "behaviour_latest": [{"value": v, "day": d} for v, d in ranked] or None,
        "behaviour_brands": heaviest(summed((r["brand"], r["n"]) for r in done if r["brand"]), 2),
        "behaviour_decayed": heaviest(summed((r["item_id"], decayed(r, 3)) for r in dated), 3),
        "behaviour_both": heaviest(summed((r["brand"], decayed(r, 5)) for r in views if r["brand"]), 3),
    }


def expect_followed(rows: list[Row]) -> Row:
    done = net(rows, ("day", "kind", "is_dated", "item_id"))  # of all of them together
    dated = [r for r in done if r["is_dated"]]
    landmark = max((r["day"] for r in dated), default=day(0))
    views = [r["n"] for r in done if r["kind"] == "view"]
    weighed = summed((r["item_id"], r["n"] * weight((landmark - r["day"]).days, 4)) for r in dated)
    return {"behaviour_theirs": heaviest(weighed, 2), "behaviour_their_views": sum(views) if views else None}


@settings(max_examples=60, deadline=None)
@given(st.lists(entries, max_size=25), st.lists(ties, max_size=6), st.integers(1, LAST), st.integers(1, LAST + 9))
def test_of_those_followed_equals_the_rules_applied_by_hand(
    done: list[Row], follows: list[Row], as_of: int, known_at: int
) -> None:
    rows = [ledger_row(e) for e in done]
    found = in_duckdb([*ITEMS, *FOLLOWED], wanted=[wants(as_of, known_at)], behaviour_items_daily=rows, follows=follows)
    cut = day(min(as_of, known_at))
    ties = [t for t in follows if t["user_key"] == "u" and t["valid_from"] <= cut]
    ended = [t["valid_to"] for t in ties if t["valid_to"] and t["valid_to"] <= cut]
    valid = [t for t in ties if not t["valid_to"] or t["valid_to"] > cut]
    followed = {t["target_key"] for t in valid}
    seen = visible(rows, day(as_of), day(known_at))
    own, theirs = [r for r in seen if r["user_key"] == "u"], [r for r in seen if r["user_key"] in followed]
    known = [*ended, *(t["valid_from"] for t in valid), *(r["arrived_on"] for r in own + theirs)]
    expected = []
    if known:
        traits = {**expect_items([{**r, "brand": None} for r in own], day(as_of)), **expect_followed(theirs)}
        status = {name: "no data" if value is None else "value" for name, value in traits.items()}
        key = {"source": "s", "user_key": "u", "as_of": day(as_of)}
        expected = [{**key, "known_at": max(known), **traits, "status": status}]
    assert found == expected


@settings(max_examples=60, deadline=None)
@given(
    st.lists(entries, max_size=25),
    st.lists(st.tuples(st.integers(9, LAST), st.integers(9, LAST + 9)), min_size=1, max_size=4),
)
def test_equals_the_rules_applied_by_hand(done: list[Row], cuts: list[tuple[int, int]]) -> None:
    brand_of = {"a": "A", "b": "A", "c": None}
    items = [{**ledger_row(e), "brand": brand_of[e["item_id"]]} for e in done]
    daily = [{k: v for k, v in row.items() if k not in ("item_id", "brand")} for row in items]
    days = dict(cuts)  # one cut an as-of day
    wanted = [wants(as_of, known_at, user_key=u) for as_of, known_at in days.items() for u in "uv"]
    found = in_duckdb([*DAILY, *ITEMS], wanted=wanted, behaviour_daily=daily, behaviour_items_daily=items)
    expected = []
    for row in sorted(wanted, key=lambda w: (w["user_key"], w["as_of"])):
        mine = [[r for r in rows if r["user_key"] == row["user_key"]] for rows in (daily, items)]
        seen_daily, seen_items = (visible(rows, row["as_of"], row["known_at"]) for rows in mine)
        if seen_daily:
            traits = {**expect_daily(seen_daily, row["as_of"]), **expect_items(seen_items, row["as_of"])}
            known_at = max(r["arrived_on"] for r in seen_daily)
            status = {name: "no data" if value is None else "value" for name, value in traits.items()}
            key = {"source": "s", "user_key": row["user_key"], "as_of": row["as_of"]}
            expected.append({**key, "known_at": known_at, **traits, "status": status})
    assert found == expected


def test_the_oracle_itself_on_a_story_worked_out_by_hand() -> None:
    rows = [acts(1, n=2, item_id="a"), acts(4, item_id="b"), acts(9, 10, item_id="b")]
    seen = visible(
        [{**r, "brand": None, "kind": "view", "is_dated": True, "n": r.get("n", 1)} for r in rows], day(9), day(9)
    )
    assert expect_daily(seen, day(9))["behaviour_count_7d"] == 1
    # landmark day 4: a weighs 2 * 1/2, b weighs 1
    assert expect_items(seen, day(9))["behaviour_decayed"] == [
        {"value": "a", "weight": Decimal(DECAY_ONE), "share": 0.5},
        {"value": "b", "weight": Decimal(DECAY_ONE), "share": 0.5},
    ]
