"""What the provider is given to run: the command that whoever lists processes sees."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest
from airflow.providers.apache.spark.hooks.spark_submit import SparkSubmitHook

from include.orchestration.operators import SparkApplication


@pytest.mark.parametrize("host", ["yarn", "k8s://https://10.0.0.1:6443", "spark://master"])
def test_no_setting_of_ours_is_in_the_command_on_any_cluster(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(SparkSubmitHook, "_is_yarn_cluster_mode", False, raising=False)
    monkeypatch.setattr(
        SparkSubmitHook, "submit", lambda hook, job, **_: commands.append(hook._build_spark_submit_command(job))
    )
    # The package that the provider asks for on Kubernetes is not among ours: it would double the time of every DAG's import.
    monkeypatch.setattr("airflow.providers.apache.spark.hooks.spark_submit.kube_client", object(), raising=False)
    extra = '"extra": {"deploy-mode": "client", "conf": {"spark.executor.memory": "3g"}, "conf.profile": {"a.b": "c"}}'
    monkeypatch.setenv("AIRFLOW_CONN_SPARK_DEFAULT", f'{{"conn_type": "spark", "host": "{host}", {extra}}}')
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "very-secret")
    monkeypatch.setenv("PORTRAIT_KEY_FILE", "/run/secrets/of-the-key")
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    task = SparkApplication(task_id="profile", application="jobs/profile.py", name="portrait.profile")
    task.execute({"ti": SimpleNamespace()})  # type: ignore[typeddict-item]
    command = " ".join(commands[0])
    assert "very-secret" not in command
    assert "of-the-key" not in command
    assert "--master " + host in command
    assert "spark.executor.memory=3g" in command
    assert "a.b=c" in command
    assert os.environ["PYTHONSAFEPATH"] == "1", "the driver inherits it"
