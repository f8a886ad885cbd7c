"""Airflow's REST API, as far as the demo and the tests need it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import httpx
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from include.errors import PortraitError

Row = dict[str, Any]
_PATIENCE_SECONDS = 30


class NotNow(PortraitError):
    """Airflow has a trouble of its own, such as a database that is just being restarted."""


class Api:
    """A signed-in client of one running Airflow."""

    def __init__(self, url: str, password: str, user: str = "admin") -> None:
        self._client = httpx.Client(base_url=url, timeout=60)
        body = {"username": user, "password": password}
        token = self._answer(self._client.post("/auth/token", json=body))["access_token"]
        self._client.headers["Authorization"] = f"Bearer {token}"

    def dag_is_known(self, dag: str) -> bool:
        """True once the DAG processor has read its file."""
        return self._client.get(f"/api/v2/dags/{dag}").status_code == 200

    def import_errors(self) -> list[str]:
        """Last line of each DAG file that does not load."""
        found = self._get("/api/v2/importErrors")["import_errors"]
        return [f"{row['filename']}: {row['stack_trace'].strip().splitlines()[-1]}" for row in found]

    def pause(self, dag: str, paused: bool) -> None:
        self._answer(self._client.patch(f"/api/v2/dags/{dag}", json={"is_paused": paused}))

    def trigger(self, dag: str, form: Row) -> str:
        """Start a manual run, without a logical date, since the form says which days it is about. Its run id."""
        body = {"logical_date": None, "conf": form}
        return str(self._answer(self._client.post(f"/api/v2/dags/{dag}/dagRuns", json=body))["dag_run_id"])

    def backfill(self, dag: str, first: date, last: date, form: Row | None = None, at_once: int = 1,
                 *, backwards: bool = False) -> list[str]:  # fmt: skip
        """Start a backfill of the days first to last, both included, `at_once` at a time. Their run ids."""
        body = {
            "dag_id": dag, "from_date": f"{first}T00:00:00Z", "to_date": f"{last}T00:00:00Z",
            "max_active_runs": at_once, "reprocess_behavior": "completed", "dag_run_conf": form or {},
            "run_backwards": backwards,
        }  # fmt: skip
        self._answer(self._client.post("/api/v2/backfills", json=body))
        # The answer does not name its runs. A day that had a run before keeps that run's id.
        days = {f"{first + timedelta(days=n)}" for n in range((last - first).days + 1)}
        runs = {str(run["logical_date"])[:10]: str(run["dag_run_id"]) for run in reversed(self.runs(dag))}
        return [runs[day] for day in sorted(days)]

    def end_leftovers(self, dag: str) -> None:
        """Fail what an earlier Airflow left unfinished, so that it does not stand in the way."""
        for backfill in self._get("/api/v2/backfills", dag_id=dag)["backfills"]:
            if not backfill["completed_at"]:
                self._answer(self._client.put(f"/api/v2/backfills/{backfill['id']}/cancel"))
        for run in self.runs(dag):
            if run["state"] in ("queued", "running"):
                self.set_run_state(dag, str(run["dag_run_id"]), "failed")

    def runs(self, dag: str) -> list[Row]:
        """All runs of a DAG, newest first."""
        answer = self._get(f"/api/v2/dags/{dag}/dagRuns", limit=100, order_by="-run_after")
        return list(answer["dag_runs"])

    def run(self, dag: str, run: str) -> Row:
        return self._get(f"/api/v2/dags/{dag}/dagRuns/{run}")

    def set_run_state(self, dag: str, run: str, state: str) -> None:
        self._answer(self._client.patch(f"/api/v2/dags/{dag}/dagRuns/{run}", json={"state": state}))

    def clear_failed(self, dag: str, run: str) -> None:
        """Run again what failed in a run, and what waited for it."""
        body = {"dry_run": False, "dag_run_id": run, "only_failed": True, "reset_dag_runs": True}
        self._answer(self._client.post(f"/api/v2/dags/{dag}/clearTaskInstances", json=body))

    def tasks(self, dag: str, run: str) -> list[Row]:
        """The tasks of one run: task_id, state, try_number, duration and so on."""
        return list(self._get(f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances")["task_instances"])

    def log(self, dag: str, run: str, task: str, attempt: int = 1) -> str:
        """What a task wrote, one event a line."""
        return "\n".join(str(event.get("event", "")) for event in self._events(dag, run, task, attempt))

    def error(self, dag: str, run: str, task: str, attempt: int = 1) -> str | None:
        """The message of the exception that ended a task."""
        for event in reversed(self._events(dag, run, task, attempt)):
            if detail := event.get("error_detail"):
                return str(detail[-1]["exc_value"])
        return None

    def _events(self, dag: str, run: str, task: str, attempt: int) -> list[Row]:
        path = f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances/{task}/logs/{attempt}"
        return list(self._get(path, full_content=True)["content"])

    @retry(
        retry=retry_if_exception_type((NotNow, httpx.TransportError)),
        stop=stop_after_delay(_PATIENCE_SECONDS),
        wait=wait_fixed(1),
        reraise=True,
    )
    def _get(self, path: str, **query: Any) -> Row:
        return self._answer(self._client.get(path, params=query))

    @staticmethod
    def _answer(response: httpx.Response) -> Row:
        if response.is_success:
            return dict(response.json())
        kind = NotNow if response.is_server_error else PortraitError
        raise kind(f"Airflow's API: {response.request.method} {response.request.url.path} answered "
                   f"{response.status_code}: {response.text[:300]}")  # fmt: skip
