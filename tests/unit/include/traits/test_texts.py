"""What the sentiment model says about users: only of texts known by then, only from one version of the model."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlglot import exp, parse_one

from include.traits import compile_pass
from tests.unit.include.traits.helpers import day, in_duckdb, says, trait, wants, wrote

PLEASED = trait("{trait: pleased, family: sentiment, from: texts, measure: {mean: {of: pleased}}}")
LATELY = trait("{trait: lately, family: sentiment, from: texts, measure: {mean: {of: pleased}}, window: 10d}")
ENGLISH = trait(
    """{trait: en, family: sentiment, from: texts, where: "language = 'en'", measure: {mean: {of: pleased}}}"""
)


def found(row: dict[str, Any], trait: str = "pleased") -> tuple[Any, ...]:
    names = (f"sentiment_{trait}{suffix}" for suffix in ("", "_count", "_confidence", "_model_version"))
    return (*(row[name] for name in names), row["status"][f"sentiment_{trait}"])


def test_a_user_is_as_pleased_as_the_texts_that_stand():
    rows = in_duckdb(
        [PLEASED],
        wanted=[wants(1), wants(5, 5), wants(9), wants(9, 4, user_key="v")],
        texts=[wrote("good", 1), wrote("bad", 4), wrote("bad", 5, 7), wrote("good", 3, user_key="v"),
               wrote("bad", 3, user_key="v", known_from=day(6))],
        text_signals=[says("good", "0.9"), says("bad", "0.2")],
    )  # fmt: skip
    assert [found(row) for row in rows] == [
        (Decimal("0.9"), 1, Decimal("0.9"), "1-a", "value"),
        (Decimal("0.433333"), 3, Decimal("0.833333"), "1-a", "value"),
        (Decimal("0.55"), 2, Decimal("0.85"), "1-a", "value"),
        (Decimal("0.9"), 1, Decimal("0.9"), "1-a", "value"),
    ]


def test_a_day_is_read_by_its_own_version_of_the_model():
    rows = in_duckdb(
        [PLEASED],
        wanted=[wants(5, model_version=None), wants(6), wants(7, model_version="2-b"), wants(8, model_version="3-c")],
        behaviour_daily=[{"day": day(1), "arrived_on": day(1)}],
        texts=[wrote("good", 1)],
        text_signals=[says("good", "0.9"), says("good", "0.8", "2-b")],
    )
    assert [found(row) for row in rows if row["as_of"] in (day(6), day(7))] == [
        (Decimal("0.9"), 1, Decimal("0.9"), "1-a", "value"),
        (Decimal("0.8"), 1, Decimal("0.8"), "2-b", "value"),
    ]


def test_without_a_model_the_status_says_so_and_without_texts_it_says_that():
    others = trait("{trait: events, from: behaviour_daily, measure: count}")
    rows = in_duckdb(
        [PLEASED, others],
        wanted=[
            wants(5, model_version=None),
            wants(6),
            wants(6, user_key="v"),
            wants(6, user_key="w"),
            wants(7, user_key="w", model_version=None),
        ],
        behaviour_daily=[{"day": day(1), "arrived_on": day(1), "user_key": user} for user in "uvw"],
        texts=[wrote("good", 1), wrote("😀", 1, user_key="v")],
        text_signals=[says("good", "0.9"), {**says("😀", "0"), "status": "unsupported", "pleased": None}],
    )
    nothing = (None, None, None, None)
    assert [found(row) for row in rows] == [
        (*nothing, "no model"),
        (Decimal("0.9"), 1, Decimal("0.9"), "1-a", "value"),
        (*nothing, "unsupported"),
        (*nothing, "no data"),
        (*nothing, "no data"),
    ]


def test_texts_of_a_suspect_day_say_nothing():
    rows = in_duckdb(
        [PLEASED],
        wanted=[wants(9), wants(9, user_key="v")],
        texts=[wrote("good", 1), wrote("bad", 2), wrote("bad", 1, user_key="v"), wrote("bad", 1, source="t")],
        text_signals=[says("good", "0.9"), says("bad", "0.2")],
        user_days=[{"day": day(1)}, {"day": day(2), "limits_broken": ["volume"]},
                   {"day": day(1), "source": "t", "limits_broken": ["volume"]}],
    )  # fmt: skip
    assert [found(row)[:2] for row in rows] == [(Decimal("0.9"), 1), (Decimal("0.2"), 1)]


def test_windows_and_conditions_choose_texts():
    rows = in_duckdb(
        [LATELY, ENGLISH],
        wanted=[wants(20)],
        texts=[wrote("good", 1, language="en"), wrote("bad", 15), wrote("good", 16, precision="none")],
        text_signals=[says("good", "0.9"), says("bad", "0.2")],
    )
    assert found(rows[0], "lately") == (Decimal("0.2"), 1, Decimal("0.8"), "1-a", "value")
    assert found(rows[0], "en") == (Decimal("0.9"), 1, Decimal("0.9"), "1-a", "value")


def test_texts_and_signals_are_read_once_however_many_traits():
    windows = [
        trait(f"{{trait: w{n}, from: texts, measure: {{mean: {{of: pleased}}}}, window: {n}d}}") for n in (1, 2, 3)
    ]
    query = parse_one(compile_pass([*windows, ENGLISH], "duckdb"), dialect="duckdb")
    assert sorted(t.name for t in query.find_all(exp.Table) if t.name in ("texts", "text_signals")) == [
        "text_signals",
        "texts",
    ]
