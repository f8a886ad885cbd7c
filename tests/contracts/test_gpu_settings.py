"""The GPU settings that docs/text.md tells people to copy."""

from __future__ import annotations

import json
import re

import pytest

from include.lake.session import spark_conf
from include.settings import ROOT

BLOCKS = dict(re.findall(r"```json (\w+)\n(.*?)```", (ROOT / "docs" / "text.md").read_text("utf-8"), re.DOTALL))
# https://spark.apache.org/docs/latest/configuration.html#custom-resource-scheduling-and-configuration-overview
KNOWN = {f"spark.executor.resource.gpu.{name}" for name in ("amount", "discoveryScript", "vendor")} | {
    "spark.task.resource.gpu.amount",
    "spark.files",
}


def test_there_are_settings_for_three_clusters():
    assert set(BLOCKS) == {"standalone", "yarn", "kubernetes"}


@pytest.mark.parametrize("cluster", BLOCKS)
def test_settings_fit_together_and_override_none_of_ours(cluster: str):
    conf = json.loads(BLOCKS[cluster])
    assert set(conf) <= KNOWN
    assert not set(conf) & set(spark_conf())
    share = float(conf["spark.task.resource.gpu.amount"])
    assert 0 < share <= 1, "a task has a share of one GPU, or one"
    assert float(conf["spark.executor.resource.gpu.amount"]) == 1, (
        "a task that could get one of two would load two models"
    )
    assert conf["spark.executor.resource.gpu.discoveryScript"].endswith(".sh")
    assert ("spark.executor.resource.gpu.vendor" in conf) == (cluster == "kubernetes"), (
        "Kubernetes asks for it by vendor"
    )


def test_spark_takes_a_share_of_a_gpu_as_written(spark):
    """Spark's own check of the amounts, on the driver: four tasks of a quarter fit on one GPU."""
    jvm = spark.sparkContext._jvm
    request = jvm.org.apache.spark.resource.TaskResourceRequests().resource("gpu", 0.25)
    assert request.requests().apply("gpu").amount() == 0.25
    executor = jvm.org.apache.spark.resource.ExecutorResourceRequests()
    asked = executor.resource("gpu", 1, "/opt/getGpusResources.sh", "nvidia.com")
    assert asked.requests().apply("gpu").vendor() == "nvidia.com"
