"""One Spark session a worker, on one core, and which tests share a worker."""

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


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a file stay together, and so do all that look at the golden lake: it is built once."""
    for item in items:
        uses_golden = {"golden", "golden_lake"} & set(getattr(item, "fixturenames", ()))
        item.add_marker(pytest.mark.xdist_group("golden" if uses_golden else item.nodeid.partition("::")[0]))


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    from include.lake.session import session

    found = session("portrait.tests")
    # A few rows are planned and compiled far longer than they are computed.
    for setting, value in _FOR_FEW_ROWS.items():
        found.conf.set(setting, value)
    yield found
    found.stop()
