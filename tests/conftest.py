"""One Spark session a test run, on one core."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

os.environ.setdefault("PYSPARK_PYTHON", sys.executable)


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    from include.lake.session import session

    found = session("portrait.tests")
    found.conf.set("spark.sql.shuffle.partitions", "1")
    yield found
    found.stop()
