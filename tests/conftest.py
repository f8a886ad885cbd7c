"""One Spark session a test run, on one core."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.helpers import NO_CODEGEN

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

os.environ.setdefault("PYSPARK_PYTHON", sys.executable)


_FOR_FEW_ROWS = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    **NO_CODEGEN,
}


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    from include.lake.session import session

    found = session("portrait.tests")
    # A few rows are planned and compiled far longer than they are computed.
    for setting, value in _FOR_FEW_ROWS.items():
        found.conf.set(setting, value)
    yield found
    found.stop()
