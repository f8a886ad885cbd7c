"""# Portraits in words, by a language model

**Produces** `gold.user_portraits`: of each user with evidence a few sentences, interests and preferences, every one of
them with the evidence that bears it out. Only users whose evidence changed are asked about.
**For** whoever would rather read than query. Off unless PORTRAIT_LLM_MODEL names a language model (docs/text.md); then
portraits that were made before go as soon as they cite what is no evidence any more, after a deletion, say.

**Start it** by hand at any time; else it runs when newer profiles were published.

**When it is red**, what was answered before that is published (2,000 users at a time), and portraits that cite what is
no evidence any more are gone; but exit code 2 names a wrong setting, and nothing was changed. A server that does not
answer is named in the log of `portray`: start it, clear the task. Green in a second is fine: no model is configured,
and nobody has a portrait.
"""

from airflow.sdk import Asset, chain, dag

from include.orchestration.defaults import DEFAULT_ARGS, FIRST_DAY
from include.orchestration.tasks import check, has_portraits_to_look_after, spark_application, today


@dag(schedule=[Asset("gold.user_profiles")], start_date=FIRST_DAY, catchup=False, max_active_runs=1,
     default_args=DEFAULT_ARGS, tags=["portraits", "tier-3"], doc_md=__doc__)  # fmt: skip
def portraits() -> None:
    chain(spark_application("portray", today(), needed=has_portraits_to_look_after), check("portray", may_rest=True))


portraits()
