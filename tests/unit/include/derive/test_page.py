"""The data dictionary."""

import re

from include.derive.page import PAGE, to_markdown
from include.settings import ROOT
from include.tables import TABLES
from include.tables.model import Column, Privacy, Rule, Severity, Table
from include.traits.columns import trait_columns
from include.traits.load import load_traits

TRAITS = load_traits([ROOT / "traits"])
VISITS = Table(
    name="silver.visits",
    grain="one visit",
    about="Who came.",
    application="ingest",
    columns=(
        Column("age", "int", "Age | as told", "years", Privacy.QUASI_IDENTIFIER, low="0", high="150"),
        Column("door", "string", "Which door", nullable=False, allowed=("north", "south")),
    ),
    key=("age", "door"),
    partition_by=("door",),
    replaced_by=("door",),
    rules=(Rule("volume", "somebody came", "false", severity=Severity.WARNING),),
    owner="porter",
)


def test_a_table_is_told_with_all_that_is_declared() -> None:
    page = to_markdown({"silver.visits": VISITS}, TRAITS)
    section = page.split("### silver.visits\n")[1].split("\n## ")[0]
    assert section.strip().splitlines() == [
        "Who came.",
        "",
        "- one row is: one visit",
        "- key: `age`, `door`",
        "- partitioned by: `door`",
        "- a run replaces whole: `door`",
        "- written by: ingest",
        "- owner: porter",
        "",
        "| column | type | unit | privacy | meaning |",
        "|---|---|---|---|---|",
        "| `age` | `int` | years | quasi_identifier | Age \\| as told (at least 0; at most 150) |",
        "| `door` | `string` |  | none | Which door (never null; one of north, south) |",
        "",
        "- rule `volume` (warning): somebody came",
    ]


def test_every_table_and_every_trait_column_is_on_the_page() -> None:
    page = to_markdown(TABLES, TRAITS)
    assert re.findall(r"^### (.*)$", page, re.MULTILINE) == list(TABLES)
    assert all(f"| `{column.name}` |" in page for column in trait_columns(TRAITS))


def test_the_flow_shows_every_table_that_is_built() -> None:
    flow = to_markdown(TABLES, TRAITS).split("```mermaid")[1].split("```")[0]
    shown = set(re.findall(r"\[\((.*?)\)\]", flow))
    assert shown == {name for name in TABLES if not name.startswith("meta.")}


def test_the_page_in_the_repository_is_fresh() -> None:
    assert PAGE.read_text("utf-8") == to_markdown(TABLES, TRAITS), "run `python -m include.derive.page`"
