"""The dictionary and the page that leads to all others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from include.derive.flow import depths, flow
from include.errors import NoLake
from include.pages.dictionary import dictionary
from include.pages.site import write_pages
from include.settings import ROOT, Settings
from include.tables import TABLES
from include.traits.load import load_traits
from tests.unit.include.pages.test_overview import Tables
from tests.unit.include.small_lake import SmallLake


def test_the_dictionary_has_every_table_column_and_trait():
    traits = load_traits([ROOT / "traits"])
    html = dictionary(TABLES, traits, [])
    assert "`" not in html
    named = {row[0] for row in Tables(html).rows}
    assert {column for table in TABLES.values() for column in table.column_names} <= named
    assert {trait.column for trait in traits} <= named
    assert all(f'<h3 id="{name}">' in html for name in TABLES)
    assert set(re.findall(r"https?://[^\"\s]+", html)) == set()
    assert "<script" not in html


def test_every_table_but_those_of_meta_is_in_the_flow_and_flows_forward():
    assert {name for edge in flow() for name in edge} == {t.name for t in TABLES.values() if t.layer != "meta"}
    depth = depths()
    assert all(depth[before] < depth[after] for before, after in flow())
    assert depth["gold.user_portraits"] == max(depth.values())  # of profiles and their evidence


def test_an_arrow_leads_to_a_box_that_leads_to_the_table():
    html = dictionary(TABLES, [], [])
    assert html.count('class="arrow"') == len(flow())
    boxes = re.findall(r'<a href="#([^"]+)"><rect', html)
    assert sorted(boxes) == sorted({name for edge in flow() for name in edge})


def test_one_page_leads_to_all(tmp_path: Path):
    small = SmallLake(tmp_path)
    small.append("bronze.texts", {"source": "letters"})
    small.release()
    (small.settings.pages / "checks" / "ingest").mkdir(parents=True)
    (small.settings.pages / "checks" / "ingest" / "index.html").write_text("checks")
    home = write_pages(small.settings)
    leads = re.findall(r'href="([^"#]+)"', home.read_text())
    assert leads == ["sources/index.html", "dictionary.html", "checks/ingest/index.html"]
    assert all((home.parent / link).exists() for link in leads)


def test_without_a_lake_there_are_no_pages(tmp_path: Path):
    with pytest.raises(NoLake):
        write_pages(Settings(lake=tmp_path / "none"))
