"""A column keeps its meaning: what each trait was computed from when it was first built, and still has to be."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from include.errors import BadInput
from include.traits.model import Trait

_COMPUTES = {"reads", "whose", "where", "measure", "window", "half_life"}  # the other fields of a trait are words


def computed_from(trait: Trait) -> str:
    """What a trait's values follow from, as JSON. Fields at their default are left out, so that a field which Portrait
    learns one day changes no trait that does not use it."""
    found = trait.model_dump(mode="json", by_alias=True, include=_COMPUTES, exclude_defaults=True)
    return json.dumps(found, sort_keys=True)


def require_same(traits: Iterable[Trait], built: Mapping[str, str]) -> None:
    """Raises BadInput for a trait that is other than what its column was `built` from."""
    wrong = [_changed(t, built[t.column]) for t in traits if built.get(t.column, computed_from(t)) != computed_from(t)]
    if wrong:
        raise BadInput("\n".join(wrong))


def _changed(trait: Trait, built: str) -> str:
    then, now = json.loads(built), json.loads(computed_from(trait))
    fields = sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))
    told = ", ".join(f"{name} was {_text(then.get(name))} and is {_text(now.get(name))}" for name in fields)
    return (
        f"trait {trait.column}: {told}. Profiles were built with the former: leave version {trait.version} as it was, "
        f"and put a block with `version: {trait.version + 1}` beside it (docs/traits.md)"
    )


def _text(value: object) -> str:
    return "not given" if value is None else json.dumps(value)
