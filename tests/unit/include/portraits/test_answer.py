"""Answers of the form, and all that models send instead."""

import json

import pytest

from include.portraits.answer import Claim, Malformed, parse, schema

EMPTY = '{"portrait": [], "interests": [], "preferences": []}'
FULL = '{"portrait": [{"text": "Likes {tea}.", "evidence": ["e1", "e2"]}], "interests": [], "preferences": []}'


@pytest.mark.parametrize(
    "around", ["{}", "```json\n{}\n```", "<think>{{a}} or {{b}}</think>\n{}", "Here it is: {} Ask me more."]
)
def test_what_is_around_the_object_does_not_count(around: str):
    assert parse(around.format(FULL)).portrait == (Claim(text="Likes {tea}.", evidence=("e1", "e2")),)


def test_nothing_known_is_an_answer():
    assert parse(EMPTY).interests == ()


@pytest.mark.parametrize(("text", "why"), [
    ("", "there is no JSON object in it"),
    ("I cannot help with that.", "there is no JSON object in it"),
    ("}{", "there is no JSON object in it"),
    (EMPTY[:-10] + "}", "Invalid JSON: EOF while parsing"),
    ('{"portrait": [], "interests": []}', "preferences: Field required"),
    (EMPTY.replace("}", ', "age": 34}'), "age: Extra inputs are not permitted"),
    (FULL.replace('["e1", "e2"]', '"e1"'), "portrait.0.evidence: Input should be a valid array"),
    (FULL.replace('"Likes {tea}."', "7"), "portrait.0.text: Input should be a valid string"),
    (FULL.replace("{tea}", "\\ud800"), "Invalid JSON: "),
    ('{"portrait": ' + "[" * 5000 + "]" * 5000 + "}", "Invalid JSON: recursion limit exceeded"),
    (f"{EMPTY} {EMPTY}", "Invalid JSON: trailing characters"),
])  # fmt: skip
def test_anything_else_is_malformed_and_says_where(text: str, why: str):
    with pytest.raises(Malformed, match=why.replace(".", r"\.")):
        parse(text)


def test_the_schema_is_closed_and_asks_for_every_field():
    whole = schema()
    for one in (whole, whole["$defs"]["Claim"]):
        assert one["additionalProperties"] is False
        assert set(one["required"]) == set(one["properties"])
    assert "maxLength" not in json.dumps(whole)
