"""How texts are dealt to workers."""

from __future__ import annotations

import pytest

from jobs.understand import partitions_for


@pytest.mark.parametrize(
    ("texts", "cores", "partitions"),
    [(0, 2, 1), (1, 2, 1), (200, 2, 1), (201, 2, 4), (4_000, 2, 4), (4_001, 2, 5), (1_000_000, 2, 1_000), (500, 8, 3),
     (500, 1, 2)],
)  # fmt: skip
def test_few_texts_keep_few_workers_busy(texts: int, cores: int, partitions: int):
    assert partitions_for(texts, cores) == partitions
