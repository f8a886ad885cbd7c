"""All traits in ONE query: every input is read once, and a further trait is further column expressions.

For each ledger, by common table expressions:
  seen    rows of wanted users with day <= as_of and arrived_on <= known_at
  net     summed over arrival days: what was known then; a row counts where n > 0
  marked  with one boolean for each different condition, and decay factors
  split   each row once for every thing it is counted by: itself (`all`), its item, its brand, ...
  things  summed by user and thing: weights
  traits  summed by user: totals, counts of things, the k heaviest things
Texts become a ledger where they are seen, with what the model of the day reads out of them; so does what they mention,
each thing once a text.
Users and ties are versions, valid on a day. Traits of those one follows have their rows in the ledger marked `by_tie`.
At the end everything is joined to `wanted`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlglot import exp

from include.errors import BadInput
from include.tables.gold import HOURS
from include.traits.arithmetic import decay_factor, number
from include.traits.columns import columns_of, trait_columns
from include.traits.dialect import DIALECTS, Dialect, Name
from include.traits.measures import LedgerPass, has_rows, tie_count
from include.traits.model import CONDITION_COLUMNS, DAILY, FOLLOWED, INPUTS, ITEMS, MENTIONS, TEXTS, TIES, Trait

USER = ("source", "user_key")
KEY = (*USER, "as_of")
SIGNALS, USER_DAYS = "text_signals", "user_days"
_DETAIL = {
    DAILY: ("kind", "currency", "language"),
    ITEMS: ("kind", "item_id", "tag"),
    TEXTS: ("kind", "language"),
    MENTIONS: ("trait", "name", "item_id", "text_hash"),
}
VALUE, NO_DATA, NO_MODEL, UNSUPPORTED, UNKNOWN = "value", "no data", "no model", "unsupported", "unknown"


def compile_pass(traits: Iterable[Trait], dialect: Name, tables: Mapping[str, str] | None = None) -> str:
    """The query that computes `traits` for the rows of `wanted(source, user_key, as_of, known_at, model_version,
    readers)`, unique by the first three. The model's version is asked for only by traits of texts, the array of
    versions of what else reads texts only by those of mentions.

    It reads `wanted` and those of `behaviour_daily`, `behaviour_items_daily`, `texts` with `text_signals` and
    `user_days`, `mentions` (the evidence), `users`, `follows` that the traits need, under the names given in `tables`
    or these. One row comes out for each wanted one that any of these inputs knows by then: source, user_key, as_of,
    known_at (latest arrival day among the rows used), the trait columns, status.
    """
    return pass_tree(tuple(traits), DIALECTS[dialect], tables or {}).sql(dialect=dialect)


def pass_tree(traits: Sequence[Trait], dialect: Dialect, tables: Mapping[str, str]) -> exp.Select:
    """The same as a tree, which a caller may put further common table expressions before."""
    if not traits:
        raise BadInput("no trait is declared; put a file into traits/ or a folder of PORTRAIT_TRAITS")
    steps: dict[str, exp.Select] = {}
    ends: list[str] = []
    home: dict[str, str] = {}
    for reads in reversed(INPUTS):  # ties come before the ledger that rows of those followed are read from
        of_input = [t for t in traits if t.reads == reads]
        if not any(reads in t.inputs for t in traits):
            continue
        build = _ledger if reads in _DETAIL else _versions
        steps |= build(reads, of_input, dialect, tables)
        ends.append(f"{reads}_traits")
        home |= {c.name: ends[-1] for c in trait_columns(of_input)}
    of_models = ("model_version",) if any(t.reads == TEXTS for t in traits) else ()
    steps["wanted_users"] = dialect.beside(exp.select(*_columns((*KEY, *of_models))).from_(table("wanted", tables)))
    query = _together(traits, ends, home, dialect)
    for name, step in steps.items():
        query = query.with_(name, as_=step, copy=False)
    return query


def table(name: str, tables: Mapping[str, str]) -> exp.Table:
    """The relation that `name` stands for, by that alias."""
    return exp.to_table(tables.get(name, name), alias=name)


def _columns(names: Iterable[str], of: str | None = None) -> list[exp.Expr]:
    return [exp.column(n, table=of) for n in names]


def _same_user(left: str, right: str) -> exp.Expr:
    return exp.and_(*(exp.column(c, table=left).eq(exp.column(c, table=right)) for c in USER))


def _ledger(reads: str, traits: Sequence[Trait], dialect: Dialect, tables: Mapping[str, str]) -> dict[str, exp.Select]:
    """The steps of one ledger, in order."""
    with_ties = any(t.whose == FOLLOWED for t in traits)
    work = LedgerPass(dialect, with_ties)
    values = {name: value for t in traits for name, value in work.columns(t).items()}
    known_at = work.for_user("MAX", work.for_thing("MAX", "all", exp.column("arrived_on")))
    key = (*KEY, "by_tie") if with_ties else KEY
    name = {step: f"{reads}_{step}" for step in ("seen", "net", "dated", "marked", "split", "things", "traits")}
    if reads == TEXTS:
        seen = _texts_seen(tables)
    elif reads == MENTIONS:
        seen = _mentions_seen(tables, dialect)
    else:
        seen = _seen(reads, tables, with_ties)
    steps = {name["seen"]: dialect.beside(seen), name["net"]: _net(reads, name["seen"], key, dialect)}
    before = name["net"]
    if work.half_lives:  # the landmark decay is counted from: the latest day of the user, or of those he follows
        last = exp.func("MAX", exp.case().when(_counts(dated=True), exp.column("day")))
        window = exp.Window(this=last, partition_by=_columns(key))
        steps[name["dated"]] = exp.select(exp.Star(), exp.alias_(window, "last_day")).from_(before)
        before = name["dated"]
    decays = (exp.alias_(_decay(h, dialect), alias) for h, alias in work.half_lives.items())
    conditions = (exp.alias_(condition, alias) for alias, condition in work.conditions.items())
    steps[name["marked"]] = exp.select(exp.Star(), *decays, *conditions).from_(before)
    steps[name["split"]] = _split(name["marked"], work.things)
    steps[name["things"]] = (
        exp.select(*_columns((*KEY, "thing", "value")), *(exp.alias_(e, a) for a, e in work.by_thing.items()))
        .from_(name["split"])
        .where(exp.column("value").is_(exp.Null()).not_())
        .group_by(*_columns((*KEY, "thing", "value")))
    )
    # Aggregates get a step of their own: a value may use several of them.
    sums = exp.select(*_columns(KEY), *(exp.alias_(e, a) for a, e in work.by_user.items()))
    steps[name["traits"] + "_parts"] = sums.from_(name["things"]).group_by(*_columns(KEY))
    steps[name["traits"]] = exp.select(
        *_columns(KEY), exp.alias_(known_at, "known_at"), *(exp.alias_(e, a) for a, e in values.items())
    ).from_(name["traits"] + "_parts")
    return steps


def _seen(reads: str, tables: Mapping[str, str], with_ties: bool) -> exp.Select:
    """Rows of a ledger that were known about a wanted user, and about those he follows, by then."""
    ratings = ("rating_sum", "rating_count", "over_mean_sum", "over_mean_count")
    numbers = ("amount", *ratings, *HOURS) if reads == DAILY else ("brand", "categories")
    used = (*_DETAIL[reads], "day", "arrived_on", "is_dated", "n", "quantity", *numbers)
    key: Sequence[str] = KEY
    whose: exp.Expr = table("wanted", tables)
    on = _same_user(reads, "wanted")
    if with_ties:
        key, whose = (*KEY, "by_tie"), _with_followed(tables).subquery("wanted")
        same_source = exp.column("source", table="wanted").eq(exp.column("source", table=reads))
        on = exp.and_(same_source, exp.column("actor", table="wanted").eq(exp.column("user_key", table=reads)))
    return (
        exp.select(*_columns(key, "wanted"), *_columns(used, reads))
        .from_(table(reads, tables))
        .join(whose, on=on)
        .where(exp.column("day", table=reads) <= exp.column("as_of", table="wanted"))
        .where(exp.column("arrived_on", table=reads) <= exp.column("known_at", table="wanted"))
    )


def _with_followed(tables: Mapping[str, str]) -> exp.Query:
    """Wanted users, each with every `actor` whose rows count for him: himself, and whom he follows (`by_tie`)."""
    key = (*KEY, "known_at")
    himself = exp.select(
        *_columns(key),
        exp.alias_(exp.column("user_key"), "actor"),
        exp.alias_(exp.false(), "by_tie"),
    ).from_(table("wanted", tables))
    followed = (
        exp.select(
            *_columns(key),
            exp.alias_(exp.column("target_key"), "actor"),
            exp.alias_(exp.true(), "by_tie"),
        )
        .distinct()
        .from_(f"{TIES}_seen")
        .where(_is_valid())
    )
    return exp.union(himself, followed, distinct=False)


def _texts_seen(tables: Mapping[str, str]) -> exp.Select:
    """The same of texts, made a signed ledger by arrival day: a text counts from when it was known to when it was
    replaced. With what the wanted version of the model reads out of it, if it has read it. Ledgers have no suspects;
    here they are left out."""
    pleased = exp.column("pleased", table=SIGNALS)
    sign, signs, arrived = _signs(TEXTS)
    made = {
        "arrived_on": arrived,
        "is_dated": exp.column("precision", table=TEXTS).neq(exp.Literal.string("none")),
        "n": sign,
        "texts_read": exp.case().when(pleased.is_(exp.Null()), number(0)).else_(sign),
        "pleased": sign * pleased,
        "sure": sign * exp.func("GREATEST", pleased, exp.cast(number(1), "decimal(9, 3)") - pleased),
    }
    same_text = exp.column("text_hash", table=TEXTS).eq(exp.column("text_hash", table=SIGNALS))
    same_model = exp.column("model_version", table="wanted").eq(exp.column("model_version", table=SIGNALS))
    return (
        exp.select(
            *_columns((*USER, "day", *_DETAIL[TEXTS]), TEXTS),
            exp.column("as_of", table="wanted"),
            exp.column("model_version", table=SIGNALS),
            *(exp.alias_(e, a) for a, e in made.items()),
        )
        .from_(table(TEXTS, tables))
        .join(table("wanted", tables), on=_same_user(TEXTS, "wanted"))
        .join(table(SIGNALS, tables), on=exp.and_(same_text, same_model), join_type="left")
        .join(signs, join_type="cross")
        .where(exp.column("day", table=TEXTS) <= exp.column("as_of", table="wanted"))
        .where(arrived.copy() <= exp.column("known_at", table="wanted"))
        .where(exp.Exists(this=_suspect(tables)).not_())
    )


def _mentions_seen(tables: Mapping[str, str], dialect: Dialect) -> exp.Select:
    """The same of what texts mention, by the wanted versions of what reads them. The evidence has no suspects."""
    sign, signs, arrived = _signs(MENTIONS)
    readers, hidden_by = exp.column("readers", table="wanted"), exp.column("hidden_by", table=MENTIONS)
    wanted = exp.ArrayContains(this=readers, expression=exp.column("model_version", table=MENTIONS))
    is_hidden = exp.and_(hidden_by.is_(exp.Null()).not_(), dialect.overlaps(hidden_by, readers.copy()))
    return (
        exp.select(
            *_columns((*USER, "day", "is_dated", *_DETAIL[MENTIONS]), MENTIONS),
            exp.column("as_of", table="wanted"),
            exp.alias_(arrived, "arrived_on"),
            exp.alias_(sign, "n"),
        )
        .from_(table(MENTIONS, tables))
        .join(table("wanted", tables), on=exp.and_(_same_user(MENTIONS, "wanted"), wanted))
        .join(signs, join_type="cross")
        .where(exp.column("day", table=MENTIONS) <= exp.column("as_of", table="wanted"))
        .where(is_hidden.not_())
        .where(arrived.copy() <= exp.column("known_at", table="wanted"))
    )


def _signs(reads: str) -> tuple[exp.Column, exp.Unnest, exp.Expr]:
    """The sign of an entry, the relation of both signs, and the entry's arrival day: a row with a time in which it is
    known comes on its first day, and goes on the day after its last one, if there is one."""
    sign = exp.column("sign", table="signs")
    signs = exp.Unnest(
        expressions=[exp.array(number(1), number(-1))],
        alias=exp.TableAlias(this=exp.to_identifier("signs"), columns=[exp.to_identifier("sign")]),
    )
    arrived = exp.case(sign).when(number(1), exp.column("known_from", table=reads))
    return sign, signs, arrived.else_(exp.column("known_to", table=reads))


def _suspect(tables: Mapping[str, str]) -> exp.Select:
    """The day of a text's user, if it is a suspect."""
    same_day = exp.column("day", table=TEXTS).eq(exp.column("day", table=USER_DAYS))
    broken = exp.column("limits_broken", table=USER_DAYS).is_(exp.Null()).not_()
    found = exp.select(number(1)).from_(table(USER_DAYS, tables))
    return found.where(exp.and_(_same_user(TEXTS, USER_DAYS), same_day, broken))


def _counts(dated: bool) -> exp.Expr:
    happened = exp.column("n") > number(0)
    return exp.and_(happened, exp.column("is_dated")) if dated else happened


def _net(reads: str, seen: str, key: Sequence[str], dialect: Dialect) -> exp.Select:
    """What was known: the ledger summed over arrival days. Returns count against, whatever sign the source gives.

    What several users did whom one follows is one row: no ledger holds less than nothing of one of them.
    """
    key = (*key, "day", "is_dated", *_DETAIL[reads])

    def total(name: str) -> exp.Expr:
        return exp.func("SUM", exp.column(name))

    def against(value: exp.Expr) -> exp.Expr:
        return exp.case().when(exp.column("kind").eq("return"), exp.Neg(this=value.copy())).else_(value)

    def thousandths(name: str) -> exp.Expr:
        return exp.func("SUM", dialect.big(exp.column(name) * exp.cast(number(1000), "decimal(4, 0)")))

    made: dict[str, exp.Expr] = {
        "n": total("n"),
        "arrived_on": exp.func("MAX", exp.column("arrived_on")),
        "age": dialect.days(exp.column("day"), exp.column("as_of")),
    }
    quantities = {
        "quantity": against(total("quantity")),
        "quantity_thousandths": against(thousandths("quantity")),
    }
    if reads == TEXTS:
        made |= {
            "model_version": exp.func("MAX", exp.column("model_version")),
            "texts_read": total("texts_read"),
            **{f"{name}_thousandths": thousandths(name) for name in ("pleased", "sure")},
        }
    elif reads == MENTIONS:  # once a text, however often it says so and whoever copied it that day
        some = exp.case().when(made.pop("n") > number(0), number(1)).else_(number(0))
        made |= {"n": some}
    elif reads == DAILY:
        made |= quantities | {
            "amount": against(total("amount")),
            **{f"{name}_thousandths": thousandths(f"{name}_sum") for name in ("rating", "over_mean")},
            **{count: total(count) for count in ("rating_count", "over_mean_count")},
            **{hour: total(hour) for hour in HOURS},
        }
    else:  # one item has one brand and one list of categories a day; the maximum only names it
        made |= quantities | {
            "brand": exp.func("MAX", exp.column("brand")),
            "category": exp.func("MAX", dialect.at(exp.column("categories"), -1)),
            "category_top": exp.func("MAX", dialect.at(exp.column("categories"), 1)),
        }
    return exp.select(*_columns(key), *(exp.alias_(e, a) for a, e in made.items())).from_(seen).group_by(*_columns(key))


def _decay(half_life: int, dialect: Dialect) -> exp.Expr:
    age = dialect.days(exp.column("day"), exp.column("last_day"))
    factor = decay_factor(age, half_life, dialect)
    return exp.case().when(_counts(dated=True), factor).else_(number(0))


def _split(marked: str, things: Sequence[str]) -> exp.Select:
    """`value` names the thing as text; it is null where the row has none."""
    value = exp.case(exp.column("thing"))
    for thing in things:
        text = exp.Literal.string("") if thing == "all" else exp.cast(exp.column(thing), "string")
        value = value.when(exp.Literal.string(thing), text)
    names = exp.Unnest(
        expressions=[exp.array(*(exp.Literal.string(t) for t in things))],
        alias=exp.TableAlias(this=exp.to_identifier("names"), columns=[exp.to_identifier("thing")]),
    )
    return exp.select(exp.Star(), exp.alias_(value, "value")).from_(marked).join(names, join_type="cross")


def _versions(
    reads: str, traits: Sequence[Trait], dialect: Dialect, tables: Mapping[str, str]
) -> dict[str, exp.Select]:
    """`users` or `follows` as of the day, as far as known: `cut`. A later end is not known yet."""
    cut = exp.func("LEAST", exp.column("as_of", table="wanted"), exp.column("known_at", table="wanted"))
    used = {*CONDITION_COLUMNS[reads], *(t.measure.attribute.of for t in traits if t.measure.attribute)}
    if reads == TIES:
        used.add("target_key")
    seen = (
        exp.select(
            *_columns(USER, reads),
            *_columns(("as_of", "known_at"), "wanted"),
            exp.alias_(cut, "cut"),
            *_columns(("valid_from", "valid_to", *sorted(used)), reads),
        )
        .from_(table(reads, tables))
        .join(table("wanted", tables), on=_same_user(reads, "wanted"))
        .where(exp.column("valid_from", table=reads) <= cut)
    )
    is_valid = _is_valid()
    latest = exp.case().when(is_valid, exp.column("valid_from")).else_(exp.column("valid_to"))
    values: dict[str, exp.Expr] = {}
    for trait in traits:
        if trait.measure.attribute:  # at most one version is valid
            value = exp.case().when(is_valid, exp.column(trait.measure.attribute.of))
            values[trait.column] = exp.func("MAX", value)
        else:
            values[trait.column] = tie_count(trait.condition, is_valid)
    found = exp.select(
        *_columns(KEY), exp.alias_(exp.func("MAX", latest), "known_at"), *(exp.alias_(e, a) for a, e in values.items())
    )
    return {
        f"{reads}_seen": dialect.beside(seen),
        f"{reads}_traits": found.from_(f"{reads}_seen").group_by(*_columns(KEY)),
    }


def _is_valid() -> exp.Expr:
    """Whether a version is the one at the cut."""
    ends = exp.column("valid_to")
    return exp.or_(ends.is_(exp.Null()), ends.copy() > exp.column("cut"))


def _together(traits: Sequence[Trait], ends: Sequence[str], home: Mapping[str, str], dialect: Dialect) -> exp.Select:
    """One row a wanted user that some input knows: all columns in declared order, and the status of each trait."""
    known = [exp.column("known_at", table=end) for end in ends]
    first_of = exp.func("COALESCE", *known) if len(known) > 1 else known[0]
    latest = exp.func("GREATEST", *(exp.func("COALESCE", k, *known) for k in known)) if len(known) > 1 else known[0]
    columns = [exp.column(c.name, table=home[c.name]) for t in traits for c in columns_of(t)]
    status = exp.Map(
        keys=exp.array(*(exp.Literal.string(t.column) for t in traits)),
        values=exp.array(*(_status(t, exp.column(t.column, table=home[t.column]), home[t.column]) for t in traits)),
    )
    query = exp.select(
        *_columns(KEY, "wanted_users"), exp.alias_(latest, "known_at"), *columns, exp.alias_(status, "status")
    ).from_("wanted_users")
    for end in ends:
        same_day = dialect.same_day(exp.column("as_of", table="wanted_users"), exp.column("as_of", table=end))
        query = query.join(end, on=exp.and_(_same_user("wanted_users", end), same_day), join_type="left")
    return query.where(first_of.is_(exp.Null()).not_())


def _status(trait: Trait, value: exp.Expr, end: str) -> exp.Expr:
    status = exp.case().when(value.is_(exp.Null()).not_(), exp.Literal.string(VALUE))
    if trait.reads == MENTIONS:
        status = status.when(exp.column(has_rows(trait), table=end), exp.Literal.string(UNKNOWN))
    if trait.is_of_model:
        some = exp.column(has_rows(trait), table=end)
        if trait.reads == TEXTS:  # ratings have no version of the as-of day, but of the days they were given
            without = exp.column("model_version", table="wanted_users").is_(exp.Null())
            status = status.when(exp.and_(some, exp.not_(without)), exp.Literal.string(UNSUPPORTED))
        status = status.when(some.copy(), exp.Literal.string(NO_MODEL))
    return status.else_(exp.Literal.string(NO_DATA))
