from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import psutil
import pytest

from include.errors import BadInput
from include.setup.airflow import Airflow, _refuse_taken


def test_a_taken_port_is_named_with_what_to_do():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(BadInput, match=f"cannot listen on 127.0.0.1:{port} .*PORT=8090"):
            _refuse_taken(port)
    _refuse_taken(port)


def test_everything_is_told_to_listen_on_loopback(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("AIRFLOW_CONN_SPARK_DEFAULT", raising=False)
    environment = Airflow(tmp_path, port=8080).environment()
    assert environment["AIRFLOW__API__HOST"] == environment["SPARK_LOCAL_IP"] == "127.0.0.1"
    assert environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8080/execution/"


def test_tasks_do_not_inherit_what_tokens_are_signed_with(tmp_path: Path):
    airflow = Airflow(tmp_path)
    airflow.secret_file.write_text("5ecret")
    assert "5ecret" not in airflow.environment().values()


def test_the_spark_master_is_a_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("AIRFLOW_CONN_SPARK_DEFAULT", raising=False)
    default = json.loads(Airflow(tmp_path).environment()["AIRFLOW_CONN_SPARK_DEFAULT"])
    assert default == {"conn_type": "spark", "host": "local[2]"}
    monkeypatch.setenv("AIRFLOW_CONN_SPARK_DEFAULT", "spark://master:7077")
    assert Airflow(tmp_path).environment()["AIRFLOW_CONN_SPARK_DEFAULT"] == "spark://master:7077"


def test_a_second_start_names_the_first(tmp_path: Path):
    me = psutil.Process()
    (tmp_path / "run").mkdir()
    for name in ("launcher", "scheduler"):
        (tmp_path / "run" / f"{name}.pid").write_text(f"{me.pid} {me.create_time()}")
    with pytest.raises(BadInput, match=f"is in use by process {os.getpid()}; stop it there"), Airflow(tmp_path):
        pass


def test_what_a_killed_launcher_left_is_ended(tmp_path: Path):
    left = psutil.Popen(["sleep", "60"])
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "launcher.pid").write_text(f"{os.getpid()} 1.0")
    (tmp_path / "run" / "scheduler.pid").write_text(f"{left.pid} {left.create_time()}")
    Airflow(tmp_path)._refuse_second()
    assert not left.is_running()


def test_a_number_that_another_process_has_by_now_is_not_ours(tmp_path: Path):
    (tmp_path / "run").mkdir()
    for name in ("scheduler", "dag-processor", "api-server"):
        (tmp_path / "run" / f"{name}.pid").write_text(f"{os.getpid()} 1.0")
    assert Airflow(tmp_path).broken() == "scheduler"
    Airflow(tmp_path).stop()  # ends nothing: this test is still here
