"""Every shipped source and trait says what it must, and only what this installation knows."""

from __future__ import annotations

import re

import pytest
from sqlglot import parse_one

from include.settings import ROOT
from include.sources.load import load_sources
from include.sources.model import Source
from include.tables import TABLES, Privacy
from include.tables.canonical import FEEDS
from include.traits.columns import columns_of, dictionary
from include.traits.compile import compile_pass
from include.traits.load import load_traits
from include.traits.model import Trait

SOURCES = load_sources([ROOT / "sources"])
TRAITS = load_traits([ROOT / "traits"])


@pytest.mark.parametrize("source", SOURCES.values(), ids=lambda source: source.name)
def test_a_source_maps_declared_columns_only(source: Source):
    assert source.name == next(name for name, s in SOURCES.items() if s is source)
    for feed, spec in source.feeds.items():
        canonical = FEEDS[feed].by_name
        for wanted in spec.inputs:
            assert set(wanted.map) <= set(canonical), f"{feed} {wanted.name}"
            needed = {name for name, column in canonical.items() if column.missing == "reject"} - set(spec.missing)
            assert needed <= set(wanted.map), f"{feed} {wanted.name} rejects every record"
        assert len({wanted.name for wanted in spec.inputs}) == len(spec.inputs)
        assert (spec.order is not None) == (spec.delivery == "changes")


@pytest.mark.parametrize("source", SOURCES.values(), ids=lambda source: source.name)
def test_a_source_says_what_it_is(source: Source):
    assert source.about.strip()
    assert source.licence.strip()
    assert (ROOT / "sources" / f"{source.name}.yaml").is_file()


@pytest.mark.parametrize("trait", TRAITS, ids=lambda trait: trait.column)
def test_a_trait_has_columns_with_meaning_and_privacy(trait: Trait):
    first, *others = columns_of(trait)
    assert first.name == trait.column
    for column in (first, *others):
        assert column.about.startswith(trait.meaning)
        assert column.privacy is trait.privacy
        assert column.privacy not in (Privacy.IDENTIFIER, Privacy.NONE), "every trait says something about a person"
    assert trait.purpose.strip()
    assert trait.owner.strip()


@pytest.mark.parametrize("trait", TRAITS, ids=lambda trait: trait.column)
@pytest.mark.parametrize("dialect", ["spark", "duckdb"])
def test_a_trait_compiles_alone(trait: Trait, dialect: str):
    tree = parse_one(compile_pass([trait], dialect), dialect=dialect)  # type: ignore[arg-type]
    assert {column.name for column in columns_of(trait)} <= set(tree.named_selects)


def test_traits_stand_beside_the_columns_of_a_profile():
    columns = [column.name for trait in TRAITS for column in columns_of(trait)]
    assert len(set(columns)) == len(columns)
    taken = {*TABLES["gold.user_profiles"].column_names, *TABLES["gold.user_profile_history"].column_names}
    assert taken.isdisjoint(columns)
    assert [row["name"] for row in dictionary(TRAITS)] == [trait.column for trait in TRAITS]


def test_the_page_on_sources_names_all_that_a_feed_may_fill():
    rows = [
        line.split("|") for line in (ROOT / "docs" / "sources.md").read_text().splitlines() if line.startswith("| `")
    ]
    told = {row[1].strip(" `"): re.findall(r"[a-z_]+", re.sub(r"\(.*?\)", "", row[2])) for row in reversed(rows)}
    for name, feed in FEEDS.items():
        assert set(told[name]) == set(feed.by_name), name
