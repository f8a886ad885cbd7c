"""Traits: properties of users, declared in YAML and computed in one pass."""

from include.traits.columns import dictionary, trait_columns, windows
from include.traits.compile import compile_pass
from include.traits.load import load_traits
from include.traits.model import Trait

__all__ = ["Trait", "compile_pass", "dictionary", "load_traits", "trait_columns", "windows"]
