"""Profiles as of a day, for readers: DuckDB macros and Spark functions of the same name and the same columns.

`user_profiles_asof(day)` reads the published history: what is known today about the last built day up to that day,
which is its `as_of`. `user_profiles_asof(day, known_at)` computes the traits anew from the partials with that arrival
cut: what was known then, whatever was restated since, by the model recorded for the earlier of the two days, or the one
that may speak about it. Both end in source, user_key, as_of, known_at, the trait columns, status, and
`days_since_<column>` for each trait that holds a last day, which moves for silent users and is therefore not stored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING

from sqlglot import exp

from include.models.choose import Offered, Readers
from include.traits.columns import trait_columns
from include.traits.compile import SIGNALS, USER, USER_DAYS, pass_tree
from include.traits.dialect import DUCKDB
from include.traits.model import DAILY, INPUTS, ITEMS, MENTIONS, PEOPLE, TEXTS, TIES, Trait

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

HISTORY = "gold.user_profile_history"
BUILT = "meta.profile_days"
TABLES = {
    DAILY: f"gold.{DAILY}",
    ITEMS: f"gold.{ITEMS}",
    TEXTS: f"silver.{TEXTS}",
    SIGNALS: f"silver.{SIGNALS}",
    USER_DAYS: f"silver.{USER_DAYS}",
    MENTIONS: "gold.trait_evidence",
    PEOPLE: f"silver.{PEOPLE}",
    TIES: f"silver.{TIES}",
}
# What day a row is about, and from when it is known.
_KNOWN = {
    DAILY: ("day", "arrived_on"),
    ITEMS: ("day", "arrived_on"),
    TEXTS: ("day", "known_from"),
    MENTIONS: ("day", "known_from"),
    PEOPLE: ("valid_from",),
    TIES: ("valid_from",),
}
# Names of macro parameters replace columns of the same name: they are none of ours.
_DAY, _KNOWN_BY = "on_day", "known_by"


def last_columns(traits: Sequence[Trait]) -> tuple[str, ...]:
    """Columns that hold a last day, for which readers get the days since."""
    return tuple(t.column for t in traits if t.measure.last)


def asof_columns(traits: Sequence[Trait]) -> tuple[str, ...]:
    """Names of the columns of `user_profiles_asof`, in order."""
    since = (f"days_since_{c}" for c in last_columns(traits))
    return ("source", "user_key", "as_of", "known_at", *(c.name for c in trait_columns(traits)), "status", *since)


def create_macros(traits: Sequence[Trait], readers: Readers | None = None) -> str:
    """The DuckDB statement that creates both macros over tables in the schemas gold, silver and meta.

    In a query: `from user_profiles_asof(date '2019-10-02')`, or with a second date. The macros belong to the session.
    """
    published = _from_history(traits).sql("duckdb")
    anew = _from_partials(traits, readers or Readers()).sql("duckdb")
    return (
        f"CREATE OR REPLACE TEMP MACRO user_profiles_asof({_DAY}) AS TABLE ({published}), "
        f"({_DAY}, {_KNOWN_BY}) AS TABLE ({anew})"
    )


def needed_inputs(traits: Sequence[Trait]) -> tuple[str, ...]:
    """The inputs these traits are computed from; texts are read together with their signals and without suspects."""
    inputs = _inputs(traits)
    return (*inputs, SIGNALS, USER_DAYS) if TEXTS in inputs else inputs


def _inputs(traits: Sequence[Trait]) -> tuple[str, ...]:
    return tuple(name for name in INPUTS if any(name in t.inputs for t in traits))


def _date(parameter: str) -> exp.Expr:
    return exp.cast(exp.column(parameter), "date")


def _with_days_since(query: exp.Select, traits: Sequence[Trait]) -> exp.Select:
    days = (
        exp.alias_(exp.cast(DUCKDB.days(exp.column(c), exp.column("as_of")), "int"), f"days_since_{c}")
        for c in last_columns(traits)
    )
    stored = asof_columns(traits)[: -len(last_columns(traits)) or None]
    return exp.select(*(exp.column(c) for c in stored), *days).from_(query.subquery("profiles"))


def _from_history(traits: Sequence[Trait]) -> exp.Select:
    user = [exp.column(c) for c in USER]
    newest = exp.Window(
        this=exp.func("ROW_NUMBER"), partition_by=user, order=exp.Order(expressions=[exp.column("day").desc()])
    )
    built = exp.select(exp.column("source"), exp.alias_(exp.Max(this=exp.column("day")), "as_of"))
    built = built.from_(exp.to_table(BUILT)).where(exp.column("day") <= _date(_DAY)).group_by("source")
    query = (
        exp.select(exp.Star())
        .from_(exp.to_table(HISTORY))
        .join(built.subquery("built"), using=["source"])
        .where(exp.column("day") <= exp.column("as_of"))
        .qualify(newest.eq(1))
    )
    return _with_days_since(query, traits)


def _from_partials(traits: Sequence[Trait], readers: Readers) -> exp.Select:
    known = [_known_users(name) for name in _inputs(traits)]
    users = exp.union(*known, distinct=True) if len(known) > 1 else known[0]
    cut = exp.func("LEAST", _date(_DAY), _date(_KNOWN_BY))
    names = ("source", "day", "model_version", "readers")
    on_cut = exp.select(*(exp.column(c) for c in names)).from_(exp.to_table(BUILT))
    is_built = exp.column("day").is_(exp.Null()).not_()

    def chosen(offered: Offered) -> exp.Case:
        """The version that speaks about the cut, where none is recorded for it."""
        case = exp.case()
        for source, name, through in offered.choices():
            is_later = cut.copy() >= exp.cast(exp.Literal.string(str(through)), "date")
            is_it = exp.column("source").eq(source) if source else exp.true()
            case = case.when(exp.and_(is_it, is_later), exp.Literal.string(name))
        return case if case.args["ifs"] else case.when(exp.false(), exp.Literal.string(""))

    always = exp.array(*(exp.Literal.string(version) for version in readers.always))
    learned = exp.array(*(chosen(readers.others[model]) for model in sorted(readers.others)))
    recorded = exp.func("COALESCE", exp.column("readers"), exp.array())
    others = exp.case().when(is_built, recorded).else_(learned)
    speaking = exp.Anonymous(this="LIST_CONCAT", expressions=[_as_texts(always), _as_texts(others)])
    wanted = (
        exp.select(
            *(exp.column(c) for c in USER),
            exp.alias_(_date(_DAY), "as_of"),
            exp.alias_(_date(_KNOWN_BY), "known_at"),
            exp.alias_(
                exp.case().when(is_built.copy(), exp.column("model_version")).else_(chosen(readers.sentiment)),
                "model_version",
            ),
            exp.alias_(speaking, "readers"),
        )
        .from_(users.subquery("known"))
        .join(on_cut.where(exp.column("day").eq(cut)).subquery("built"), using=["source"], join_type="left")
    )
    query = pass_tree(traits, DUCKDB, TABLES)
    steps = query.args["with_"].expressions
    steps.insert(0, exp.CTE(this=wanted, alias=exp.TableAlias(this=exp.to_identifier("wanted"))))
    return _with_days_since(query, traits)


def _as_texts(values: exp.Expr) -> exp.Expr:
    return exp.cast(values, "array<string>", dialect="spark")


def _known_users(reads: str) -> exp.Select:
    """Users of one input known on the day by the cut."""
    query = exp.select(*(exp.column(c) for c in USER)).distinct().from_(exp.to_table(TABLES[reads]))
    about, arrived = _KNOWN[reads][0], _KNOWN[reads][-1]
    return query.where(exp.column(about) <= _date(_DAY)).where(exp.column(arrived) <= _date(_KNOWN_BY))


def user_profiles_asof(
    read: Callable[[str], DataFrame],
    traits: Sequence[Trait],
    day: date,
    known_at: date | None = None,
    readers: Readers | None = None,
) -> DataFrame:
    """The same in Spark. `read` opens a table by its name, as of the release one wants; `readers` are the models that
    speak about days that were not built, `Meta(settings).speakers()`, without which nothing can be asked anew."""
    from pyspark.sql import functions as f

    if known_at is None:
        profiles = _history_frame(read, day)
    elif readers is None:
        raise ValueError("known_at: traits of texts need the models that read them: readers=Meta(settings).speakers()")
    else:
        profiles = _partials_frame(read, traits, day, known_at, readers)
    for column in last_columns(traits):
        profiles = profiles.withColumn(f"days_since_{column}", f.date_diff("as_of", column))
    return profiles.select(*asof_columns(traits))


def _history_frame(read: Callable[[str], DataFrame], day: date) -> DataFrame:
    from pyspark.sql import Window
    from pyspark.sql import functions as f

    newest = f.row_number().over(Window.partitionBy(*USER).orderBy(f.col("day").desc()))
    built = read(BUILT).where(f.col("day") <= f.lit(day)).groupBy("source").agg(f.max("day").alias("as_of"))
    rows = read(HISTORY).join(f.broadcast(built), on="source", how="inner").where("day <= as_of")
    return rows.withColumn("newest", newest).where("newest = 1")


def _partials_frame(
    read: Callable[[str], DataFrame], traits: Sequence[Trait], day: date, known_at: date, readers: Readers
) -> DataFrame:
    from pyspark.sql import functions as f

    from include.traits.spark import as_array, compute_traits

    frames = {reads: read(TABLES[reads]) for reads in needed_inputs(traits)}
    known = []
    for reads, frame in frames.items():
        if reads not in _KNOWN:
            continue
        about, arrived = _KNOWN[reads][0], _KNOWN[reads][-1]
        seen = frame.where((f.col(about) <= f.lit(day)) & (f.col(arrived) <= f.lit(known_at)))
        known.append(seen.select(*USER))
    users = reduce(lambda a, b: a.union(b), known).distinct()
    cut = min(day, known_at)
    built = read(BUILT).where(f.col("day") == f.lit(cut)).select("source", "day", "model_version", "readers")
    is_built, recorded = f.col("day").isNotNull(), f.coalesce("readers", as_array(()))
    learned = as_array(readers.for_day(cut).others)
    for source in sorted(readers.sources):
        here = as_array(readers.for_day(cut, source).others)
        learned = f.when(f.col("source") == source, here).otherwise(learned)
    wanted = users.join(f.broadcast(built), on="source", how="left").select(
        *USER,
        f.lit(day).alias("as_of"),
        f.lit(known_at).alias("known_at"),
        f.when(is_built, f.col("model_version"))
        .otherwise(f.lit(readers.for_day(cut).sentiment))
        .alias("model_version"),
        f.concat(as_array(readers.always), f.when(is_built, recorded).otherwise(learned)).alias("readers"),
    )
    return compute_traits(traits, {**frames, "wanted": wanted})
