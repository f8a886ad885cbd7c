"""Whether `portray` has anything to do, asked of the lake without Spark: where it has not, none is started."""

from __future__ import annotations

from include.errors import NoLake
from include.portraits.choose import language_model
from include.query import Lake
from include.settings import Settings
from include.tables.gold import USER_PORTRAITS


def is_needed(settings: Settings) -> bool:
    """Whether there is a model to ask, or there are portraits of which those go that tell of what was deleted.

    BadInput where the settings name a model that is none.
    """
    return language_model(settings) is not None or has_portraits(settings)


def has_portraits(settings: Settings) -> bool:
    """Whether readers see any, or would after the next release: a run may have died between its commit and that."""
    name = USER_PORTRAITS.name
    try:
        released, newest = Lake(settings), Lake(settings, newest={name})
    except NoLake:
        return False
    return released.has(name) and any(lake.dataset(name).count_rows() for lake in (released, newest))
