"""The weights that are shipped."""

from __future__ import annotations

import pytest

from include.text.device import Device
from include.text.encode import TextEncoder
from include.text.encoder import find_encoder
from include.text.entities import packaged_weights


@pytest.fixture(scope="module", params=["float32", "bfloat16"])
def encoder(request: pytest.FixtureRequest) -> TextEncoder:
    return TextEncoder(find_encoder("").folder, Device("cpu", request.param), packaged_weights())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Anna Lee moved from Berlin to Oslo last year.",
            {("Anna Lee", "person"), ("Berlin", "place"), ("Oslo", "place")},
        ),
        ("My sister gave it to me and I read it in bed.", set()),
    ],
)
def test_they_find_what_is_plain(encoder: TextEncoder, text: str, expected: set[tuple[str, str]]):
    (part,) = encoder.encode_in_parts([text], [True])
    (found,) = part.entities
    assert found is not None
    assert {(text[e.start : e.end], e.kind) for e in found} == expected


def test_they_are_small():
    assert packaged_weights().file.stat().st_size <= 10_000_000
