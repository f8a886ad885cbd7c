"""All pages of a lake, and the one that leads to them."""

from __future__ import annotations

from pathlib import Path

from include.gate import INDEX
from include.pages.dictionary import dictionary
from include.pages.overview import write_overviews
from include.pages.page import page, write
from include.settings import Settings
from include.tables import EVERY_APPLICATION, TABLES
from include.traits.load import load_traits

_ABOUT = "What landed, what was checked, what was built, and what its columns mean."


def write_pages(settings: Settings) -> Path:
    """The pages of the sources and the dictionary, anew; the page that leads to them and to the checks'.

    NoLake where there is none.
    """
    write_overviews(settings)
    home = settings.pages / INDEX
    told = dictionary(TABLES, load_traits(settings.trait_folders), [(INDEX, "All pages")])
    write(settings.pages / "dictionary.html", told)
    checks = [
        (f"checks/{name}/{INDEX}", f"Checks of {name}")
        for name in EVERY_APPLICATION
        if (settings.pages / "checks" / name / INDEX).exists()
    ]
    links = [(f"sources/{INDEX}", "Sources"), ("dictionary.html", "Data dictionary"), *checks]
    write(home, page("Portrait", _ABOUT, [], links))
    return home
