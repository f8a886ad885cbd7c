"""Every table of the lake, declared once. Standard library only."""

from include.tables.bronze import BRONZE
from include.tables.gold import GOLD
from include.tables.meta import META
from include.tables.model import Column, Privacy, Rule, Severity, Table
from include.tables.silver import SILVER

TABLES: dict[str, Table] = {t.name: t for t in (*BRONZE, *SILVER, *GOLD, *META)}
APPLICATIONS = ("ingest", "understand", "profile")  # in the order of a run
EVERY_APPLICATION = (*APPLICATIONS, "portray")  # the last one only where a language model is configured


def tables_of(application: str) -> tuple[Table, ...]:
    """The tables that only `application` writes."""
    return tuple(t for t in TABLES.values() if t.application == application)


__all__ = ["APPLICATIONS", "EVERY_APPLICATION", "TABLES", "Column", "Privacy", "Rule", "Severity", "Table", "tables_of"]
