"""The evidence hides what names hide, as the exam's merging does."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import TYPE_CHECKING

from include.score.merge import merge
from include.settings import ROOT
from include.text.spans import SPANS
from include.text.tags import Entity
from include.traits.load import load_traits
from jobs.gold import trait_evidence

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_TEXTS = (
    "source string, day date, known_from date, known_to date, user_key string, text_key string, text_hash string, "
    "kind string, language string, text string, precision string"
)
_SIGNALS = (
    "text_hash string, signal string, model_version string, status string, label string, pleased double, "
    f"confidence double, spans {SPANS}"
)


def drawn(seed: int) -> tuple[list[Entity], list[Entity]]:
    """Names, which never overlap, and entities anywhere."""
    chance = Random(seed)
    ends = sorted(chance.sample(range(40), 6))
    names = [Entity(a, b, "product", 0.9, "x") for a, b in zip(ends[::2], ends[1::2], strict=True)]
    starts = sorted(chance.sample(range(40), 5))
    return names, [Entity(a, a + chance.randint(1, 6), "product", 0.9, "y") for a in starts]


def test_what_counts_for_a_trait_are_the_spans_that_are_left_when_both_are_merged(spark: SparkSession):
    day, texts = date(2024, 1, 1), {f"t{seed}": drawn(seed) for seed in range(20)}
    rows = [("s", day, day, None, "u", t, t, "review", "en", "x" * 50, "second") for t in texts]
    signals = [
        (
            t,
            signal,
            version,
            "value",
            None,
            None,
            None,
            [(e.start, e.end, e.kind, 0.9, e.name, of, None) for e in spans],
        )
        for t, (names, entities) in texts.items()
        for signal, version, spans, of in (("names", "n", names, "s"), ("entities", "e", entities, None))
    ]
    found = trait_evidence.transform(
        spark.createDataFrame(rows, _TEXTS),
        spark.createDataFrame(signals, _SIGNALS),
        spark.createDataFrame([("s", "n"), ("s", "e")], "source string, model_version string"),
        traits=[t for t in load_traits([ROOT / "traits"]) if t.column == "entity_products"],
    )
    counting = found.where("hidden_by is null").select("text_key", "span_start", "span_end").collect()
    assert sorted(tuple(row) for row in counting) == sorted(
        (t, e.start, e.end) for t, (names, entities) in texts.items() for e in merge(names, entities)
    )
