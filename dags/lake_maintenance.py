"""# Maintenance of the lake

**Produces** no rows: small files of each table are put together, files that no reader needs any more are deleted, and
so is what dead runs have staged. What is released stays readable, however old it is; other versions for seven days.
**For** everybody who reads: fewer files open faster.

**Start it** by hand at any time. A task takes the slot of the application whose tables it looks after, so it waits for
a run of it, and a run waits for it.

**When it is red**, nothing is lost: look at the end of the task's log, mend it, clear the task. Skipped is fine: there
is no lake yet, or a run of the application never ended; run that one again first.
"""

from airflow.sdk import CronDataIntervalTimetable, dag

from include.orchestration.defaults import DEFAULT_ARGS, FIRST_DAY
from include.orchestration.tasks import maintain

EVERY_WEEK = CronDataIntervalTimetable("0 4 * * 0", timezone="UTC")  # on Sunday at 04:00 UTC, after the daily run


@dag(schedule=EVERY_WEEK, start_date=FIRST_DAY, catchup=False, max_active_runs=1, default_args=DEFAULT_ARGS,
     tags=["maintenance", "tier-3"], doc_md=__doc__)  # fmt: skip
def lake_maintenance() -> None:
    for group in ("ingest", "understand", "profile", "portray", "meta"):
        maintain(group)


lake_maintenance()
