"""What is computed from what, among the tables of bronze, silver and gold."""

from __future__ import annotations

from include.tables.columns import FEEDS

_LEDGERS = {"gold.behaviour_daily": ("events", "texts"), "gold.behaviour_items_daily": ("events", "texts", "items")}
_EVIDENCE, _HISTORY, _PROFILES = "gold.trait_evidence", "gold.user_profile_history", "gold.user_profiles"


def flow() -> list[tuple[str, str]]:
    """(table, table computed from it), in the order of a run."""
    edges = []
    for feed in FEEDS:
        edges += [(f"bronze.{feed}", f"silver.{feed}"), (f"bronze.{feed}", f"silver.{feed}__rejected")]
    edges += [(f"silver.{feed}", "silver.user_days") for feed in ("events", "texts")]
    edges += [(f"silver.{name}", "silver.item_means") for name in ("events", "texts", "user_days")]
    for ledger, feeds in _LEDGERS.items():
        edges += [(f"silver.{feed}", ledger) for feed in (*feeds, "user_days")]
    edges += [("silver.item_means", "gold.behaviour_daily"), ("silver.texts", "silver.text_vectors")]
    edges += [(name, "silver.text_signals") for name in ("silver.texts", "silver.text_vectors")]
    read = ("texts", "text_signals", "user_days", "users", "follows")
    edges += [(name, _HISTORY) for name in (*_LEDGERS, *(f"silver.{name}" for name in read))]
    edges += [(f"silver.{name}", _EVIDENCE) for name in ("texts", "text_signals", "user_days")]
    edges += [(_EVIDENCE, _HISTORY), (_HISTORY, _PROFILES)]
    told = ("silver.texts", "silver.items", "silver.text_signals", "silver.user_days", "gold.behaviour_items_daily")
    edges += [(name, "gold.user_interests") for name in told]
    edges += [(name, "gold.user_portraits") for name in ("silver.texts", _EVIDENCE, _PROFILES)]
    return edges + [(f"silver.{name}", "gold.user_vectors") for name in ("texts", "text_vectors", "user_days")]


def depths() -> dict[str, int]:
    """How many steps a table is away from what landed, by the longest way."""
    found: dict[str, int] = {}
    for before, after in flow():
        found[after] = max(found.get(after, 0), found.setdefault(before, 0) + 1)
    return found
