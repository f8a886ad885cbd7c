"""What is read out of texts, and where nothing is."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pyspark.sql import functions as F

from include.models.names import Name, Names
from include.models.topics import Categories, OfSource, Topics
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


def test_models_read_together_and_each_says_its_own(spark: SparkSession):
    texts = table(spark, "text_hash string, text string, language string, toward string", """
        a | good tent from Elva | en | x
        b | bad and late        | en | y
        c | ein Zelt            | de | x
        d | good                | en | -
    """)  # fmt: skip
    vectors = texts.withColumn(
        "vector", F.expr("if(toward = 'x', array(1f, 0f), if(toward = 'y', array(0f, 1f), null))")
    )
    by_vector = Categories(1, ("Tents", "Books"), np.float32([[9, 0], [0, 0]]), np.float32([0, 0]), 1.0, 0.9)
    models = [
        ("sentiment", "1-s", {"en": word_model("space")}),
        ("names", "1-n", Names((Name("shop", "elva", "brand", "Elva", None, 0),))),
        ("topics", "1-t", Topics("space", {"shop": OfSource(9, None, by_vector)})),
    ]
    rows = text_signals.read(vectors, models)
    assert lines(rows, *COLUMNS) == expected("""
        a | names     | value       | -          | -     | -     | 1-n
        a | sentiment | value       | pleased    | 0.953 | 0.953 | 1-s
        a | topics    | value       | -          | -     | -     | 1-t
        b | names     | value       | -          | -     | -     | 1-n
        b | sentiment | value       | displeased | 0.986 | 0.014 | 1-s
        b | topics    | unknown     | -          | -     | -     | 1-t
        c | names     | value       | -          | -     | -     | 1-n
        c | sentiment | unsupported | -          | -     | -     | 1-s
        c | topics    | unsupported | -          | -     | -     | 1-t
        d | names     | value       | -          | -     | -     | 1-n
        d | sentiment | unsupported | -          | -     | -     | 1-s
        d | topics    | unsupported | -          | -     | -     | 1-t
    """)
    spans = {(row["text_hash"], row["signal"]): row["spans"] for row in rows.where("size(spans) > 0").collect()}
    assert spans == {
        ("a", "names"): [(15, 19, "organisation", Decimal("0.950"), "Elva", "shop", None)],
        ("a", "topics"): [(0, 19, "category", Decimal("1.000"), "Tents", "shop", None)],
    }


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
