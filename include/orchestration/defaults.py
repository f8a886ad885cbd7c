"""What every DAG and task has unless it says otherwise. No heavy imports: every DAG file reads this."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

FIRST_DAY = datetime(1995, 1, 1, tzinfo=UTC)  # before the first day of any source, so that any backfill is allowed

# One slot an application: its tables have one writer at a time, so a second one would only wait inside Spark.
POOLS = {
    "ingest": {"slots": 1, "description": "The Spark application `ingest`", "include_deferred": False},
    "understand": {"slots": 1, "description": "The Spark application `understand`", "include_deferred": False},
    "profile": {"slots": 1, "description": "The Spark application `profile`", "include_deferred": False},
}

DEFAULT_ARGS: dict[str, Any] = {
    "owner": "profiles",
    "retries": 2,
    "retry_delay": timedelta(seconds=10),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=5),
}
