"""What is read out of texts, and where nothing is."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from pyspark.sql import functions as F

from jobs.silver import text_signals
from tests.helpers import expected, lines, table
from tests.models import word_model

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

COLUMNS = ("text_hash", "signal", "status", "label", "confidence", "pleased", "model_version")


def test_a_text_is_in_a_language_or_in_doubt(spark: SparkSession):
    texts = table(spark, "text_hash string, text string", """
        en | The magazine came late, and half of it is advertisements.
        zh | 这本杂志很好，我非常喜欢
        de | Die Zeitschrift kam zu spät und besteht zur Hälfte aus Werbung.
        x  | A+
        y  | 😀 5/5
    """)  # fmt: skip
    found = text_signals.transform(texts, signal="language", version="l-1")
    assert lines(found, "text_hash", "signal", "status", "label", "pleased", "model_version") == expected("""
        en | language | value   | en | - | l-1
        zh | language | value   | zh | - | l-1
        de | language | value   | de | - | l-1
        x  | language | value   | en | - | l-1
        y  | language | unknown | -  | - | l-1
    """)
    sure = {row["text_hash"]: row["confidence"] for row in found.collect()}
    assert min(sure["en"], sure["zh"], sure["de"]) > 0.99
    assert sure["y"] is None


def test_sentiment_is_read_in_the_languages_of_the_model_alone(spark: SparkSession):
    texts = table(spark, "text_hash string, text string, language string, embedded boolean", """
        a | good paper       | en | false
        b | good paper       | en | true
        c | bad and late     | en | true
        d | late is not good | de | true
        e | good             | -  | true
        f | 很好             | zh | false
        g | 很差             | zh | true
    """)  # fmt: skip
    vectors = texts.withColumn("vector", F.expr("if(embedded, array(1.0f), null)"))
    chinese = replace(word_model("space"), features="characters", vocabulary=("差", "好", "快"), language="zh")
    model = {"en": word_model("space"), "zh": chinese}
    found = text_signals.transform(vectors, signal="sentiment", version="1-x", model=model)
    assert lines(found, *COLUMNS) == expected("""
        a | sentiment | unsupported | -          | -     | -     | 1-x
        b | sentiment | value       | pleased    | 0.953 | 0.953 | 1-x
        c | sentiment | value       | displeased | 0.986 | 0.014 | 1-x
        d | sentiment | unsupported | -          | -     | -     | 1-x
        e | sentiment | unsupported | -          | -     | -     | 1-x
        f | sentiment | value       | pleased    | 0.953 | 0.953 | 1-x
        g | sentiment | value       | displeased | 0.953 | 0.047 | 1-x
    """)


@pytest.mark.parametrize(("signal", "label"), [("entities", "place"), ("aspects", "blamed")])
def test_what_is_found_is_told_of_texts_that_were_looked_through(spark: SparkSession, signal: str, label: str):
    found = [[(5, 11, label, 0.98765, "berlin", None, None)], [], None]
    span = "start:int,end:int,label:string,confidence:double,name:string,source:string,item_id:string"
    texts = spark.createDataFrame(
        list(zip("abc", found, strict=True)), f"text_hash string, {signal} array<struct<{span}>>"
    )
    rows = text_signals.transform(texts, signal=signal, version="e-1")
    assert lines(rows, "text_hash", "signal", "status", "label", "confidence", "model_version") == expected(f"""
        a | {signal} | value       | - | - | e-1
        b | {signal} | value       | - | - | e-1
        c | {signal} | unsupported | - | - | e-1
    """)
    spans = {row["text_hash"]: row["spans"] for row in rows.collect()}
    assert spans == {"a": [(5, 11, label, Decimal("0.988"), "berlin", None, None)], "b": [], "c": None}
