"""One Spark session a worker, on one core, and which tests share a worker."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from xdist.scheduler import LoadFileScheduling

from tests.helpers import NO_CODEGEN

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

os.environ.setdefault("PYSPARK_PYTHON", sys.executable)


# Files that look at the same lake, which takes a minute or more to build.
LAKES = {
    "golden": ("tests/contracts/test_plans.py", "tests/contracts/test_readers.py", "tests/golden/test_golden.py"),
    "shop": ("tests/protocol/test_maintain.py", "tests/protocol/test_repair.py", "tests/protocol/test_turns.py"),
}
_FOR_FEW_ROWS = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    **NO_CODEGEN,
}


class ByLake(LoadFileScheduling):
    """The tests of a file share a worker, and so do the files that look at the same lake: it is built once."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return next((lake for lake, files in LAKES.items() if file in files), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByLake:
    return ByLake(config, log)


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    from include.lake.session import session

    found = session("portrait.tests")
    # A few rows are planned and compiled far longer than they are computed.
    for setting, value in _FOR_FEW_ROWS.items():
        found.conf.set(setting, value)
    yield found
    found.stop()
