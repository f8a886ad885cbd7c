"""Running the pass in Spark over frames instead of named views."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from uuid import uuid4

from pyspark.sql import functions as F

from include.traits.compile import compile_pass
from include.traits.model import Trait

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


def compute_traits(traits: Iterable[Trait], frames: Mapping[str, DataFrame]) -> DataFrame:
    """`compile_pass` over `frames`: `wanted` and the inputs the traits read, by their names."""
    spark = frames["wanted"].sparkSession
    unique = uuid4().hex
    views = {name: f"{name}_{unique}" for name in frames}
    try:
        for name, frame in frames.items():
            frame.createTempView(views[name])
        return spark.sql(compile_pass(traits, "spark", views))  # the plan holds the frames; the names may go
    finally:
        for view in views.values():
            spark.catalog.dropTempView(view)


def as_array(values: Iterable[str]) -> Column:
    """The same texts in every row."""
    return F.array(*map(F.lit, values)).cast("array<string>")
