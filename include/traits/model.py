"""What a trait declaration consists of.

A trait is a property of a user, computed from one input: the two ledgers of what users did, what the sentiment model
reads out of their texts (`texts`), what else is read out of them (`mentions`), what they told about themselves
(`users`), or their ties (`follows`). What the users one follows did with items is read from the ledger of items, too.
Pydantic checks the form; `mistakes` checks what fits together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from sqlglot import exp

from include.tables import Privacy
from include.tables.silver import USERS
from include.traits.condition import fixes_currency, parse_condition

DAILY, ITEMS, TEXTS, PEOPLE, TIES = "behaviour_daily", "behaviour_items_daily", "texts", "users", "follows"
MENTIONS = "mentions"
INPUTS = (DAILY, ITEMS, TEXTS, MENTIONS, PEOPLE, TIES)
LONGEST_DAYS = 3660  # of a window: ten years
LONGEST_HALF_LIFE = 730  # days; the decay table in the query holds one number a day
LARGEST_K = 100
OWN: Final = "own"  # whose rows a trait is about
FOLLOWED: Final = "followed"

# What a condition may look at, by input.
CONDITION_COLUMNS: dict[str, tuple[str, ...]] = {
    DAILY: ("kind", "currency", "language"),
    ITEMS: ("kind", "item_id", "tag", "brand", "category", "category_top"),
    TEXTS: ("kind", "language"),
    MENTIONS: ("signal", "label", "kind", "item_id"),
    PEOPLE: (),
    TIES: ("kind", "back"),
}
# What a measure may be taken of, by input. `category` is the last of an item's categories, `category_top` the first.
THINGS: dict[str, tuple[str, ...]] = {
    DAILY: ("kind", "currency", "language", "day"),
    ITEMS: ("item_id", "brand", "category", "category_top", "tag", "kind", "day"),
    TEXTS: (),
    MENTIONS: ("name", "item_id", "text_hash", "day"),
    PEOPLE: (),
    TIES: (),
}
NUMBERS: dict[str, tuple[str, ...]] = {
    DAILY: ("quantity", "amount"),
    ITEMS: ("quantity",),
    TEXTS: (),
    MENTIONS: (),
    PEOPLE: (),
    TIES: (),
}
# What a mean may be taken of, by input, and what counts how many there are.
MEANS: dict[str, dict[str, str]] = {
    DAILY: {"rating": "rating_count", "over_mean": "over_mean_count"},
    TEXTS: {"pleased": "texts_read"},
}
ATTRIBUTES: dict[str, str] = {
    c.name: c.type
    for c in USERS.columns
    if c.name not in {"source", "bucket", "valid_from", "valid_to", "user_key", "sha256", "position"}
}

Family = Literal[
    "basics", "behaviour", "spending", "loyalty", "time", "funnel", "social", "interest", "preference", "content",
    "sentiment", "entity", "quality",
]  # fmt: skip


def _days(value: object) -> object:
    if isinstance(value, str) and (found := re.fullmatch(r"([1-9][0-9]{0,4})d", value)):
        return int(found[1])
    raise ValueError("write a number of days such as 90d")


def _line(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise ValueError("must be one line of text")
    return value.strip()


Days = Annotated[int, BeforeValidator(_days)]
Line = Annotated[str, Field(max_length=300), AfterValidator(_line)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Thing = Literal[
    "item_id", "brand", "category", "category_top", "tag", "currency", "language", "kind", "day", "name", "text_hash"
]
K = Annotated[int, Field(strict=True, ge=1, le=LARGEST_K)]


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Plain(_Declared):
    """A measure without options: `count`, `first`, `last`, `hours`."""


class Sum(_Declared):
    """Quantities, or minor units of one currency, added. Returns count against."""

    of: Literal["quantity", "amount"]


class Rate(_Declared):
    """How many rows fit `of` for each one that fits `over`; null below `at_least` of the latter."""

    of: Line
    over: Line
    at_least: Annotated[int, Field(strict=True, ge=1)] = 1


class Mean(_Declared):
    """Mean of the ratings that were given, of what they lie above the means of their items, or of the probabilities
    that the author of a text is pleased."""

    of: Literal["rating", "over_mean", "pleased"]


class Distinct(_Declared):
    """How many different ones."""

    of: Thing


class LastK(_Declared):
    """The k latest ones, by the day they were last acted on."""

    of: Thing
    k: K


class TopK(_Declared):
    """The k heaviest ones. A row weighs its count, its quantity or its amount, decayed if there is a half-life.

    Of what texts mention, those that `texts` different ones do at least.
    """

    of: Thing
    k: K
    weigh: Literal["n", "quantity", "amount"] = "n"
    texts: Annotated[int, Field(strict=True, ge=1, le=100)] = 1


class Attribute(_Declared):
    """What the source says about the user on the day."""

    of: Annotated[str, Field(max_length=60)]


class Measure(_Declared):
    """Exactly one of its fields is set; in YAML the name alone (`count`), or the name with its options."""

    count: Plain | None = None
    sum: Sum | None = None
    rate: Rate | None = None
    mean: Mean | None = None
    distinct: Distinct | None = None
    first: Plain | None = None
    last: Plain | None = None
    last_k: LastK | None = None
    top_k: TopK | None = None
    hours: Plain | None = None
    attribute: Attribute | None = None

    @model_validator(mode="before")
    @classmethod
    def _one(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {value: {}}
        if not isinstance(value, dict) or len(value) != 1:
            raise ValueError(f"must be one of {', '.join(cls.model_fields)}")
        return value

    @property
    def name(self) -> str:
        return next(n for n in type(self).model_fields if getattr(self, n) is not None)

    @property
    def text(self) -> str:
        """The measure in a few words, for people."""
        options = getattr(self, self.name).model_dump(exclude_defaults=True)
        return " ".join([self.name, *(f"{k} {v}" for k, v in options.items())])


DATED = ("first", "last", "last_k", "hours")  # measures that ask when; `distinct` of days does too
MEASURES: dict[str, tuple[str, ...]] = {
    DAILY: ("count", "sum", "rate", "mean", "distinct", "first", "last", "last_k", "top_k", "hours"),
    ITEMS: ("count", "sum", "rate", "distinct", "first", "last", "last_k", "top_k"),
    TEXTS: ("mean",),
    MENTIONS: ("count", "distinct", "first", "last", "last_k", "top_k"),
    PEOPLE: ("attribute",),
    TIES: ("count",),
}


class Trait(_Declared):
    """One declared property of a user."""

    trait: Name
    family: Family
    version: Annotated[int, Field(strict=True, ge=1, le=999)]
    meaning: Line
    unit: Line | None = None
    reads: Literal["behaviour_daily", "behaviour_items_daily", "texts", "mentions", "users", "follows"] = Field(
        alias="from"
    )
    whose: Literal["own", "followed"] = OWN
    where: Line | None = None
    measure: Measure
    window: Days | None = None
    half_life: Days | None = None
    privacy: Privacy
    purpose: Line
    owner: Line

    @property
    def column(self) -> str:
        """Name of the wide column. A later version stands beside the first."""
        name = f"{self.family}_{self.trait}"
        return name if self.version == 1 else f"{name}_v{self.version}"

    @property
    def inputs(self) -> tuple[str, ...]:
        """What it is computed from; whom one follows is in the ties."""
        return (self.reads, TIES) if self.whose == FOLLOWED else (self.reads,)

    @property
    def thing(self) -> str | None:
        """What a `distinct`, `last_k` or `top_k` is taken of."""
        m = self.measure
        chosen = m.distinct or m.last_k or m.top_k
        return chosen.of if chosen else None

    @property
    def is_of_text(self) -> bool:
        """Whether `gold.trait_evidence` holds what it follows from."""
        return self.reads in (TEXTS, MENTIONS)

    @property
    def is_of_model(self) -> bool:
        """Whether a registered version decides: a user with rows may have no value for want of one."""
        return self.reads == TEXTS or (self.measure.mean is not None and self.measure.mean.of == "over_mean")

    @property
    def is_dated(self) -> bool:
        """Whether rows without a known day are left out."""
        when = self.measure.name in DATED or self.thing == "day"
        return when or self.window is not None or self.half_life is not None

    @property
    def condition(self) -> exp.Expr | None:
        """Checked tree of `where`."""
        return self.parse(self.where) if self.where else None

    def parse(self, text: str) -> exp.Expr:
        """Checked tree of a condition of this trait."""
        return parse_condition(text, CONDITION_COLUMNS[self.reads], closed_kinds=self.reads != TIES)


def mistakes(trait: Trait) -> Iterator[tuple[tuple[str, ...], str]]:
    """What does not fit together in a trait of the right form: (path of the field, what is wrong)."""
    reads, measure, name = trait.reads, trait.measure, trait.measure.name
    if name not in MEASURES[reads]:
        yield ("measure",), f"{name} cannot be taken from {reads}; possible are: {', '.join(MEASURES[reads])}"
        return
    yield from _condition_mistakes(trait)
    yield from _number_mistakes(trait)
    if trait.whose == FOLLOWED and reads != ITEMS:
        yield ("whose",), f"of those one follows only {ITEMS} is read"
    if measure.top_k and measure.top_k.texts > 1 and reads != MENTIONS:
        yield ("measure", name, "texts"), f"only what is read from {MENTIONS} counts texts"
    if measure.mean and measure.mean.of not in MEANS[reads]:
        yield ("measure", name, "of"), f"{reads} has no {measure.mean.of}; it has: {', '.join(MEANS[reads])}"
    if trait.thing and trait.thing not in THINGS[reads]:
        yield ("measure", name, "of"), f"{reads} has no {trait.thing}; it has: {', '.join(THINGS[reads])}"
    if measure.attribute and measure.attribute.of not in ATTRIBUTES:
        yield ("measure", name, "of"), f"users have no {measure.attribute.of}; they have: {', '.join(ATTRIBUTES)}"
    if trait.window is not None and reads in (PEOPLE, TIES):
        yield ("window",), f"{reads} is read as of the day and has no window"
    if trait.window is not None and trait.window > LONGEST_DAYS:
        yield ("window",), f"is longer than {LONGEST_DAYS}d; leave it out for a lifetime trait"
    if trait.half_life is not None and name != "top_k":
        yield ("half_life",), "only top_k decays"
    if trait.half_life is not None and trait.half_life > LONGEST_HALF_LIFE:
        yield ("half_life",), f"is longer than {LONGEST_HALF_LIFE}d"
    if trait.privacy is Privacy.IDENTIFIER:
        yield ("privacy",), "a trait never holds a raw identifier: those stop at bronze"


def _condition_mistakes(trait: Trait) -> Iterator[tuple[tuple[str, ...], str]]:
    conditions: list[tuple[tuple[str, ...], str | None]] = [(("where",), trait.where)]
    if rate := trait.measure.rate:
        conditions += [(("measure", "rate", "of"), rate.of), (("measure", "rate", "over"), rate.over)]
    for path, text in conditions:
        if text is not None:
            try:
                trait.parse(text)
            except ValueError as e:
                yield path, str(e)


def _number_mistakes(trait: Trait) -> Iterator[tuple[tuple[str, ...], str]]:
    measure, name = trait.measure, trait.measure.name
    top, total = measure.top_k, measure.sum
    field, number = ("weigh", top.weigh) if top else ("of", total.of) if total else ("", "n")
    if number == "n":
        return
    if number not in NUMBERS[trait.reads]:
        yield ("measure", name, field), f"{trait.reads} has no {number}"
    elif number == "amount" and not (top and top.of == "currency"):
        try:
            fixed = fixes_currency(trait.condition)
        except ValueError:
            return  # told already
        if not fixed:
            several = "amounts of several currencies cannot be added"
            yield ("measure", name, field), f"{several}; add currency = '...' to `where`, or take the top_k of currency"
