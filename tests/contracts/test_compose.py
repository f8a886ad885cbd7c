"""docker-compose.yaml keeps its promises: loopback only, limits, health, no secrets in the file."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from include.lake.session import spark_conf
from include.settings import ROOT
from include.setup import stack, stack_env

TEXT = (ROOT / "docker-compose.yaml").read_text("utf-8")
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]
GPU: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.gpu.yaml").read_text("utf-8"))["services"]
_GIB = {"m": 1 / 1024, "g": 1.0}


def connection(service: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(service["environment"]["AIRFLOW_CONN_SPARK_DEFAULT"]))


def test_what_is_published_is_published_to_this_machine_alone():
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(ports) == {"api-server", "spark-master", "mlflow", "pages"}
    assert all(port.startswith("127.0.0.1:") for given in ports.values() for port in given)


def test_the_limits_fit_a_machine_of_24_gib():
    limits = {name: service["mem_limit"] for name, service in SERVICES.items() if name != "init"}
    assert sum(float(limit[:-1]) * _GIB[limit[-1]] for limit in limits.values()) <= 24


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_watched_and_may_little(name: str):
    service = SERVICES[name]
    assert name == "init" or "healthcheck" in service
    assert service["restart"] == ("no" if name == "init" else "unless-stopped")
    if name != "postgres":
        assert service["cap_drop"] == ["ALL"]
        assert service["image"] == "portrait:${PORTRAIT_TAG:-local}", "a driver and its executors never differ"
        spills = name == "scheduler" or name.startswith("spark-worker")
        assert service["read_only"] is not spills


def test_every_secret_comes_from_env_and_has_no_default():
    asked = dict(re.findall(r"\$\{(\w+):\?([^}]*)\}", TEXT))
    assert set(asked) == {*stack_env.SECRETS, "PORTRAIT_UID"}
    assert set(asked.values()) == {"is not set, run make up"}
    assert not re.search(r"(PASSWORD|SECRET|KEY):-", TEXT)


def test_raw_ids_and_the_key_are_where_rows_are_read_and_nowhere_else():
    readers = {"scheduler", "spark-worker-1", "spark-worker-2"}
    assert {name for name, s in SERVICES.items() if "bronze:/srv/lake-bronze" in s.get("volumes", [])} == readers
    assert {name for name, s in SERVICES.items() if "pseudonym.key" in s.get("secrets", [])} == readers


def test_every_port_of_the_file_is_one_that_make_up_looks_at():
    assert dict(re.findall(r"\$\{(\w+_PORT):-(\d+)\}", TEXT)) == stack_env.PORTS
    assert set(stack._PAGES) == set(stack_env.PORTS)


def test_the_connection_names_a_cluster_and_only_settings_of_its_place():
    conf = connection(SERVICES["scheduler"])["extra"]["conf"]
    replaced = set(conf) & set(spark_conf())
    assert replaced == {"spark.driver.host", "spark.driver.bindAddress"}


def test_gpus_are_asked_for_by_one_application_and_given_to_one_task_each():
    given, plain = connection(GPU["scheduler"]), connection(SERVICES["scheduler"])
    wanted = given["extra"].pop("conf.understand")
    assert given == plain
    assert wanted["spark.executor.resource.gpu.amount"] == wanted["spark.task.resource.gpu.amount"] == "1"
    script = wanted["spark.executor.resource.gpu.discoveryScript"]
    assert (ROOT / script.removeprefix("/opt/portrait/")).exists()
    workers = [service for name, service in GPU.items() if name.startswith("spark-worker")]
    assert all(script in worker["environment"]["SPARK_WORKER_OPTS"] for worker in workers)
    assert {name for name in GPU if name.startswith("spark-worker")} <= set(SERVICES)
    devices = [w["deploy"]["resources"]["reservations"]["devices"][0]["device_ids"] for w in workers]
    assert devices == [["0"], ["1"]], "a GPU of its own for each worker"
