"""A page of one user's profile. It is about a person: written where somebody asked for it, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from include.errors import BadInput
from include.pages import charts
from include.pages.charts import Chart
from include.pages.page import Section, facts, page, write
from include.show.insights import Interest
from include.show.profile import VALUE, Profile, shown
from include.show.values import text
from include.traits.model import Trait


def write_card(profile: Profile, file: Path) -> Path:
    """The page, readable by its owner only. BadInput where it cannot be written there."""
    if file.is_dir():
        raise BadInput(f"--page {file} is a folder; name a file in it")
    write(file, card(profile), mode=0o600)
    return file


def card(profile: Profile) -> str:
    """Traits by family, each with its meaning; lists and hours as charts; below, what is missing and why."""
    families: dict[str, list[Trait]] = {}
    missing: dict[str, list[Trait]] = {}
    for trait in profile.traits:
        status = profile.status.get(trait.column, "not computed yet")
        known, name = (families, trait.family) if status == VALUE else (missing, status)
        known.setdefault(name, []).append(trait)
    sections = [Section(family.capitalize(), _family(profile, traits)) for family, traits in families.items()]
    if profile.interests:
        told = facts((text(interest.interest), interest.line) for interest in profile.interests)
        sections.append(Section("Interests, by what was done and written", told + _said(profile.interests)))
    if profile.in_words:
        claims = [(part, text(claim), ", ".join(cited)) for part, claim, cited in profile.in_words.claims]
        title = f"In words, by {text(profile.in_words.model)}"
        sections.append(Section(title, charts.table(("part", "claim", "evidence"), claims)))
    if missing:
        rows = [(trait.column, trait.meaning, status) for status, traits in missing.items() for trait in traits]
        sections.append(Section("What is missing", charts.table(("trait", "meaning", "why"), rows)))
    about = f"User {profile.user_key}, as of {profile.as_of}, as known at {profile.known_at}."
    return page(f"A profile of {profile.source}", about, sections)


def _family(profile: Profile, traits: list[Trait]) -> str:
    drawn = "".join(chart.html() for chart in _charts(profile, traits))
    told = facts((trait.meaning, shown(trait, profile.columns)) for trait in traits if not trait.measure.hours)
    return told + (f'<div class="charts">{drawn}</div>' if drawn else "") + _words(profile, traits)


def _words(profile: Profile, traits: list[Trait]) -> str:
    """Where users' texts say so."""
    parts = []
    for trait in traits:
        quotes = profile.evidence.get(trait.column, [])
        said = "".join(
            f"<li><b>{escape(text(q.name))}</b>, {q.kind} of {q.day}: {escape(text(q.before))}"
            f"<mark>{escape(text(q.words))}</mark>{escape(text(q.after))}</li>"
            for q in quotes
        )
        if said:
            parts.append(_details(f"Where this comes from: {trait.meaning}", said))
    return "".join(parts)


def _said(interests: Sequence[Interest]) -> str:
    """A text of the user's that tells of each, where there is one."""
    told = "".join(
        f"<li><b>{escape(text(of.interest))}</b>, {said.kind} of {said.day}: "
        f"<mark>{escape(text(said.words))}</mark></li>"
        for of in interests
        if (said := of.said)
    )
    return _details("Where this comes from", told) if told else ""


def _details(title: str, items: str) -> str:
    return f'<details class="evidence"><summary>{escape(title)}</summary><ul>{items}</ul></details>'


def _charts(profile: Profile, traits: list[Trait]) -> Iterator[Chart]:
    for trait in traits:
        value = profile.columns[trait.column]
        title = trait.meaning[:1].upper() + trait.meaning[1:]
        if trait.measure.hours:
            rows = [(f"{hour:02d}", count) for hour, count in enumerate(value)]
            yield charts.columns(title, "hour (UTC)", rows, trait.unit or "times")
        elif trait.measure.top_k and len(value) > 1 and value[0]["share"] is not None:
            percents = [(text(x["value"]), round(100 * x["share"], 1)) for x in value]
            yield charts.bars(title, trait.measure.top_k.of, percents, "percent")
