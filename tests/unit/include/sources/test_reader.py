"""Files in, records out: whatever is in them."""

import gzip
import json
import zipfile
from pathlib import Path

import pytest

from include.sources import archive, reader
from include.sources.model import FileSpec
from include.sources.reader import Record, read_records
from tests.unit.include.sources.describe import csv_file, json_file


def records(folder: Path, content: bytes, spec: FileSpec) -> list[tuple[object, str | None]]:
    file = folder / "file"
    file.write_bytes(content)
    found = list(read_records(file, spec))
    assert [r.position for r in found] == list(range(1, len(found) + 1))
    return [(json.loads(r.record), r.damage) for r in found]


def test_csv_becomes_objects_of_texts_without_the_absent_ones(tmp_path: Path) -> None:
    content = b'a,b\r\n1,x\r\n,"two\nlines, one ""field"""\r\nNA,7'
    assert records(tmp_path, content, csv_file(nulls=["NA"])) == [
        ({"a": "1", "b": "x"}, None),
        ({"b": 'two\nlines, one "field"'}, None),
        ({"b": "7"}, None),
    ]


def test_blank_lines_are_no_records(tmp_path: Path) -> None:
    assert records(tmp_path, b"a,b\n\n1,2\n\n", csv_file()) == [({"a": "1", "b": "2"}, None)]
    assert records(tmp_path, b'\n{"a": 1}\n  \n', json_file()) == [({"a": 1}, None)]


def test_a_row_of_another_length_is_damaged_and_keeps_its_text(tmp_path: Path) -> None:
    assert records(tmp_path, b"a,b\n1,2,3\n4\n5,6\n", csv_file()) == [
        ("1,2,3", "wrong_field_count"),
        ("4", "wrong_field_count"),
        ({"a": "5", "b": "6"}, None),
    ]


@pytest.mark.parametrize(
    ("options", "content", "expected"),
    [
        ({"separator": "\t", "quote": "none"}, b'a\tb\n1\t"x\n', {"a": "1", "b": '"x'}),
        ({"separator": "::", "quote": "none"}, b"a::b\n1::x\n", {"a": "1", "b": "x"}),
        ({"separator": ";", "quote": "'"}, b"a;b\n1;'x;y'\n", {"a": "1", "b": "x;y"}),
        ({"escape": "\\"}, b'a,b\n1,"x\\"y"\n', {"a": "1", "b": 'x"y'}),
        ({"encoding": "latin-1"}, b"a,b\n1,caf\xe9\n", {"a": "1", "b": "café"}),
        ({"encoding": "utf-16"}, "a,b\n1,é\n".encode("utf-16"), {"a": "1", "b": "é"}),
        ({"skip": 2}, b"made today\n\na,b\n1,x\n", {"a": "1", "b": "x"}),
        ({"header": False}, b"1,x\n", {"a": "1", "b": "x"}),
        ({}, "﻿a, b \n1,x\n".encode(), {"a": "1", "b": "x"}),
    ],
)
def test_files_are_written_in_many_ways(
    tmp_path: Path, options: dict[str, object], content: bytes, expected: dict[str, str]
) -> None:
    assert records(tmp_path, content, csv_file(**options)) == [(expected, None)]


def test_json_lines_stay_as_they_were(tmp_path: Path) -> None:
    line = '{"a":  1.0, "b": {"c": [12345678901234567890]}}'
    (tmp_path / "file").write_text(line + "\n")
    assert list(read_records(tmp_path / "file", json_file())) == [Record(1, line, None)]


@pytest.mark.parametrize("line", [b'{"a": 1', b"[1, 2]", b'"text"', b"7", b"{'a': 1}", b"[" * 100_000, b"{}{}"])
def test_a_line_that_is_no_object_is_damaged(tmp_path: Path, line: bytes) -> None:
    found = records(tmp_path, line + b'\n{"a": 2}\n', json_file())
    assert [damage for _, damage in found] == ["unreadable_line", None]


def test_foreign_bytes_are_told_and_the_next_line_is_read(tmp_path: Path) -> None:
    assert records(tmp_path, b'{"a": "\xff"}\n{"a": 2}\n', json_file()) == [
        ('{"a": "\\xff"}', "bad_encoding"),
        ({"a": 2}, None),
    ]
    assert records(tmp_path, b"a,b\n1,\xff\n2,x\n", csv_file()) == [
        ("1,\\xff", "bad_encoding"),
        ({"a": "2", "b": "x"}, None),
    ]


def test_a_long_record_is_cut_and_the_next_one_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "LONGEST", 100)
    found = records(tmp_path, b'{"a": "' + b"x" * 500 + b'"}\n{"a": 2}\n', json_file())
    assert [damage for _, damage in found] == ["too_long", None]


def test_a_stray_quote_does_not_swallow_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "LONGEST", 100)
    content = b'a,b\n1,"open\n' + b"2,x\n" * 40 + b"3,y\n"
    found = records(tmp_path, content, csv_file())
    assert found[0][1] == "too_long"
    assert found[-1] == ({"a": "3", "b": "y"}, None)


def test_a_quote_that_never_closes_is_damage(tmp_path: Path) -> None:
    assert records(tmp_path, b'a,b\n1,"open\n2,x\n', csv_file()) == [('1,"open\n2,x', "unreadable_line")]


def test_archives_are_opened(tmp_path: Path) -> None:
    packed = gzip.compress(b"a,b\n1,x\n")
    assert records(tmp_path, packed, csv_file()) == [({"a": "1", "b": "x"}, None)]
    for content in (b"a,b\n1,x\n", packed):
        with zipfile.ZipFile(tmp_path / "zip", "w", zipfile.ZIP_DEFLATED) as z:
            z.writestr("in/x.csv", content)
        spec = csv_file().model_copy(update={"member": "in/x.csv"})
        for described in (spec, csv_file()):
            assert [r.record for r in read_records(tmp_path / "zip", described)] == ['{"a": "1", "b": "x"}']


def test_a_cut_off_archive_keeps_what_came_before(tmp_path: Path) -> None:
    whole = gzip.compress(b'{"a": 1}\n' + b"".join(b'{"a": "%d"}\n' % (i * 7919) for i in range(20_000)))
    found = records(tmp_path, whole[: len(whole) // 2], json_file())
    assert found[0] == ({"a": 1}, None)
    assert [damage for _, damage in found].count(None) > 1000
    assert found[-1][1] == "cut_off"
    damaged = bytearray(whole)
    damaged[len(whole) // 2 :][:50] = bytes(50)
    assert records(tmp_path, bytes(damaged[:-4] + b"0000"), json_file())[-1][1] == "cut_off"


def test_an_archive_bomb_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_LEAST_LIMIT", 1 << 18)
    bomb = gzip.compress(b'{"a": 1}\n' * 100_000)
    found = records(tmp_path, bomb, json_file())
    assert found[-1] == ("", "too_large")
    assert len(found) < 70_000


def test_parquet_rows_become_objects(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    rows = pa.table({"a": ["x", None], "n": [1.5, float("nan")], "l": [["u"], []], "d": pa.array([0, 1], pa.date32())})
    pq.write_table(rows, tmp_path / "file")
    spec = FileSpec.model_validate({"path": "x", "format": "parquet", "columns": {"a": "string"}})
    assert [json.loads(r.record) for r in read_records(tmp_path / "file", spec)] == [
        {"a": "x", "n": 1.5, "l": ["u"], "d": "1970-01-01"},
        {"l": [], "d": "1970-01-02"},
    ]
    (tmp_path / "file").write_bytes(b"PAR1 no")
    assert [r.damage for r in read_records(tmp_path / "file", spec)] == ["cut_off"]


def parquet_records(folder: Path, **columns: object) -> list[tuple[object, str | None]]:
    """The records of a Parquet file with these columns (arrays of pyarrow)."""
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    pq.write_table(pa.table(columns), folder / "file")
    spec = FileSpec.model_validate({"path": "x", "format": "parquet", "columns": {"a": "string"}})
    return [(json.loads(r.record), r.damage) for r in read_records(folder / "file", spec)]


@pytest.mark.parametrize(
    ("kind", "beyond", "good"),
    [
        ("timestamp[us]", 2**61, "1970-01-01 00:00:00"),
        ("timestamp[ms]", 2**61, "1970-01-01 00:00:00"),
        ("date32", 2**30, "1970-01-01"),
    ],
)
def test_a_parquet_time_beyond_the_year_9999_damages_its_row_alone(
    tmp_path: Path, kind: str, beyond: int, good: str
) -> None:
    pa = pytest.importorskip("pyarrow")
    at = pa.array([beyond if n == 1203 else 0 for n in range(2500)], pa.type_for_alias(kind))
    found = parquet_records(tmp_path, n=pa.array(range(2500)), at=at)
    text, damage = found.pop(1203)
    assert damage == "unreadable_line"
    assert str(beyond) in str(text)
    assert found == [({"n": n, "at": good}, None) for n in range(2500) if n != 1203]


@pytest.mark.parametrize(
    ("encoding", "good", "bad", "told"),
    [
        ("utf-8", b"caf\xc3\xa9", b"caf\xe9", "caf\\xe9"),
        ("cp1252", b"caf\xe9", b"caf\x81", "caf\\x81"),
        ("shift_jis", "茶".encode("shift_jis"), b"\x81\x20", "\\x81 "),
        ("utf-16-le", "é".encode("utf-16-le"), b"i\x00\x00\xd8", "i\\x00\\xd8"),
    ],
)
def test_bytes_that_are_not_of_the_encoding_damage_their_line_alone(
    tmp_path: Path, encoding: str, good: bytes, bad: bytes, told: str
) -> None:
    file = tmp_path / "odd.csv"
    head, end = "a,b\n1,".encode(encoding), "\n".encode(encoding)
    file.write_bytes(head + good + end + "2,".encode(encoding) + bad + end + "3,".encode(encoding) + good + end)
    spec = FileSpec(
        path="odd.csv", format="csv", columns={"a": "string", "b": "string"}, options={"encoding": encoding}
    )
    first, second, third = read_records(file, spec)
    assert json.loads(first.record) == {"a": "1", "b": good.decode(encoding)}
    assert (json.loads(second.record), second.damage) == (f"2,{told}", "bad_encoding")
    assert (json.loads(third.record), third.damage) == ({"a": "3", "b": good.decode(encoding)}, None)


def test_parquet_bytes_are_text_and_others_damage_their_row(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    ids = pa.array([b"SECRET1", "café".encode(), b"\xff", b""], pa.binary())
    lists = pa.array([[b"x"], [], [], None], pa.list_(pa.binary()))
    found = parquet_records(tmp_path, a=ids, l=lists)
    assert found[0] == ({"a": "SECRET1", "l": ["x"]}, None)
    assert found[1] == ({"a": "café", "l": []}, None)
    assert found[2][1] == "bad_encoding"
    assert found[3] == ({"a": ""}, None)


def test_parquet_texts_that_are_no_utf8_damage_their_row_alone(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    found = parquet_records(tmp_path, a=pa.array([b"x", b"\xffy", b"z"]).view(pa.string()))
    assert [damage for _, damage in found] == [None, "bad_encoding", None]


def test_parquet_maps_become_objects(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    texts = pa.array([[("p", 1), ("q", None)], [], None], pa.map_(pa.string(), pa.int32()))
    days = pa.array([[(0, b"x")], [], []], pa.map_(pa.date32(), pa.binary()))
    raw = pa.array([[(b"k", 1)], [], []], pa.map_(pa.binary(), pa.int32()))
    inside = pa.array([[[("p", 1)]], [], []], pa.list_(pa.map_(pa.string(), pa.int32())))
    assert parquet_records(tmp_path, m=texts, d=days, b=raw, l=inside) == [
        ({"m": {"p": 1, "q": None}, "d": {"1970-01-01": "x"}, "b": {"k": 1}, "l": [{"p": 1}]}, None),
        ({"m": {}, "d": {}, "b": {}, "l": []}, None),
        ({"d": {}, "b": {}, "l": []}, None),
    ]


def test_a_parquet_map_with_a_key_twice_damages_its_row_alone(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    maps = pa.array([[("p", 1), ("p", 2)], [("p", 3)]], pa.map_(pa.string(), pa.int32()))
    assert [damage for _, damage in parquet_records(tmp_path, m=maps)] == ["unreadable_line", None]


def test_an_empty_file_has_no_records(tmp_path: Path) -> None:
    assert records(tmp_path, b"", csv_file()) == []
    assert records(tmp_path, b"a,b\n", csv_file()) == []
    assert records(tmp_path, gzip.compress(b""), json_file()) == []
