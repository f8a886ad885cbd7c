"""# Models, trained and judged

**Produces** a version of each model in MLflow, learned from the published release: *sentiment* from rated texts, with
its figures and pictures; *limits* of what a person does in a day, from the last 28 days; *item_means*, what users give
an item; *names*, what items are called; *topics* that texts are about. The alias `champion` moves to a sentiment that
is surely better, to limits that are not far from what they were, to means that know as much as the champion, to names
that do, unless a source has lost most of its own, and to topics that are stable and mostly those of before.
**For** `profiles_daily`, which reads texts with the first and the last two, leaves suspects out of gold by the second,
and holds ratings against the third.

**Start it** by hand at any time; `through` in the form is the day whose knowledge is used, empty for the newest.

**When it is red**, the champion stays what it is. The message of the red task says what was wrong: a server that does
not answer, a file of the champion that is not what was registered. Mend it and clear the task. Back to the champion
before: `portrait models rollback`, with `--model limits`, `item_means`, `names` or `topics` for the others. Skipped is
fine: there is too little to learn from yet.
"""

from airflow.sdk import CronDataIntervalTimetable, dag

from include.orchestration.defaults import DEFAULT_ARGS, FIRST_DAY
from include.orchestration.tasks import (
    train_item_means,
    train_limits,
    train_names,
    train_sentiment,
    train_topics,
    training_form,
)

EVERY_WEEK = CronDataIntervalTimetable("0 3 * * 1", timezone="UTC")  # on Monday at 03:00 UTC, after the daily run


@dag(schedule=EVERY_WEEK, start_date=FIRST_DAY, catchup=False, max_active_runs=1, default_args=DEFAULT_ARGS,
     params=training_form(), tags=["models", "tier-2"], doc_md=__doc__)  # fmt: skip
def models_train() -> None:
    train_sentiment()
    train_limits()
    train_item_means()
    train_names()
    train_topics()


models_train()
