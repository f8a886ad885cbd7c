"""Every DAG keeps the promises that readers of a DAG rely on."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from include.lake.maintain import GROUPS
from include.orchestration.defaults import MAINTENANCE, POOLS
from include.settings import ROOT
from include.tables import EVERY_APPLICATION

FILES = sorted((ROOT / "dags").glob("*.py"))
HEAVY = ("pyspark", "great_expectations", "mlflow", "torch", "transformers", "pandas", "duckdb")
READ = """
import json, sys
from pathlib import Path
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1])
heavy = [name for name in sys.argv[2:] if name in sys.modules]
dags = {
    Path(dag.fileloc).stem: {
        "id": dag.dag_id, "doc": dag.doc_md, "tags": sorted(dag.tags), "catchup": dag.catchup,
        "start": str(dag.start_date), "active": dag.max_active_runs,
        "tasks": {t.task_id: [t.owner, t.retries, t.pool, sorted(t.upstream_task_ids)] for t in dag.tasks},
    }
    for dag in bag.dags.values()
}
print("READ" + json.dumps({"errors": bag.import_errors, "heavy": heavy, "dags": dags}))
"""


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What Airflow finds in the files, read by a process of its own, without a database."""
    home = tmp_path_factory.mktemp("airflow")
    environment = os.environ | {"AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "false"}
    command = [sys.executable, "-c", READ, str(ROOT / "dags"), *HEAVY]
    answer = subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True)
    told = [line for line in answer.stdout.splitlines() if line.startswith("READ")]
    assert told, answer.stderr
    found: dict[str, Any] = json.loads(told[0].removeprefix("READ"))
    return found


def test_all_load_and_none_imports_anything_heavy(read: dict[str, Any]):
    assert read["errors"] == {}
    assert read["heavy"] == []
    assert sorted(read["dags"]) == [file.stem for file in FILES]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_dag_says_what_it_is_for_and_when_it_runs(read: dict[str, Any], file: Path):
    dag = read["dags"][file.stem]
    assert dag["id"] == file.stem
    for question in ("**Produces**", "**For**", "**When it is red**"):
        assert question in dag["doc"]
    assert any(tag.startswith("tier-") for tag in dag["tags"])
    assert dag["catchup"] is False
    assert dag["start"] == "1995-01-01 00:00:00+00:00"
    assert dag["active"] == 1


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_task_has_an_owner_and_is_tried_again(read: dict[str, Any], file: Path):
    for owner, retries, _, _ in read["dags"][file.stem]["tasks"].values():
        assert owner != "airflow"
        assert 1 <= retries <= 3


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_dag_file_is_short_and_does_nothing_itself(file: Path):
    text = file.read_text()
    assert len(text.splitlines()) <= 40
    tree = ast.parse(text)
    assert [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)] == [file.stem]
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    allowed = ("airflow.sdk", "include.orchestration.")
    assert [name for name in imported if not str(name).startswith(allowed)] == []


def test_profiles_daily_builds_checks_and_announces_in_this_order(read: dict[str, Any]):
    tasks = read["dags"]["profiles_daily"]["tasks"]
    order = [
        "plan",
        "ingest",
        "check_ingest",
        "understand",
        "check_understand",
        "profile",
        "check_profile",
        "announce",
        "pages",
    ]
    assert sorted(tasks) == sorted(order)
    assert all(before in tasks[after][3] for before, after in pairwise(order))
    assert {name: pool for name, (_, _, pool, _) in tasks.items() if pool != "default_pool"} == {
        "ingest": "ingest",
        "understand": "understand",
        "profile": "profile",
    }


def test_maintenance_of_a_table_waits_for_the_application_that_writes_it(read: dict[str, Any]):
    tasks = read["dags"]["lake_maintenance"]["tasks"]
    pools = {group: group if group in EVERY_APPLICATION else MAINTENANCE for group in GROUPS}
    assert {name: pool for name, (_, _, pool, _) in tasks.items()} == {f"maintain_{g}": p for g, p in pools.items()}
    assert set(pools.values()) <= set(POOLS)
