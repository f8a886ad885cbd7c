"""How texts are dealt to workers, and which models read them together."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from jobs.understand import partitions_for, read_together


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
