"""Which files belong to an interval, and which of them cannot be what they should."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from include.errors import BadInput
from include.sources.discover import FoundFile, find_files, is_available, verify
from include.sources.model import FileSpec, Source
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
        (b"a,b,a\n", "the column a is there twice"),
        (b"a,\xffb\n", "the header line cannot be read (bad_encoding)"),
        (gzip.compress(b"a,b\n" * 9, mtime=0)[:12], "cannot be read"),
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


def refusal(folder: Path, content: bytes, spec: FileSpec) -> str:
    """What is said against a file; empty if nothing is."""
    (folder / "x").write_bytes(content)
    try:
        verify(FoundFile(folder / "x", "c/x", None), spec)
    except BadInput as error:
        return str(error)
    return ""


@pytest.mark.parametrize("first_line", [b"SECRET1,SECRET2\n", b"a;b\n"])
def test_a_first_line_without_any_declared_column_is_not_shown(tmp_path: Path, first_line: bytes) -> None:
    assert refusal(tmp_path, first_line, csv_file()) == (
        "c/x: its first line has none of the declared columns (a, b); is it no header? Then say `header: false` in "
        "`options`. Or is the separator not ','?"
    )


def test_other_columns_are_shown_if_half_of_the_declared_ones_are_there(tmp_path: Path) -> None:
    three = csv_file().model_copy(update={"columns": {"a": "string", "b": "string", "c": "string"}})
    assert refusal(tmp_path, b"a,SECRET1,SECRET2\n", three) == "c/x: has no column b, c"
    assert refusal(tmp_path, b"a,b,d\n", three) == "c/x: has no column c; found a, b, d"


def test_what_is_shown_of_a_header_cannot_steer_a_terminal(tmp_path: Path) -> None:
    header = "a,café,\x1b[2Jx,\u202ey\n".encode()
    assert refusal(tmp_path, header, csv_file()) == "c/x: has no column b; found a, café, \\x1b[2Jx, \\u202ey"


def test_the_columns_of_a_parquet_file_are_always_shown(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    pq.write_table(pa.table({"c": [1]}), tmp_path / "made")
    spec = FileSpec.model_validate({"path": "x", "format": "parquet", "columns": {"a": "string"}})
    assert refusal(tmp_path, (tmp_path / "made").read_bytes(), spec) == "c/x: has no column a; found c"


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["tar", "tar.gz"])
@pytest.mark.parametrize("spec", [csv_file(), csv_file(header=False), json_file()], ids=["csv", "no header", "jsonl"])
def test_tar_archives_are_not_read(tmp_path: Path, form: int, pack: Callable[[bytes], bytes], spec: FileSpec) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=form) as tar:
        member = tarfile.TarInfo("x.csv")
        member.size = 4
        tar.addfile(member, io.BytesIO(b"a,b\n"))
    told = "c/x: is a tar archive, which is not read; unpack it, or pack it as zip"
    assert refusal(tmp_path, pack(packed.getvalue()), spec) == told


def test_a_text_with_the_mark_of_tar_in_it_is_no_tar_archive(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"a,b\n" + b"x" * 253 + b"ustard,1\n", csv_file()) == ""


@pytest.mark.parametrize(
    "array", ['[{"a": 1}, {"a": 2}]', ' \n [{"a": 1},\n {"a": 2}]\n', '[\n  {\n    "a": 1\n  }\n]']
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_one_json_array_is_told_from_json_lines(tmp_path: Path, array: str, encoding: str) -> None:
    said = refusal(tmp_path, array.encode(encoding), json_file(encoding=encoding))
    assert said.startswith("c/x: none of the first ")
    assert said.endswith(
        "records can be read: it begins with `[`, as one JSON array; one object a line is needed "
        "(`jq -c '.[]'` makes that of an array)"
    )


def test_a_damaged_first_line_is_not_taken_for_a_json_array(tmp_path: Path) -> None:
    assert refusal(tmp_path, b'[cut off\n{"a": 1}\n', json_file()) == ""
    assert refusal(tmp_path, b'{"a": 1}\n[2]\n', json_file()) == ""


def test_a_file_without_a_header_line_is_opened_too(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"1,2\n", csv_file(header=False)) == ""
    assert "cannot be read: damaged" in refusal(tmp_path, gzip.compress(b"1,2\n")[:12], csv_file(header=False))
