"""The described sources, for people: what they are, which feeds they have, whether their files are here."""

from __future__ import annotations

from typing import Any

from include.settings import Settings
from include.sources.discover import is_available
from include.sources.load import load_sources


def source_rows(settings: Settings) -> list[dict[str, Any]]:
    """One row a source. `files` says whether there is something to read in the data folders."""
    return [
        {
            "source": source.name,
            "feeds": sorted(source.feeds),
            "first": source.history.first,
            "last": source.history.last,
            "files": "here" if is_available(source, settings.data_folders) else "not here",
            "licence": source.licence,
            "about": source.about,
        }
        for source in load_sources(settings.source_folders).values()
    ]
