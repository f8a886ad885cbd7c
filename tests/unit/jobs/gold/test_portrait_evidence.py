"""What a language model is quoted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jobs.gold import portrait_evidence

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LONG = "word " * 20


@pytest.mark.parametrize(
    ("text", "said", "quote"),
    [
        ("A fine kettle.", "kettle", "A fine kettle."),
        (f"{LONG}un{'healthy ' * 10}kettle", "kettle", f"{'healthy ' * 9}kettle"),
        (f"kettle {'able ' * 15}disliked {LONG}", "kettle", f"kettle {'able ' * 14}able"),
        ("好" * 100 + "壶" + "好" * 100, "壶", "好" * 80 + "壶" + "好" * 80),
    ],
    ids=["whole", "before", "after", "no spaces"],
)
def test_a_quote_has_no_halves_of_words(spark: SparkSession, text: str, said: str, quote: str):
    start = text.index(said)
    frame = spark.createDataFrame([(text, start, start + len(said))], "text string, span_start int, span_end int")
    [row] = frame.select(portrait_evidence._quote().alias("quote")).collect()
    assert row["quote"] == quote
