"""Files that hostile people delivered: links to what is none of theirs, archives with names that climb."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest

from include.errors import BadInput
from include.sources.discover import find_files, verify
from include.sources.load import load_source
from include.sources.reader import read_records

DAY = date(2024, 1, 1)
DESCRIPTION = """
source: s
about: a
licence: none
history: {first: 2024-01-01}
feeds:
  events:
    path: "PATH"
    format: csv
    precision: none
    columns: {user: string}
    map: {user_id: user, kind: "'view'"}
"""


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """What lies outside of the data folder."""
    (tmp_path / "elsewhere").mkdir()
    file = tmp_path / "elsewhere" / "2024-01-01.csv"
    file.write_text("user\nsecret\n")
    return file


def delivered(tmp_path: Path, pattern: str, data: Path | None = None) -> list[str]:
    """The records of the day's files."""
    description = tmp_path / "described" / "s.yaml"
    description.parent.mkdir(exist_ok=True)
    description.write_text(DESCRIPTION.replace("PATH", pattern))
    source = load_source(description)
    wanted = source.feeds["events"].inputs[0]
    files = find_files(source, wanted, DAY, date(2024, 1, 2), [data or tmp_path / "data"])
    for file in files:
        verify(file, wanted)
    return [record.record for file in files for record in read_records(file.path, wanted)]


@pytest.mark.parametrize("pattern", ["s/{day}.csv", "s/{day}*.csv", "s/*/{day}.csv", "s/2024-01-01.csv"])
def test_a_link_out_of_the_data_folder_is_refused(tmp_path: Path, secret: Path, pattern: str):
    folder = tmp_path / "data" / "s"
    folder.mkdir(parents=True)
    (folder / "2024-01-01.csv").symlink_to(secret)
    (folder / "folder").symlink_to(secret.parent)
    with pytest.raises(BadInput, match=r"^s/\S*2024-01-01\.csv: is a link that leads out of its folder"):
        delivered(tmp_path, pattern)


def test_a_link_to_the_files_of_another_source_is_refused(tmp_path: Path):
    (tmp_path / "data" / "a").mkdir(parents=True)
    (tmp_path / "data" / "b" / "2024-01-01").mkdir(parents=True)
    (tmp_path / "data" / "b" / "2024-01-01" / "x.csv").write_text("user\nsecret\n")
    (tmp_path / "data" / "a" / "2024-01-01").symlink_to(tmp_path / "data" / "b" / "2024-01-01")
    with pytest.raises(BadInput, match=r"^a/2024-01-01/x\.csv: is a link that leads out of its folder"):
        delivered(tmp_path, "a/{day}/x.csv")


def test_a_link_within_it_and_a_data_folder_that_is_one_are_read(tmp_path: Path, secret: Path):
    (tmp_path / "data").symlink_to(secret.parent)
    (secret.parent / "link.csv").symlink_to(secret)
    assert delivered(tmp_path, "{day}.csv") == ['{"user": "secret"}']
    assert delivered(tmp_path, "link.csv") == ['{"user": "secret"}']


def test_a_link_to_nothing_and_one_to_itself_are_no_files(tmp_path: Path):
    folder = tmp_path / "data" / "s"
    folder.mkdir(parents=True)
    (folder / "2024-01-01.csv").symlink_to(tmp_path / "nothing")
    (folder / "2024-01-01-b.csv").symlink_to(folder / "2024-01-01-b.csv")
    assert delivered(tmp_path, "s/{day}*.csv") == []


@pytest.mark.parametrize("member", ["../../climbed.csv", "/tmp/climbed.csv", "a/../../climbed.csv", "C:\\climbed.csv"])
def test_members_of_an_archive_are_read_and_written_nowhere(tmp_path: Path, member: str):
    folder = tmp_path / "data" / "s"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "2024-01-01.zip", "w") as archive:
        archive.writestr(member, "user\nu1\n")
    before = sorted(tmp_path.rglob("*"))
    assert delivered(tmp_path, "s/{day}.zip") == ['{"user": "u1"}']
    assert [p for p in sorted(tmp_path.rglob("*")) if "described" not in p.parts] == before
    assert not Path("/tmp/climbed.csv").exists()
