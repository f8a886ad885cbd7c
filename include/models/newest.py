"""The newest day that there is something to learn of."""

from __future__ import annotations

from datetime import date

from include.errors import NoLake
from include.models.sentiment import TooFew
from include.query import Lake
from include.settings import Settings


def newest(settings: Settings, query: str, model: str, nothing: str) -> date:
    """The `day` of the one row of a query. TooFew if there is none, in words `nothing`, or no lake yet."""
    try:
        found: date | None = Lake(settings).rows(query)[0]["day"]
    except NoLake as error:
        raise TooFew(f"{model}: {error}") from None
    if found is None:
        raise TooFew(f"{model}: {nothing}; run the build first")
    return found
