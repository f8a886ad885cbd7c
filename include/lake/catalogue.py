"""The declared tables of this installation: those of every lake, with the columns of the traits that are on."""

from __future__ import annotations

from include.settings import Settings
from include.tables import TABLES, Table
from include.traits.columns import trait_columns
from include.traits.load import load_traits

_WIDE = ("gold.user_profile_history", "gold.user_profiles")


def declared(settings: Settings) -> dict[str, Table]:
    """Name to table. The wide tables have a column for each trait."""
    columns = trait_columns(load_traits(settings.trait_folders))
    return {name: t.with_columns(*columns) if name in _WIDE else t for name, t in TABLES.items()}
