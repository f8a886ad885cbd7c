from __future__ import annotations

from typing import Any

import pytest

from include.errors import PortraitError
from include.setup import follow as module
from include.setup.follow import follow


class Airflow:
    """One run, look by look: its state, and the states of its tasks `ingest` and `profile`."""

    def __init__(self, *looks: tuple[str, str, str]) -> None:
        self._looks = list(looks)

    def run(self, _dag: str, _run: str) -> dict[str, Any]:
        self._now = self._looks.pop(0) if len(self._looks) > 1 else self._looks[0]
        return {"state": self._now[0]}

    def tasks(self, _dag: str, _run: str) -> list[dict[str, Any]]:
        return [{"task_id": name, "state": state, "start_date": str(n), "end_date": str(n), "duration": n, "try_number": 1}
                for n, (name, state) in enumerate(zip(("ingest", "profile"), self._now[1:], strict=True))]  # fmt: skip

    def error(self, *_of: object) -> str:
        return "the disk is full\nat line 1"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_EVERY_SECONDS", 0.0)


def told(airflow: Airflow, **options: Any) -> list[str]:
    lines: list[str] = []
    follow(airflow, "dag", "run", lambda task, state: lines.append(f"{task} {state}"), **options)  # type: ignore[arg-type]
    return lines


def test_each_change_is_told_once_and_a_retry_with_its_reason() -> None:
    airflow = Airflow(
        ("running", "running", "none"), ("running", "running", "none"), ("running", "up_for_retry", "none"),
        ("running", "success", "running"), ("success", "success", "success"),
    )  # fmt: skip
    assert told(airflow) == [
        "ingest running", "ingest up_for_retry", "ingest the disk is full", "ingest success", "profile running",
        "profile success",
    ]  # fmt: skip


def test_a_run_that_failed_tells_the_reason_of_the_task_that_failed() -> None:
    with pytest.raises(PortraitError, match="dag: run run failed: ingest: the disk is full"):
        told(Airflow(("failed", "failed", "upstream_failed")))


def test_a_run_that_does_not_end_is_not_waited_for_for_ever() -> None:
    with pytest.raises(PortraitError, match="dag: run run has not ended after 0 s"):
        told(Airflow(("running", "running", "none")), most_seconds=0)
