"""How texts are dealt to workers, and which models read them together."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from jobs.understand import partitions_for, read_together, without_known
from tests.helpers import expected, lines, table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.mark.parametrize(
    ("texts", "cores", "partitions"),
    [(0, 2, 1), (1, 2, 1), (200, 2, 1), (201, 2, 4), (4_000, 2, 4), (4_001, 2, 5), (1_000_000, 2, 1_000), (500, 8, 3),
     (500, 1, 2)],
)  # fmt: skip
def test_few_texts_keep_few_workers_busy(texts: int, cores: int, partitions: int):
    assert partitions_for(texts, cores) == partitions


def test_models_that_are_asked_about_the_same_texts_read_them_together():
    models = {"sentiment": {"s2": "S2", "s1": "S1"}, "names": {"n1": "N1", "n2": "N2"}, "topics": {"t1": "T1"}}
    pending: Any = SimpleNamespace(behind={"n2"}, read_until={"s1": date(2018, 1, 2)})
    assert read_together(pending, models) == [
        [("sentiment", "s2", "S2"), ("names", "n1", "N1"), ("topics", "t1", "T1")],
        [("sentiment", "s1", "S1")],
        [("names", "n2", "N2")],
    ]


def test_what_one_version_had_read_is_written_by_the_other_alone(spark: SparkSession):
    rows = "a | s1\na | n1\nb | s1\nb | n1"
    read, known = (table(spark, "text_hash string, model_version string", text) for text in (rows, "a | s1\nb | n1"))
    reader: Any = SimpleNamespace(table=lambda *_: known)
    assert lines(without_known(reader, read, "s1", "n1"), "text_hash", "model_version") == expected("a | n1\nb | s1")
