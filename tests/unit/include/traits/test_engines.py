"""Spark gives what DuckDB gives, value for value, and reads each input once however many traits there are."""

from __future__ import annotations

import re
import time
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlglot import exp, parse_one

from include.settings import ROOT
from include.traits import Trait, compile_pass, load_traits, trait_columns
from include.traits.spark import compute_traits
from tests.unit.include.traits.helpers import (
    Row,
    acts,
    day,
    in_duckdb,
    in_spark,
    says,
    spark_frames,
    trait,
    wants,
    wrote,
)

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

BIG = 10**14
ROWS: dict[str, list[Row]] = {
    "wanted": [wants(40, readers=["e-1"]), wants(100, readers=["e-1", "x"]), wants(100, 60, user_key="v"), wants(100, user_key="w"), wants(9, user_key="x"),
               wants(60, user_key="y"), wants(60, model_version="2-b", readers=["e-1"]), wants(61, model_version=None, readers=[])],
    "behaviour_daily": [
        acts(1, hour_07=1),
        acts(5, n=2, kind="purchase", currency="EUR", amount=1234, hour_07=2, quantity=Decimal("1.5")),
        acts(5, 20, n=-1, kind="purchase", currency="EUR", amount=-234, hour_07=-1, quantity=Decimal("-0.5")),
        acts(20, kind="return", currency="EUR", amount=-17, quantity=Decimal("-0.125")),
        acts(6, kind="purchase", currency="USD", amount=BIG),
        acts(90, kind="rate", rating_sum=Decimal("4.5"), rating_count=1),
        acts(95, kind="review", n=2, rating_sum=Decimal("-0.005"), rating_count=2, over_mean_sum=Decimal("-1.005"),
             over_mean_count=1),
        *(acts(80 + i, n=i + 1) for i in range(6)),
        acts(3, user_key="v", is_dated=False, kind="play", quantity=Decimal(77)),
        acts(50, 61, user_key="v"),
    ],
    "behaviour_items_daily": [
        acts(1, item_id="i1", brand="Ä", categories=["a", "b"]),
        acts(50, item_id="i2", brand="Z", categories=["a", "c"], n=3),
        acts(50, item_id="i3", brand="Ä", categories=[], tag="it's \\ \"x\""),
        acts(51, kind="tag", item_id="i3", tag="a\\b'c"),
        acts(51, kind="tag", item_id="😀", tag="zum 😀"),
        acts(51, kind="tag", item_id="\uffff", tag="ﬁ"),
        acts(99, 100, item_id="i4", brand="z"),
        acts(60, item_id="i5", brand="y", n=1),
        acts(60, 61, item_id="i5", brand="y", n=-1),
        acts(3, user_key="v", is_dated=False, kind="play", quantity=Decimal("77.25"), item_id="p"),
    ],
    "texts": [
        wrote("a", 1), wrote("b", 5, 50), wrote("c", 30, kind="question", language="en"), wrote("d", 39),
        wrote("a", 2, user_key="v"), wrote("never read", 3, user_key="w"), wrote("a", 3, user_key="y", precision="none"),
    ],
    "text_signals": [
        says("a", "0.9"), says("b", "0.2"), says("c", "0.501"), {**says("d", "0"), "pleased": None},
        says("a", "0.7", "2-b"), says("c", "0.4", "2-b"),
    ],
    "mentions": [
        {"trait": name, "name": thing, "text_hash": text, "text_key": text, "day": day(on), "known_from": day(on),
         "known_to": day(ends) if ends else None, "model_version": "e-1", "signal": "entities", "label": "place",
         "span_start": 0, "span_end": 4, "item_id": item}
        for name in ("entity_places", "entity_products", "behaviour_mentioned")
        for thing, text, on, ends, item in (("rome", "a", 1, None, None), ("rome", "b", 5, 50, "i1"),
                                            ("rome", "c", 30, None, None), ("köln", "c", 30, None, "i2"))
    ],
    "users": [
        {"valid_from": day(2), "valid_to": day(50), "age": 33, "labels": ["b", "a"]},
        {"valid_from": day(50), "age": 34, "gender": "f", "labels": ["c"]},
        {"user_key": "w", "valid_from": day(3), "valid_to": day(60), "age": 50},
    ],
    "follows": [
        {"valid_from": day(2), "valid_to": day(150), "kind": "follow"},
        {"valid_from": day(3), "valid_to": day(7), "kind": "follow", "target_key": "x"},
        {"valid_from": day(30), "valid_to": day(90), "kind": "follow", "target_key": "v"},
        {"valid_from": day(30), "kind": "follow", "user_key": "w", "target_key": "u"},
    ],
}  # fmt: skip


def every_measure() -> list[Trait]:
    """The shipped traits and one of each measure they leave out."""
    more = [
        "{trait: quantity, from: behaviour_daily, measure: {sum: {of: quantity}}}",
        "{trait: euros, from: behaviour_daily, where: currency = 'EUR', measure: {sum: {of: amount}}, window: 60d}",
        r"""{trait: odd, from: behaviour_items_daily, where: "tag in ('a\\b''c', 'it''s \\ \"x\"')", measure: count}""",
        "{trait: kinds, from: behaviour_items_daily, measure: {top_k: {of: kind, k: 2}}, half_life: 1d}",
        "{trait: mentioned, from: mentions, measure: {last_k: {of: item_id, k: 3}}, window: 60d}",
        "{trait: labels, family: basics, from: users, measure: {attribute: {of: labels}}}",
        "{trait: rate_of_items, from: behaviour_items_daily, measure: {rate: {of: kind = 'tag', over: kind = 'view'}}}",
    ]
    return [*load_traits([ROOT / "traits"]), *map(trait, more)]


def many(count: int) -> list[Trait]:
    """That many different traits over all four inputs."""
    kinds = ("view", "purchase", "cart", "play", "tag")
    shapes = (
        "from: behaviour_daily, measure: count, window: {w}d, where: kind = '{k}'",
        "from: behaviour_items_daily, measure: {{top_k: {{of: brand, k: 5}}}}, half_life: 30d, window: {w}d",
        "from: users, measure: {{attribute: {{of: age}}}}",
        "from: follows, measure: count, where: kind = '{w}'",
        "from: behaviour_items_daily, measure: {{distinct: {{of: tag}}}}, window: {w}d, where: kind = '{k}'",
    )
    texts = (shapes[i % 5].format(w=i + 1, k=kinds[i // 5 % 5]) for i in range(count))
    return [trait(f"{{trait: t{i}, {text}}}") for i, text in enumerate(texts)]


def test_both_engines_give_equal_rows(spark: SparkSession) -> None:
    traits = every_measure()
    expected = in_duckdb(traits, **ROWS)
    assert [(r["user_key"], r["as_of"]) for r in expected] == [
        ("u", day(40)), ("u", day(60)), ("u", day(61)), ("u", day(100)), ("v", day(100)), ("w", day(100)),
        ("y", day(60)),
    ]  # fmt: skip
    assert expected[3]["behaviour_odd"] == 2
    pleased = {(r["user_key"], r["as_of"]): r["sentiment_pleased"] for r in expected}
    assert pleased["u", day(60)] == Decimal("0.55")
    assert pleased["y", day(60)] == Decimal("0.9")
    assert in_spark(spark, traits, **ROWS) == expected


def test_spark_makes_the_declared_types(spark: SparkSession) -> None:
    traits = every_measure()
    made = {f.name: f.dataType.simpleString() for f in compute_traits(traits, spark_frames(spark)).schema.fields}
    declared = {c.name: c.type for c in trait_columns(traits)}
    assert {name: made[name] for name in declared} == declared
    assert (made["known_at"], made["status"]) == ("date", "map<string,string>")


def spark_plan(spark: SparkSession, traits: list[Trait]) -> tuple[dict[str, int], int]:
    """Scans of each input in the plan that runs, and how often rows are moved between partitions."""
    partitions = spark.conf.get("spark.sql.shuffle.partitions") or "2"
    spark.conf.set("spark.sql.autoBroadcastJoinThreshold", "-1")
    spark.conf.set("spark.sql.adaptive.enabled", "true")  # as in a build
    spark.conf.set("spark.sql.shuffle.partitions", "2")  # with one, Spark moves rows that lie right already
    try:
        plan = compute_traits(traits, spark_frames(spark))._jdf.queryExecution().executedPlan().toString()
    finally:
        spark.conf.unset("spark.sql.autoBroadcastJoinThreshold")
        spark.conf.set("spark.sql.shuffle.partitions", partitions)
        spark.conf.set("spark.sql.adaptive.enabled", "false")
    scans = re.findall(r"Scan ExistingRDD\[source#\d+,(\w+)#", plan)
    second = {"user_key": "wanted", "period": "ledger", "bucket": "versions"}
    counted = {kind: sum(second[s] == kind for s in scans) for kind in second.values()}
    return counted, plan.count("Exchange ")


@pytest.mark.parametrize("count", [5, 200])
def test_the_number_of_scans_and_moves_does_not_depend_on_the_number_of_traits(spark: SparkSession, count: int) -> None:
    """Two ledgers and two tables of versions, each joined to the wanted users; their rows are brought together once,
    and `wanted` once more at the end."""
    assert spark_plan(spark, many(count)) == ({"wanted": 5, "ledger": 2, "versions": 2}, 9)


def test_two_traits_of_one_input_read_it_once(spark: SparkSession) -> None:
    both = [t for t in many(10) if t.reads == "behaviour_daily"]
    assert len(both) == 2
    assert spark_plan(spark, both) == ({"wanted": 2, "ledger": 1, "versions": 0}, 3)


def test_the_query_names_each_input_once() -> None:
    for count in (5, 200):
        query = parse_one(compile_pass(many(count), "duckdb"), dialect="duckdb")
        tables = [t.name for t in query.find_all(exp.Table)]
        assert {n: tables.count(n) for n in ("behaviour_daily", "behaviour_items_daily", "users", "follows")} == {
            "behaviour_daily": 1, "behaviour_items_daily": 1, "users": 1, "follows": 1,
        }  # fmt: skip


def test_two_hundred_traits_compile_and_run_in_seconds() -> None:
    traits = many(200)
    start = time.process_time()
    compile_pass(traits, "duckdb")
    assert time.process_time() - start < 5
    assert len(in_duckdb(traits, **ROWS)) == 6
