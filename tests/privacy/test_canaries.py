"""What a build leaves behind: raw identifiers are in bronze's data files and nowhere else, texts only in their columns.

One build of a source with a canary word in every identifier, every text and every kind of damaged or rejected line, by
the command a person uses, in a process of its own with Spark's event log on and its staged files kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from include.privacy import make_key
from include.settings import ROOT, Settings
from include.tables import TABLES, Privacy
from tests.helpers import NO_CODEGEN
from tests.privacy.files import Canaries

BUILD = """
import sys
from include.lake.staging import Staging
Staging.__exit__ = lambda *_: None
from include.cli import main
sys.argv = ["portrait", "build", "--start", "2024-01-01", "--end", "2024-01-03", "--source", "canary"]
main()
"""
SPARK = {
    "spark.eventLog.enabled": "true",
    "spark.eventLog.compress": "false",
    "spark.eventLog.rolling.enabled": "false",
    "spark.sql.debug.maxToStringFields": "10000",
    **NO_CODEGEN,
}

WORD = re.compile(r"QZ[A-Z]{2}\w+?XJ|[0-9a-f]{32,64}")  # a canary, or a hash


@dataclass
class Left:
    """Everything a build left: `settings` say where."""

    folder: Path
    settings: Settings
    canaries: Canaries
    output: str
    key: str

    def files(self) -> Iterator[Path]:
        """All files but the source's own, the description and the key."""
        inputs = (self.folder / "data", self.folder / "sources", self.settings.key_file)
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and not any(path.is_relative_to(i) for i in inputs):
                yield path

    def tables(self, root: Path) -> Iterator[Path]:
        return (path for path in self.files() if path.is_relative_to(root) and path.suffix == ".parquet")


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    folder = tmp_path_factory.mktemp("canaries")
    sources, data, events, temporary = (folder / name for name in ("sources", "data", "events", "tmp"))
    for made in (sources, data, events, temporary):
        made.mkdir()
    canaries = Canaries()
    canaries.write(sources, data)
    settings = Settings(lake=folder / "lake", sources=str(sources), data=data, key_file=folder / "key")
    make_key(settings.key_file)
    conf = {**SPARK, "spark.eventLog.dir": events.as_uri()}
    environment = os.environ | {
        "PORTRAIT_LAKE": str(settings.lake),
        "PORTRAIT_SOURCES": settings.sources,
        "PORTRAIT_DATA": str(settings.data),
        "PORTRAIT_KEY_FILE": str(settings.key_file),
        "PYSPARK_SUBMIT_ARGS": " ".join(f"--conf {k}={v}" for k, v in conf.items()) + " pyspark-shell",
        "TMPDIR": str(temporary),
    }
    command = [sys.executable, "-c", BUILD]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return Left(folder, settings, canaries, done.stdout + done.stderr, settings.key_file.read_text().strip())


def test_the_build_had_them_in_its_hands(left: Left):
    """Else nothing that follows could fail."""
    landed = "".join(_values(path) for path in left.tables(left.settings.bronze))
    lookup = {word for word in left.canaries.identifiers if "lookup" in word}
    assert left.canaries.identifiers - _found(left.canaries.identifiers, landed) == lookup
    assert _found(left.canaries.texts, landed) == left.canaries.texts
    plans = "".join(path.read_text() for path in (left.folder / "events").iterdir())
    assert "canary" in plans
    assert "ArrowEvalPython" in plans
    reasons = _values(*left.tables(left.settings.lake / "silver" / "events__rejected"))
    for reason in ("type:n", "time_future", "unknown:kind", "missing:happened_at", "type:v", "unknown:op", "damaged:"):
        assert reason in reasons


def test_no_file_name_holds_an_identifier_or_a_text(left: Left):
    names = "\n".join(str(path.relative_to(left.folder)) for path in left.files())
    assert len(names.splitlines()) > 100
    assert _found(left.canaries.identifiers | left.canaries.texts, names) == set()


def test_no_log_plan_check_or_page_holds_an_identifier_or_a_text(left: Left):
    """Delta's logs (bronze's too), Spark's event log, GX's pages, checksums, temporary files."""
    words = left.canaries.identifiers | left.canaries.texts
    looked = 0
    for path in left.files():
        if path.suffix != ".parquet" or "_delta_log" in path.parts:
            looked += 1
            text = _values(path) if path.suffix == ".parquet" else path.read_bytes().decode("utf-8", "replace")
            assert _found(words, text) == set(), path
    assert looked > 50
    assert list(left.settings.pages.rglob("*.html"))


def test_no_line_of_output_holds_an_identifier_or_a_text(left: Left):
    assert "published" in left.output
    assert _found(left.canaries.identifiers | left.canaries.texts, left.output) == set()


def test_no_table_but_bronze_and_no_staged_file_holds_an_identifier(left: Left):
    looked = list(left.tables(left.settings.lake))
    staged = {p.relative_to(left.settings.lake / "staging").parts[2] for p in looked if "staging" in p.parts}
    assert staged >= {"events", "texts", "items", "users", "follows", "daily", "targets", "computed"}
    for path in looked:
        assert _found(left.canaries.identifiers, _values(path)) == set(), path


def test_texts_stand_in_their_columns_only(left: Left):
    for table in TABLES.values():
        free = {c.name for c in table.columns if c.privacy is Privacy.FREE_TEXT}
        if table.layer == "bronze":
            continue
        for path in left.tables(left.settings.table_path(table.name)):
            others = [name for name in pq.read_schema(path).names if name not in free]
            assert _found(left.canaries.texts, _values(path, columns=others)) == set(), f"{table.name}: {path}"


def test_the_key_is_in_its_file_only(left: Left):
    raw = bytes.fromhex(left.key)
    for path in left.files():
        content = path.read_bytes()
        assert left.key.encode() not in content, path
        assert raw not in content, path
    assert left.key not in left.output


def test_nothing_outside_bronze_data_is_an_unkeyed_hash_of_an_identifier(left: Left):
    """Who has a list of ids could hash it and compare. What is hashed: the id, or the key of a record as it is built."""
    hashes = {h: word for word in left.canaries.identifiers for h in _hashes(word)}
    for path in left.files():
        if "_delta_log" in path.parts or not path.is_relative_to(left.settings.bronze):
            text = _values(path) if path.suffix == ".parquet" else path.read_bytes().decode("utf-8", "replace")
            assert {hashes[h] for h in _found(hashes, text)} == set(), path


def _hashes(word: str) -> Iterator[str]:
    forms = [word, f"id:{word}", *(json.dumps({name: word}, separators=(",", ":")) for name in ("user_id", "item_id"))]
    for form in forms:
        for algorithm in ("md5", "sha1", "sha256"):
            yield hashlib.new(algorithm, form.encode()).hexdigest()


def _found(words: Iterable[str], text: str) -> set[str]:
    return set(WORD.findall(text)).intersection(words)


def _values(*paths: Path, columns: list[str] | None = None) -> str:
    """All values of Parquet files, and the smallest and largest ones that their footers tell."""
    parts = []
    for path in paths:
        file = pq.ParquetFile(path)
        table: pa.Table = file.read(columns=columns)
        parts.append(json.dumps(table.to_pylist(), default=str, ensure_ascii=False))
        for group in range(file.metadata.num_row_groups if columns is None else 0):
            for column in range(file.metadata.num_columns):
                parts.append(str(file.metadata.row_group(group).column(column).statistics))
    return "\n".join(parts)
