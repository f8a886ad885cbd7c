"""What each measure adds to the pass over a ledger.

`LedgerPass` collects three layers of expressions while the traits are gone through: conditions on a row, aggregates by
thing, aggregates by user. Equal expressions are kept once. "Has data" means: some row ever fitted the condition, inside
the window or not; then a count of none in the window is 0, else it is null.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlglot import exp

from include.tables.gold import HOURS
from include.traits.arithmetic import mean, number, share
from include.traits.dialect import Dialect, struct
from include.traits.model import FOLLOWED, MEANS, MENTIONS, TEXTS, Trait

Options = TypeVar("Options")
_ONE = number(1)


class LedgerPass:
    """Expressions of one ledger's traits. `things` are what rows are counted by; `all` is the row itself. With ties,
    rows say in `by_tie` whether somebody acted whom the user follows."""

    def __init__(self, dialect: Dialect, with_ties: bool) -> None:
        self.dialect, self.with_ties = dialect, with_ties
        self.things: list[str] = ["all"]
        self.half_lives: dict[int, str] = {}
        self.conditions: dict[str, exp.Expr] = {}
        self.by_thing: dict[str, exp.Expr] = {}
        self.by_user: dict[str, exp.Expr] = {}
        self._aliases: dict[tuple[str, str], str] = {}

    def columns(self, trait: Trait) -> dict[str, exp.Expr]:
        """Column name to its expression over the aggregates by user, for one trait."""
        columns: dict[str, exp.Expr] = getattr(self, f"_{trait.measure.name}")(trait)
        if trait.reads == MENTIONS:
            columns[has_rows(trait)] = self.has_data(trait)
        return columns

    # The three layers

    def rows(self, trait: Trait, *more: exp.Expr, windowed: bool = True) -> exp.Column:
        """Which rows count for the trait: they happened, fit its condition and `more`, and lie in its window."""
        parts: list[exp.Expr] = [exp.column("n") > number(0)]
        if self.with_ties:
            by_tie = exp.column("by_tie")
            parts.append(by_tie if trait.whose == FOLLOWED else by_tie.not_())
        if trait.is_dated:
            parts.append(exp.column("is_dated"))
        if trait.reads == MENTIONS:  # its condition was asked when the evidence was written
            parts.append(exp.column("trait").eq(trait.column))
        elif trait.condition is not None:
            parts.append(exp.paren(trait.condition))
        parts += [exp.paren(m) for m in more]
        if windowed and trait.window is not None:
            parts.append(exp.column("age") < number(trait.window))
        return self._once("fits", self.conditions, exp.and_(*parts, wrap=False))

    def for_thing(self, function: str, thing: str, value: exp.Expr, rows: exp.Expr | None = None) -> exp.Column:
        """`function` of `value` over the rows of one thing; null for other things."""
        if thing not in self.things:
            self.things.append(thing)
        here = exp.column("thing").eq(thing)
        picked = exp.case().when(exp.and_(here, rows) if rows is not None else here, value)
        return self._once("part", self.by_thing, exp.func(function, picked))

    def for_user(self, function: str, value: exp.Expr) -> exp.Column:
        """`function` of `value` over the user's things."""
        return self.aggregate(exp.func(function, value))

    def aggregate(self, expression: exp.Expr) -> exp.Column:
        return self._once("of", self.by_user, expression)

    def total(self, function: str, value: exp.Expr, rows: exp.Expr) -> exp.Column:
        """`function` of `value` over all rows of the user. (There is one `all` a user: the maximum only takes it.)"""
        return self.for_user("MAX", self.for_thing(function, "all", value, rows))

    def has_data(self, trait: Trait, *more: exp.Expr, thing: str = "all") -> exp.Expr:
        """Whether some row ever fitted, in the window or not."""
        ever = self.for_thing("MAX", thing, _ONE, self.rows(trait, *more, windowed=False))
        return self.for_user("MAX", ever).eq(_ONE)

    def decay(self, half_life: int) -> exp.Column:
        """Whole number: 2^40 on the latest day (of the user, or of those followed), half of it each `half_life` days
        before."""
        return exp.column(self.half_lives.setdefault(half_life, f"decay_{half_life}"))

    def _once(self, prefix: str, layer: dict[str, exp.Expr], expression: exp.Expr) -> exp.Column:
        key = (prefix, expression.sql())
        if key not in self._aliases:
            self._aliases[key] = f"{prefix}_{len(layer)}"
            layer[self._aliases[key]] = expression
        return exp.column(self._aliases[key])

    # The measures

    def _count(self, trait: Trait) -> dict[str, exp.Expr]:
        n = self.total("SUM", exp.column("n"), self.rows(trait))
        return {trait.column: _or_zero(self.has_data(trait), n, "bigint")}

    def _sum(self, trait: Trait) -> dict[str, exp.Expr]:
        of = _given(trait.measure.sum).of
        added = self.total("SUM", exp.column(of), self.rows(trait))
        kind = "bigint" if of == "amount" else "decimal(38, 3)"
        return {trait.column: _or_zero(self.has_data(trait), added, kind)}

    def _rate(self, trait: Trait) -> dict[str, exp.Expr]:
        rate = _given(trait.measure.rate)
        over, of = trait.parse(rate.over), trait.parse(rate.of)
        known = self.has_data(trait, over)
        denominator = _or_zero(known, self.total("SUM", exp.column("n"), self.rows(trait, over)), "bigint")
        numerator = _or_zero(known, self.total("SUM", exp.column("n"), self.rows(trait, of)), "bigint")
        enough = denominator.copy() >= number(rate.at_least)
        value = exp.case().when(enough, share(exp.paren(numerator.copy()), exp.paren(denominator.copy())))
        return {
            trait.column: value,
            f"{trait.column}_numerator": numerator,
            f"{trait.column}_denominator": denominator,
        }

    def _mean(self, trait: Trait) -> dict[str, exp.Expr]:
        of = _given(trait.measure.mean).of
        count = MEANS[trait.reads][of]
        there = exp.column(count) > number(0)
        rows = self.rows(trait, there)
        counted = self.total("SUM", exp.column(count), rows)

        def over_count(thousandths: str) -> exp.Expr:
            big = self.dialect.big
            added = self.total("SUM", exp.column(thousandths), rows)
            return exp.case().when(counted > number(0), mean(big(added), big(counted.copy())))

        columns: dict[str, exp.Expr] = {
            trait.column: over_count(f"{of}_thousandths"),
            f"{trait.column}_count": _or_zero(self.has_data(trait, there), counted, "bigint"),
        }
        if trait.reads == TEXTS:
            columns[f"{trait.column}_confidence"] = over_count("sure_thousandths")
            columns[f"{trait.column}_model_version"] = self.total("MAX", exp.column("model_version"), rows)
        if trait.is_of_model:
            about = () if trait.reads == TEXTS else (exp.column("rating_count") > number(0),)
            some = self.total("MAX", _ONE, self.rows(trait, *about))
            columns[has_rows(trait)] = some.is_(exp.Null()).not_()
        return columns

    def _distinct(self, trait: Trait) -> dict[str, exp.Expr]:
        thing = _given(trait.measure.distinct).of
        there = self.for_thing("MAX", thing, _ONE, self.rows(trait))
        return {trait.column: _or_zero(self.has_data(trait, thing=thing), self.for_user("SUM", there), "bigint")}

    def _first(self, trait: Trait) -> dict[str, exp.Expr]:
        return {trait.column: self.total("MIN", exp.column("day"), self.rows(trait))}

    def _last(self, trait: Trait) -> dict[str, exp.Expr]:
        return {trait.column: self.total("MAX", exp.column("day"), self.rows(trait))}

    def _last_k(self, trait: Trait) -> dict[str, exp.Expr]:
        last_k = _given(trait.measure.last_k)
        day = self.for_thing("MAX", last_k.of, exp.column("day"), self.rows(trait))
        epoch = exp.cast(exp.Literal.string("1970-01-01"), "date")
        before = self.dialect.days(day, epoch)  # latest day first
        row: dict[str, exp.Expr] = {"rank": before, "value": exp.column("value"), "day": day}
        there = day.is_(exp.Null()).not_()
        latest = self.aggregate(self.dialect.smallest(row, there, last_k.k))
        found = self.for_user("COUNT", day) > number(0)
        built = self.dialect.each(latest, lambda field: struct({"value": field("value"), "day": field("day")}))
        return {trait.column: exp.case().when(found, built)}

    def _top_k(self, trait: Trait) -> dict[str, exp.Expr]:
        top = _given(trait.measure.top_k)
        big = self.dialect.big
        weight = big(exp.column({"quantity": "quantity_thousandths"}.get(top.weigh, top.weigh)))
        if trait.half_life is not None:
            weight = weight * big(self.decay(trait.half_life))
        summed = self.for_thing("SUM", top.of, weight, self.rows(trait))
        positive: exp.Expr = summed > number(0)
        if top.texts > 1:
            positive = exp.and_(positive, self._texts(trait, top.of) >= number(top.texts))
        row: dict[str, exp.Expr] = {"rank": exp.Neg(this=big(summed)), "value": exp.column("value")}
        heaviest = self.aggregate(self.dialect.smallest(row, positive, top.k))
        total = big(self.for_user("SUM", exp.case().when(positive.copy(), big(summed))))

        def build(field: Callable[[str], exp.Expr]) -> exp.Expr:
            own = exp.paren(exp.Neg(this=field("rank")))
            as_decimal = exp.cast(own.copy(), "decimal(38, 0)")
            return struct({"value": field("value"), "weight": as_decimal, "share": share(own, total)})

        return {trait.column: exp.case().when(total.copy() > number(0), self.dialect.each(heaviest, build))}

    def _texts(self, trait: Trait, thing: str) -> exp.Column:
        """How many different texts mention a thing."""
        here = exp.and_(exp.column("thing").eq(thing), self.rows(trait))
        different = exp.Distinct(expressions=[exp.case().when(here, exp.column("text_hash"))])
        return self._once("part", self.by_thing, exp.Count(this=different))

    def _hours(self, trait: Trait) -> dict[str, exp.Expr]:
        rows = self.rows(trait)
        counts = [_or_zero(None, self.total("SUM", exp.column(hour), rows), "bigint") for hour in HOURS]
        some = exp.or_(*(count.copy() > number(0) for count in counts))
        return {trait.column: exp.case().when(some, exp.array(*counts))}


def has_rows(trait: Trait) -> str:
    """Name of what says whether there were texts or ratings that a trait of a model is about, whatever the model knows
    of them, or something that texts mention, if not in enough of them. Not a column of profiles."""
    return f"{trait.column}__has_rows"


def tie_count(condition: exp.Expr | None, is_valid: exp.Expr) -> exp.Expr:
    """Aggregate over the versions of a user's ties: how many fit and are valid; null if none ever fitted."""
    valid = exp.case().when(is_valid, _ONE).else_(number(0))
    counted = valid if condition is None else exp.case().when(exp.paren(condition), valid)
    return exp.cast(exp.func("SUM", counted), "bigint")


def _given(options: Options | None) -> Options:
    """The options of the trait's own measure."""
    if options is None:
        raise TypeError("asked for the options of another measure")
    return options


def _or_zero(known: exp.Expr | None, value: exp.Expr, kind: str) -> exp.Expr:
    """The value; 0 where there is none though data is known."""
    zeroed = exp.cast(exp.func("COALESCE", value, number(0)), kind)
    return zeroed if known is None else exp.case().when(known, zeroed)
