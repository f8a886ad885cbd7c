from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.golden.lake import Built, built

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def golden(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The lake of the golden cases: small, and with rows in every table."""
    return built(spark, tmp_path_factory.getbasetemp())
