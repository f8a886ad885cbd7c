"""One user's profile: found by raw id or pseudonym, shown as a card or as JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from include.errors import BadInput, PortraitError
from include.money import money
from include.privacy import pseudonym, read_key, require_lake_key
from include.query import Lake
from include.show.evidence import Quote, find_evidence
from include.show.insights import Interest, InWords, find_interests, find_words
from include.show.table import print_plain
from include.show.values import percent, text
from include.traits.model import TEXTS, Trait

VALUE = "value"
_BARS = " ▁▂▃▄▅▆▇█"
_SHOWN = 5  # of a list; the JSON form has all of it
_QUOTES = 4  # of a trait; likewise
_KEY = re.compile(r"[0-9a-f]{32}")
_BUILT = "select max(day) as last, min(day) as first from meta.profile_days where source = ?"
_SOURCES = "select distinct source from meta.profile_days order by source"
_LATEST = "select * from user_profiles_asof(?) where source = ? and user_key = ?"
_AS_KNOWN = "select * from user_profiles_asof(?, ?) where source = ? and user_key = ?"


@dataclass(frozen=True)
class Profile:
    """The traits of one user as of a day. `columns` are those of `user_profiles_asof`."""

    source: str
    user_key: str
    as_of: date
    known_at: date
    status: dict[str, str]
    columns: dict[str, Any]
    traits: tuple[Trait, ...]
    evidence: dict[str, list[Quote]] = field(default_factory=dict)  # trait to the words it rests on, a few of them
    interests: list[Interest] = field(default_factory=list)  # of the latest profile alone
    in_words: InWords | None = None  # likewise

    def row(self) -> dict[str, Any]:
        """The profile as programs read it."""
        head = {"source": self.source, "user_key": self.user_key, "as_of": self.as_of, "known_at": self.known_at}
        quotes = {trait: [asdict(quote) for quote in quotes] for trait, quotes in self.evidence.items()}
        beside = {
            "evidence": quotes,
            "interests": [asdict(interest) for interest in self.interests],
            "in_words": asdict(self.in_words) if self.in_words else None,
        }
        return {**head, "traits": self.columns, "status": self.status, **beside}


def find_profile(
    lake: Lake, traits: Sequence[Trait], source: str, user: str, day: date | None = None, known_at: date | None = None
) -> Profile:
    """The profile of a raw id or a user_key, as of `day` or the last one that was built.

    `known_at` asks for what was known then, computed anew. Raises PortraitError if there is no such profile.
    """
    if known_at and not day:
        raise BadInput("--known-at says what was known by then about a day: name the day too, with --day")
    built = lake.rows(_BUILT, [source])[0]
    if built["last"] is None:
        known = ", ".join(row["source"] for row in lake.rows(_SOURCES)) or "none"
        raise PortraitError(f"no profiles of source {source!r}; there are profiles of: {known}")
    as_of = day or built["last"]
    for key in _keys(lake, source, user):
        sql, parameters = (_AS_KNOWN, [as_of, known_at, source, key]) if known_at else (_LATEST, [as_of, source, key])
        for row in lake.rows(sql, parameters, macros=True):
            profile = _profile(row, tuple(traits))
            words = find_evidence(lake, traits, (source, key), profile.as_of, known_at, profile.columns)
            profile = replace(profile, evidence=words)
            if as_of < built["last"] or known_at:
                return profile
            return replace(
                profile, interests=find_interests(lake, (source, key)), in_words=find_words(lake, (source, key))
            )
    when = "" if day is None else f" as of {as_of}" + (f", known at {known_at}" if known_at else "")
    hint = ""
    if as_of < built["first"] and not known_at:
        hint = (
            f"; built profiles of {source} begin with {built['first']}: add --known-at to compute what was known then"
        )
    raise PortraitError(f"no such user in {source}{when}{hint}")


def print_profile(screen: Console, profile: Profile) -> None:
    """A card: traits by family with meaning, value and unit; below, what is missing and why."""
    screen.print(Text(f"{profile.source}  user {profile.user_key}", style="bold"))
    screen.print(Text(f"as of {profile.as_of}, known at {profile.known_at}"))
    families: dict[str, list[Trait]] = {}
    missing: dict[str, list[Trait]] = {}
    for trait in profile.traits:
        status = profile.status.get(trait.column, "not computed yet")
        if status == VALUE:
            families.setdefault(trait.family, []).append(trait)
        else:
            missing.setdefault(status, []).append(trait)
    grid = Grid(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    narrow = screen.width < 1000
    grid.add_column(max_width=screen.width * 2 // 5 if narrow else None)
    grid.add_column(overflow="fold")
    quoted: set[str] = set()
    for family, traits in families.items():
        grid.add_row(Text(family, style="bold"), "")
        for trait in traits:
            grid.add_row(Padding(Text(trait.meaning), (0, 0, 0, 2)), Text(shown(trait, profile.columns)))
            for line in [quote.line for quote in profile.evidence.get(trait.column, ())[:_QUOTES]]:
                if line not in quoted:  # the same of a shorter time, perhaps
                    grid.add_row("", Text(line, style="dim"))
                quoted.add(line)
    if profile.interests:
        grid.add_row(Text("interests, by what was done and written", style="bold"), "")
    for interest in profile.interests[:_SHOWN]:
        grid.add_row(Padding(Text(text(interest.interest)), (0, 0, 0, 2)), Text(interest.line))
        if interest.said:
            grid.add_row("", Text(interest.said.line, style="dim"))
    if profile.in_words:
        grid.add_row(Text(f"in words, by {text(profile.in_words.model)}", style="bold"), "")
        for part, claim, evidence in profile.in_words.claims:
            grid.add_row(Padding(Text(part), (0, 0, 0, 2)), Text(f"{text(claim)} ({len(evidence)} cited)"))
    print_plain(screen, grid)
    for status, traits in missing.items():
        screen.print(Text(f"{status}: {', '.join(trait.column for trait in traits)}", style="dim"))


def shown(trait: Trait, columns: dict[str, Any]) -> str:
    """A trait's value in one line, with its unit."""
    value, measure = columns[trait.column], trait.measure
    if value is None:
        return "-"
    if measure.top_k and measure.top_k.weigh == "amount" and measure.top_k.of == "currency":
        return _some([f"{text(x['value'])} {money(int(x['weight']), x['value'])}" for x in value])
    if measure.top_k and measure.top_k.weigh == "amount":
        return _some([f"{text(x['value'])} {text(x['weight'], ',')}" for x in value]) + f" ({trait.unit or 'amount'})"
    if measure.top_k:
        return _some([f"{text(x['value'])} {percent(x['share'])}" for x in value])
    if measure.last_k:
        return _some([f"{text(x['value'])} ({x['day']})" for x in value])
    if measure.hours:
        return _bars(value)
    if isinstance(value, list):
        return _some([text(x) for x in value])
    if measure.rate:
        parts = f"{columns[trait.column + '_numerator']:,} of {columns[trait.column + '_denominator']:,}"
        return f"{value:.4g} ({parts})"
    if measure.mean and trait.reads == TEXTS:
        texts, sure, model = (columns[trait.column + s] for s in ("_count", "_confidence", "_model_version"))
        return f"{Decimal(value):.2f} ({texts:,} texts, confidence {Decimal(sure):.2f}, model {model})"
    if measure.mean:
        sign = "+" if measure.mean.of == "over_mean" else ""
        return f"{Decimal(value):{sign}z.2f} {trait.unit or ''} ({columns[trait.column + '_count']:,} ratings)"
    if isinstance(value, date):
        ago = columns.get(f"days_since_{trait.column}")
        return text(value) + (f" ({ago:,} {'day' if ago == 1 else 'days'} before)" if ago is not None else "")
    if measure.attribute:
        return " ".join([text(value), trait.unit or ""]).strip()
    return " ".join([text(value, ","), trait.unit or ""]).strip()


def _keys(lake: Lake, source: str, user: str) -> list[str]:
    """What a user may be called in the lake: the key itself, or the pseudonym of the raw id."""
    keys = [user] if _KEY.fullmatch(user) else []
    if not keys or lake.settings.key_file.exists():
        key = read_key(lake.settings.key_file)
        require_lake_key(lake.settings.lake, key)
        keys.append(pseudonym(key, "user", source, user))
    return keys


def _profile(row: dict[str, Any], traits: tuple[Trait, ...]) -> Profile:
    head = {name: row.pop(name) for name in ("source", "user_key", "as_of", "known_at", "status")}
    return Profile(**head, columns=row, traits=traits)


def _some(parts: list[str]) -> str:
    more = f" and {len(parts) - _SHOWN} more" if len(parts) > _SHOWN else ""
    return "; ".join(parts[:_SHOWN]) + more


def _bars(counts: list[int]) -> str:
    """Twenty-four bars, one an hour, from 00 on the left to 23."""
    most = max(counts, default=0)
    if most <= 0:
        return "-"
    bars = "".join(_BARS[max(0, -(-n * (len(_BARS) - 1) // most))] for n in counts)
    return f"00 |{bars}| 23, most at {counts.index(most):02d}:00 UTC"
