from __future__ import annotations

import pytest
from pyspark import SparkConf

from include.lake.session import _why_not
from tests.helpers import Java

SAYS = "Executor memory must be at least 471859200\nat org.apache.spark"


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (
            "org.apache.spark.SparkIllegalArgumentException",
            "a setting of the connection cannot be: Executor memory must be at least 471859200",
        ),
        ("java.net.BindException", "spark.driver.bindAddress, 10.9.9.9, is no address of this machine"),
        ("java.lang.OutOfMemoryError", "the driver has too little memory"),
        ("java.lang.IllegalStateException", "it does not answer, or spark.authenticate.secret"),
    ],
)
def test_why_a_cluster_did_not_take_an_application(cause: str, said: str) -> None:
    error = RuntimeError("an error of Py4J")
    error.java_exception = Java("java.lang.RuntimeException", Java(cause, None, SAYS))  # type: ignore[attr-defined]
    given = SparkConf(loadDefaults=False).set("spark.driver.bindAddress", "10.9.9.9")
    assert _why_not(error, given).startswith(said)
