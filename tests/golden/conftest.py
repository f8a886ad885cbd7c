from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.golden.lake import GoldenLake, built

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def golden_lake(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> GoldenLake:
    return built(spark, tmp_path_factory.getbasetemp()).lake
