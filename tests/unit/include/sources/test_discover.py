"""Which files belong to an interval, and which of them cannot be what they should."""

import gzip
import zipfile
from datetime import date
from pathlib import Path

import pytest

from include.errors import BadInput
from include.sources.discover import FoundFile, find_files, is_available, verify
from include.sources.model import Source
from tests.unit.include.sources.describe import csv_file, json_file, source


def corner(folder: Path, path: str) -> Source:
    return source(
        folder,
        f"""\
history: {{first: 2019-01-02, last: 2019-01-05}}
feeds:
  follows:
    path: "{path}"
    format: csv
    columns: {{a: string, b: string}}
    map: {{user_id: a, target_id: b}}
""",
    )


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("a,b\n")


def names(found: list[FoundFile]) -> list[tuple[str, str]]:
    return [(f.name, str(f.arrived_on)) for f in found]


def test_daily_files_of_the_interval_within_the_history(tmp_path: Path) -> None:
    described = corner(tmp_path, "c/{day}.csv")
    touch(tmp_path / "data", *(f"c/2019-01-0{d}.csv" for d in range(1, 8)))
    found = find_files(
        described, described.feeds["follows"].inputs[0], date(2019, 1, 1), date(2019, 1, 4), [tmp_path / "data"]
    )
    assert names(found) == [("c/2019-01-02.csv", "2019-01-02"), ("c/2019-01-03.csv", "2019-01-03")]


def test_a_day_pattern_may_spread_over_folders_and_hold_several_files(tmp_path: Path) -> None:
    described = corner(tmp_path, "c/{day:%Y/%m/%d}/*.csv")
    touch(tmp_path / "data", "c/2019/01/03/a.csv", "c/2019/01/03/b.csv", "c/2019/01/03/b.txt")
    found = find_files(
        described, described.feeds["follows"].inputs[0], date(1995, 1, 1), date(2030, 1, 1), [tmp_path / "data"]
    )
    assert names(found) == [("c/2019/01/03/a.csv", "2019-01-03"), ("c/2019/01/03/b.csv", "2019-01-03")]


def test_replayed_files_come_whole_and_the_first_folder_wins(tmp_path: Path) -> None:
    described = corner(tmp_path, "c/*.csv")
    touch(tmp_path / "one", "c/x.csv")
    touch(tmp_path / "two", "c/x.csv", "c/y.csv")
    folders = [tmp_path / "one", tmp_path / "two"]
    found = find_files(described, described.feeds["follows"].inputs[0], date(2019, 1, 3), date(2019, 1, 4), folders)
    assert names(found) == [("c/x.csv", "None"), ("c/y.csv", "None")]
    assert [f.path.parent.parent.name for f in found] == ["one", "two"]


def test_data_may_lie_beside_the_description(tmp_path: Path) -> None:
    described = corner(tmp_path, "x.csv")
    touch(tmp_path, "x.csv")
    assert is_available(described, [])
    found = find_files(described, described.feeds["follows"].inputs[0], date(2019, 1, 3), date(2019, 1, 4), [])
    assert names(found) == [("x.csv", "None")]


def test_a_replayed_file_that_is_not_there_is_a_mistake_with_a_line(tmp_path: Path) -> None:
    described = corner(tmp_path, "c/x.csv")
    assert not is_available(described, [tmp_path])
    with pytest.raises(BadInput, match=r"corner\.yaml:7: there is no file c/x\.csv"):
        find_files(described, described.feeds["follows"].inputs[0], date(2019, 1, 3), date(2019, 1, 4), [tmp_path])


def test_a_source_of_daily_files_is_there_when_its_folder_is(tmp_path: Path) -> None:
    described = corner(tmp_path, "c/{day}/x.csv")
    assert not is_available(described, [tmp_path / "data"])
    (tmp_path / "data" / "c").mkdir(parents=True)
    assert is_available(described, [tmp_path / "data"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty: there is no header line; expected a, b"),
        (b"\n1,2\n", "is empty: there is no header line; expected a, b"),
        (b"x,b\n", "has no column a; found x, b"),
        (b"a;b\n", "has no column a, b; found a;b"),
        (b"a,b,a\n", "the column a is there twice"),
        (b"a,\xffb\n", "the header line cannot be read (bad_encoding)"),
        (gzip.compress(b"a,b\n" * 9)[:12], "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_what_it_should_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(BadInput) as error:
        verify(FoundFile(tmp_path / "x", "c/x.csv", None), csv_file())
    assert str(error.value).startswith("c/x.csv: ")
    assert said in str(error.value)


def test_members_are_looked_for(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x", "w") as z:
        z.writestr("one.csv", "a,b\n")
        z.writestr("two.csv", "a,b\n")
    found = FoundFile(tmp_path / "x", "x.zip", None)
    verify(found, csv_file().model_copy(update={"member": "two.csv"}))
    with pytest.raises(BadInput, match=r"x\.zip: has no member three\.csv; it holds one\.csv, two\.csv"):
        verify(found, csv_file().model_copy(update={"member": "three.csv"}))
    with pytest.raises(BadInput, match="holds 2 files; say which with `member`"):
        verify(found, csv_file())
    (tmp_path / "x").write_bytes(b"no archive")
    with pytest.raises(BadInput, match="not a zip archive"):
        verify(found, json_file().model_copy(update={"member": "one"}))
