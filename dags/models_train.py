"""# Sentiment model, trained and judged

**Produces** a version of the sentiment model in MLflow, learned from rated texts of the published release, with its
figures and pictures; the alias `champion` moves only to a version that is surely better.
**For** `profiles_daily`, which reads texts with it, and whoever asks what sentiment is worth.

**Start it** by hand at any time; `through` in the form is the day whose knowledge is used, empty for the newest.

**When it is red**, the champion stays what it is. The message of `train` says what was wrong: a server that does not
answer, a file of the champion that is not what was registered. Mend it and clear the task. Back to the champion before:
`portrait models rollback`. `train` skipped is fine: there are too few rated texts yet.
"""

from airflow.sdk import CronDataIntervalTimetable, dag

from include.orchestration.defaults import DEFAULT_ARGS, FIRST_DAY
from include.orchestration.tasks import train_sentiment, training_form

EVERY_WEEK = CronDataIntervalTimetable("0 3 * * 1", timezone="UTC")  # on Monday at 03:00 UTC, after the daily run


@dag(schedule=EVERY_WEEK, start_date=FIRST_DAY, catchup=False, max_active_runs=1, default_args=DEFAULT_ARGS,
     params=training_form(), tags=["models", "tier-2"], doc_md=__doc__)  # fmt: skip
def models_train() -> None:
    train_sentiment()


models_train()
