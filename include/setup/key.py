"""The pseudonym key: made once, never replaced, since the lake is bound to it."""

from __future__ import annotations

from include.privacy import make_key
from include.settings import Settings


def create() -> bool:
    """True if there was none."""
    return make_key(Settings().key_file)
