"""What every DAG and task has unless it says otherwise. No heavy imports: every DAG file reads this."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from include.tables import EVERY_APPLICATION

FIRST_DAY = datetime(1995, 1, 1, tzinfo=UTC)  # before the first day of any source, so that any backfill is allowed

# One slot an application: its tables have one writer at a time, so a second one would only wait inside Spark, and
# maintenance waits here until the application is done.
MAINTENANCE = "maintenance"
POOLS = {
    name: {"slots": 1, "description": about, "include_deferred": False}
    for name, about in {
        **{name: f"The Spark application `{name}`, and maintenance of its tables" for name in EVERY_APPLICATION},
        MAINTENANCE: "Maintenance of tables that every application appends to",
    }.items()
}

DEFAULT_ARGS: dict[str, Any] = {
    "owner": "profiles",
    "retries": 2,
    "retry_delay": timedelta(seconds=10),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=5),
}
