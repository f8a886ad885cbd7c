"""Every declared table derives what readers, writers and people need, and keeps the promises of its layer."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from deltalake import DeltaTable

from include.derive.page import to_markdown
from include.derive.schema import to_json, to_struct
from include.derive.suite import rules_of, to_suite
from include.lake.catalogue import declared
from include.lake.create import constraints, create_lake, statistics_columns
from include.privacy import make_key
from include.settings import ROOT, Settings
from include.tables import EVERY_APPLICATION, TABLES, Privacy, Table
from include.tables.canonical import FEEDS
from include.tables.silver import BY_FEED, REJECTED
from include.traits.load import load_traits

WIDE = declared(Settings())  # with the columns of the shipped traits
ALL = [pytest.param(table, id=name) for name, table in WIDE.items()]
PUBLISHED = [pytest.param(table, id=name) for name, table in WIDE.items() if table.layer in ("silver", "gold")]
HIDDEN = {Privacy.IDENTIFIER, Privacy.FREE_TEXT, Privacy.QUASI_IDENTIFIER}
# One module for the five tables of records that did not become rows.
NOT_OF_THEIR_NAME = {table.name: "silver/rejected" for table in REJECTED.values()}
ONCE = {
    "silver.text_vectors",
    "silver.text_signals",
    "silver.item_means",
}  # computed once and only ever added to, by its content and not by source
# Modules beside the tables': what several of them share.
SHARED = {
    "silver/clean": "types, texts and reasons, the same for every feed",
    "silver/identity": "keys and pseudonyms",
    "silver/outcomes": "which version of a thing is known",
    "silver/resolve": "the records that silver, rejected and accounts are views of",
    "silver/validity": "as_of, the one join to things that change",
    "gold/portrait_evidence": "what a language model may be told of users",
    "gold/ledger": "signed entries, the same for both partials",
    "meta/accounts": "meta tables are rows made by applications; this one is computed",
    "bronze/land": "one way in for all feeds",
    "bronze/layout": "what the first landing fixes",
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """All tables, created and empty."""
    folder = tmp_path_factory.mktemp("tables")
    settings = Settings(lake=folder / "lake", key_file=folder / "key")
    make_key(settings.key_file)
    create_lake(settings, WIDE.values())
    yield settings


@pytest.mark.parametrize("table", ALL)
def test_it_says_what_it_is(table: Table):
    for text in (table.grain, table.about, table.owner, *(column.about for column in table.columns)):
        assert text.strip(), f"{table.name} leaves something unsaid"
    assert table.application in (*EVERY_APPLICATION, "any")
    assert table.name.split(".")[0] == table.layer
    assert len(set(table.column_names)) == len(table.columns)


@pytest.mark.parametrize("table", ALL)
def test_what_it_names_are_its_columns(table: Table):
    named = {*table.key, *table.partition_by, *table.replaced_by}
    assert named <= set(table.column_names)
    if table.name not in NOT_OF_THEIR_NAME:  # a landed record lies on one day, whatever its key says
        assert set(table.replaced_by) <= {*table.key, *table.partition_by}, "a unit would cut through a key"


@pytest.mark.parametrize("table", PUBLISHED)
def test_silver_and_gold_have_a_key_and_are_replaced_in_units(table: Table):
    assert table.key
    if table.replaced_by:
        assert table.partition_by[0] == table.replaced_by[0] == "source"
    else:
        assert table.name in ONCE
    assert rules_of(table)


@pytest.mark.parametrize("table", ALL)
def test_spark_sees_its_columns_types_and_comments(table: Table):
    struct = to_struct(table)
    assert struct.names == list(table.column_names)
    for field, column in zip(struct, table.columns, strict=True):
        assert field.nullable == column.nullable
        assert field.metadata["comment"].startswith(column.about)
        assert str(column.privacy) in field.metadata["comment"]
        # How DDL writes the type that Spark made of it.
        assert field.dataType.simpleString() == column.type.replace(" ", "")


@pytest.mark.parametrize("table", ALL)
def test_delta_has_it_as_declared(lake: Settings, table: Table):
    created = DeltaTable(str(lake.table_path(table.name)))
    assert created.metadata().partition_columns == list(table.partition_by)
    assert json.loads(created.schema().to_json())["fields"] == json.loads(to_json(table))["fields"]
    configuration = created.metadata().configuration
    limits = {n.removeprefix("delta.constraints."): v for n, v in configuration.items() if "constraints" in n}
    assert set(limits) == set(constraints(table))
    assert not [v for v in limits.values() if re.search(r"'[1-9]\d*'::decimal", v)], "delta-rs lost the point"
    assert set(filter(None, configuration["delta.dataSkippingStatsColumns"].split(","))) == set(
        statistics_columns(table)
    )


@pytest.mark.parametrize("table", ALL)
def test_nothing_about_a_person_is_a_partition_or_a_statistic(table: Table):
    hidden = {column.name for column in table.columns if column.privacy in HIDDEN}
    assert hidden.isdisjoint(table.partition_by)
    assert hidden.isdisjoint(statistics_columns(table))
    pseudonyms = {column.name for column in table.columns if column.privacy is Privacy.PSEUDONYM}
    assert pseudonyms.isdisjoint(table.partition_by)


@pytest.mark.parametrize("table", ALL)
def test_identifiers_stop_at_bronze(table: Table):
    identifiers = [column.name for column in table.columns if column.privacy is Privacy.IDENTIFIER]
    assert bool(identifiers) == (table.layer == "bronze")


@pytest.mark.parametrize("table", ALL)
def test_its_rules_become_a_suite(table: Table):
    rules = rules_of(table)
    assert len({rule.name for rule in rules}) == len(rules)
    assert len(to_suite(table).expectations) == len(rules)
    required = {f"{column.name}__null" for column in table.columns if not column.nullable}
    assert required <= {rule.name for rule in rules}


@pytest.mark.parametrize("table", [pytest.param(table, id=name) for name, table in TABLES.items()])
def test_the_dictionary_tells_every_column(table: Table):
    page = to_markdown({table.name: table}, load_traits([ROOT / "traits"]))
    section = page.split(f"### {table.name}\n")[1].split("\n## ")[0]
    for column in table.columns:
        row = next(line for line in section.splitlines() if line.startswith(f"| `{column.name}` |"))
        assert column.about.replace("|", "\\|") in row
        assert f" {column.privacy} " in row


def test_every_table_is_an_asset():
    """A name that Airflow takes. Asked in a process of its own: Airflow makes itself at home where it is imported."""
    code = "import json, sys; from airflow.sdk import Asset; print([Asset(n).name for n in json.loads(sys.argv[1])])"
    command = [sys.executable, "-c", code, json.dumps(list(TABLES))]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(sys.prefix))
    assert done.stdout.splitlines()[-1:] == [str(list(TABLES))], done.stderr


def test_every_table_has_a_job_of_its_name_and_the_reverse():
    files = {p.relative_to(ROOT / "jobs").with_suffix("").as_posix() for p in (ROOT / "jobs").glob("*/*.py")}
    jobs = {name for name in files if not name.endswith("__init__")}
    of_tables = {NOT_OF_THEIR_NAME.get(t.name, t.name.replace(".", "/")) for t in TABLES.values() if t.key}
    of_tables = {name for name in of_tables if not name.startswith("bronze/")}
    assert jobs - set(SHARED) == of_tables
    assert set(SHARED) <= jobs, "an exception that is gone"


@pytest.mark.parametrize("job", sorted(p for p in (ROOT / "jobs").glob("*/*.py") if p.stem != "__init__"), ids=str)
def test_a_job_is_a_pure_function(job: Path):
    """Those of tables have a `transform`; none reads, writes, or knows settings."""
    text = job.read_text()
    name = job.relative_to(ROOT / "jobs").with_suffix("").as_posix()
    if name not in SHARED:
        assert "\ndef transform(" in text
    if name not in ("bronze/land", "bronze/layout", "meta/accounts"):
        for word in ("Reader", "Turn", "Settings", "spark.read", ".write", "datetime.now", "time.time"):
            assert word not in text, f"{name} knows {word}"


@pytest.mark.parametrize("feed", FEEDS.values(), ids=lambda feed: feed.name)
def test_what_a_feed_maps_arrives_in_its_table(feed):
    """And nothing else does: no column is mapped in vain, none is promised that no source can fill."""
    made = {"source", "period", "day", "bucket", "known_from", "known_to", "valid_from", "valid_to", "sha256", "position",
            "precision", "text_original", "text_hash", "back"}  # fmt: skip
    mapped = {column.becomes or column.name for column in feed.columns} - {"op"}
    assert mapped == set(BY_FEED[feed.name].column_names) - made
    table = {column.name: column for column in BY_FEED[feed.name].columns}
    for column in feed.columns:
        if column.name != "op":
            arrived = table[column.becomes or column.name]
            assert arrived.type == column.type
            assert (
                arrived.privacy is Privacy.PSEUDONYM if column.becomes else arrived.privacy in (column.privacy, *HIDDEN)
            )
