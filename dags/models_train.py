"""# Models, trained and judged

**Produces** a version of each model in MLflow, learned from the published release: *sentiment* from rated texts, with
its figures and pictures; *limits* of what a person does in a day, from the last 28 days; *item_means*, what users give
an item; *names* of items; *topics* of texts. The alias `champion` moves to a sentiment that is surely better, to limits
not far from what they were, to means and names that know as much, and to topics that are stable and mostly the same.
**For** `profiles_daily`: it reads texts with sentiment, names and topics, and holds days and ratings against the rest.

**Start it** by hand at any time; `through` in the form is the day whose knowledge is used, empty for the newest.

**When it is red**, the champion stays what it is. The message of the red task says what was wrong: a server that does
not answer, a file of the champion that is not what was registered. Mend it and clear the task. Back to the champion
before: `portrait models rollback`, with `--model limits`, `item_means`, `names` or `topics` for the others. Skipped is
fine: there is too little to learn from yet.
"""

from airflow.sdk import CronDataIntervalTimetable, dag

from include.orchestration.defaults import DEFAULT_ARGS, FIRST_DAY
from include.orchestration.tasks import training_form, trainings

EVERY_WEEK = CronDataIntervalTimetable("0 3 * * 1", timezone="UTC")  # on Monday at 03:00 UTC, after the daily run


@dag(schedule=EVERY_WEEK, start_date=FIRST_DAY, catchup=False, max_active_runs=1, default_args=DEFAULT_ARGS,
     params=training_form(), tags=["models", "tier-2"], doc_md=__doc__)  # fmt: skip
def models_train() -> None:
    trainings()


models_train()
