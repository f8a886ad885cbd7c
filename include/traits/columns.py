"""What follows from the trait declarations without computing anything: columns, windows, the dictionary."""

from __future__ import annotations

from collections.abc import Iterable

from include.tables import Column
from include.traits.model import ATTRIBUTES, OWN, TEXTS, Trait

_TYPES = {
    "count": "bigint",
    "rate": "double",
    "mean": "decimal(15,6)",
    "distinct": "bigint",
    "first": "date",
    "last": "date",
    "last_k": "array<struct<value:string,day:date>>",
    "top_k": "array<struct<value:string,weight:decimal(38,0),share:double>>",
    "hours": "array<bigint>",
}
_SUM_TYPES = {"quantity": "decimal(38,3)", "amount": "bigint"}


def columns_of(trait: Trait) -> tuple[Column, ...]:
    """The wide columns of one trait: its value first, then what the value was divided from."""
    measure = trait.measure

    def column(suffix: str, kind: str, about: str, unit: str | None) -> Column:
        return Column(trait.column + suffix, kind, about, unit, trait.privacy)

    value = column("", _type(trait), trait.meaning, trait.unit)
    if measure.rate:
        return (
            value,
            column("_numerator", "bigint", f"{trait.meaning}: rows where {measure.rate.of}", "rows"),
            column("_denominator", "bigint", f"{trait.meaning}: rows where {measure.rate.over}", "rows"),
        )
    if measure.mean and trait.reads == TEXTS:
        sure = "the share of these texts that the model reads rightly, as far as its probabilities hold"
        return (
            value,
            column("_count", "bigint", f"{trait.meaning}: how many texts", "texts"),
            column("_confidence", "decimal(15,6)", f"{trait.meaning}: {sure}", None),
            column("_model_version", "string", f"{trait.meaning}: version of the model", None),
        )
    if measure.mean:
        return value, column("_count", "bigint", f"{trait.meaning}: how many ratings", "ratings")
    return (value,)


def _type(trait: Trait) -> str:
    measure = trait.measure
    if measure.attribute:
        return ATTRIBUTES[measure.attribute.of]
    if measure.sum:
        return _SUM_TYPES[measure.sum.of]
    return _TYPES[measure.name]


def trait_columns(traits: Iterable[Trait]) -> tuple[Column, ...]:
    """The wide columns of all traits, in the order of the traits."""
    return tuple(c for t in traits for c in columns_of(t))


def windows(traits: Iterable[Trait]) -> tuple[int, ...]:
    """The distinct window lengths in days, shortest first. Lifetime traits have none."""
    return tuple(sorted({t.window for t in traits if t.window is not None}))


def dictionary(traits: Iterable[Trait]) -> list[dict[str, object]]:
    """One row a trait for people to read: what it means and what it is computed from."""
    return [
        {
            "name": t.column,
            "family": t.family,
            "version": t.version,
            "meaning": t.meaning,
            "unit": t.unit,
            "type": columns_of(t)[0].type,
            "from": t.reads if t.whose == OWN else f"{t.reads} of those followed",
            "where": t.where,
            "measure": t.measure.text,
            "window": f"{t.window}d" if t.window else "lifetime",
            "half_life": f"{t.half_life}d" if t.half_life else None,
            "privacy": str(t.privacy),
            "purpose": t.purpose,
            "owner": t.owner,
        }
        for t in traits
    ]
