"""What `make demo` ends with: what landed, what there is now, who is in it, where the time went, what to try."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from include.errors import PortraitError
from include.models.registry import Version
from include.query import Lake
from include.settings import Settings
from include.show.accounts import accounts, print_accounts, unfinished
from include.show.models import print_versions
from include.show.profile import find_profile, print_profile
from include.show.sources import source_rows
from include.show.suspects import count_suspects
from include.show.table import console, print_table
from include.show.tables import print_statuses, statuses
from include.tables import EVERY_APPLICATION
from include.traits.load import load_traits

_MAGAZINES = "amazon_magazines"
# The best known user of each source: the one with most traits, by key where several have as many.
_BEST = """
with known as (
    select source, user_key, len(list_filter(map_values(status), lambda s: s = 'value')) as n from gold.user_profiles
)
select source, arg_min(user_key, (-n, user_key)) as user_key from known group by source order by source
"""


def print_summary(
    timings: Mapping[str, float], screen: Console | None = None, versions: Mapping[str, Sequence[Version]] | None = None
) -> None:
    """`timings` are seconds by part, in the order to be shown; `versions` are those of each model."""
    screen = screen or console()
    settings = Settings()
    lake = Lake(settings)
    _head(screen, "What became of the landed rows")
    found = accounts(lake)
    print_accounts(screen, found, unfinished(lake.meta), count_suspects(lake))
    _print_skipped(screen, settings, {account.source for account in found})
    _head(screen, "Tables")
    print_statuses(screen, statuses(lake))
    _head(screen, "Profiles")
    shown = _print_cards(screen, lake, settings)
    _head(screen, "Models")
    print_versions(screen, versions or {})
    _head(screen, "Pages")
    sections = {
        "all": "",
        "sources": "sources",
        **{f"checks of {name}": f"checks/{name}" for name in EVERY_APPLICATION},
    }
    for name, folder in sections.items():
        if (index := settings.pages / folder / "index.html").exists():
            screen.print(Text(f"  {name:20s} {settings.address_of(index)}"), soft_wrap=True)
    _head(screen, "Time")
    print_table(screen, ("part", "seconds"), [[part, round(s, 1)] for part, s in timings.items()], ",")
    _head(screen, "Try next")
    source, user = shown or ("shop", "USER")
    for command in (
        f"portrait profile {source} {user}",
        'portrait sql "select source, count(*) users from gold.user_profiles group by source"',
        "portrait accounts --by-day --csv",
    ):
        screen.print(Text(f"  .venv/bin/{command}"))


def cards(lake: Lake) -> list[tuple[str, str]]:
    """(source, user_key) of up to three well-known users: a magazine reader, one of the shop, one of another source.

    Where one of these sources has no profiles, another takes its place.
    """
    best = {row["source"]: row["user_key"] for row in lake.rows(_BEST)}
    first = [source for source in (_MAGAZINES, "shop") if source in best]
    order = [*first, *(source for source in best if source not in first)]
    return [(source, best[source]) for source in order[:3]]


def _print_cards(screen: Console, lake: Lake, settings: Settings) -> tuple[str, str] | None:
    traits = load_traits(settings.trait_folders)
    chosen = cards(lake)
    for i, (source, user) in enumerate(chosen):
        if i:
            screen.print()
        try:
            print_profile(screen, find_profile(lake, traits, source, user))
        except PortraitError as error:
            screen.print(Text(f"{source}: {error}"))
    if not chosen:
        screen.print("there are no profiles yet")
    return chosen[0] if chosen else None


def _print_skipped(screen: Console, settings: Settings, landed: set[str]) -> None:
    for row in source_rows(settings):
        if row["source"] not in landed:
            why = "its files are not in the data folders" if row["files"] != "here" else "nothing of it has landed yet"
            screen.print(Text(f"{row['source']} is left out: {why}"))


def _head(screen: Console, title: str) -> None:
    screen.print(Text(f"\n{title}\n{'=' * len(title)}", style="bold"))
