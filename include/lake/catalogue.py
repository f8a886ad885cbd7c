"""The declared tables of this installation: those of every lake, with the columns of the traits that are on."""

from __future__ import annotations

from collections.abc import Iterable

from include.settings import Settings
from include.tables import TABLES, Table
from include.traits.columns import trait_columns
from include.traits.load import load_traits
from include.traits.model import Trait

WIDE = ("gold.user_profile_history", "gold.user_profiles")  # with a column for each trait


def declared(settings: Settings) -> dict[str, Table]:
    """Name to table. The wide tables have a column for each trait."""
    return declared_with(load_traits(settings.trait_folders))


def declared_with(traits: Iterable[Trait]) -> dict[str, Table]:
    """The same, for whoever has the traits already."""
    columns = trait_columns(traits)
    return {name: t.with_columns(*columns) if name in WIDE else t for name, t in TABLES.items()}
