"""# User profiles, from landed files to published tables

**Produces** `gold.user_profiles` (latest profile of each user), `gold.user_profile_history`, the silver tables, text
vectors and daily aggregates under them, for the files that arrived on the run's day; and a page of each source.
**For** recommender engineers, who train on the profiles, and analysts, who query them with `portrait sql`.

**Start it** by hand with `start` and `end` in the form, or as a backfill over the days to rebuild. Running the same
days twice changes nothing.

**When it is red**, readers still see the last good version. Look at the first red task:
- `plan`: the form is wrong, or the encoder; its message says how. Trigger again.
- `ingest`, `understand`, `profile`: exit code 2 names the wrong setting, file or model. *Lost its turn* means a newer
  attempt did the work: nothing to do. Anything else: read the end of the log, mend it, clear the task.
- `check_ingest` and the like: a critical rule failed and nothing was published. The message names the rule and the
  page with its counts; `portrait accounts` shows what became of the rows. Mend the source's file or its description,
  then clear `ingest` with all tasks after it.
- `pages`: the profiles are published; only the pages that show them are old. Mend what its log says, clear the task.
- `understand` done in a second is fine: nothing to read. So are `announce` and `pages` skipped: no newer day.
"""

from airflow.sdk import CronDataIntervalTimetable, chain, dag

from include.orchestration.defaults import DEFAULT_ARGS, FIRST_DAY
from include.orchestration.tasks import announce, check, has_new_texts, interval_form, pages, plan, spark_application

EVERY_DAY = CronDataIntervalTimetable("0 0 * * *", timezone="UTC")  # at 00:00 UTC, about the day that has just ended


@dag(schedule=EVERY_DAY, start_date=FIRST_DAY, catchup=False, max_active_runs=1, default_args=DEFAULT_ARGS,
     params=interval_form(), tags=["profiles", "tier-1"], doc_md=__doc__)  # fmt: skip
def profiles_daily() -> None:
    planned = plan()
    ingest, profile = (spark_application(name, planned) for name in ("ingest", "profile"))
    understand = spark_application("understand", planned, needed=has_new_texts)
    vectors = [understand, check("understand", may_rest=True)]
    ends = [announce("gold.user_profiles"), pages()]
    chain(planned, ingest, check("ingest"), *vectors, profile, check("profile"), *ends)


profiles_daily()
