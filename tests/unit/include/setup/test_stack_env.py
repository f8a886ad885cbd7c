from __future__ import annotations

from pathlib import Path

import pytest

from include.errors import BadInput
from include.setup import stack_env

WHOLE = dict.fromkeys(stack_env.SECRETS, "secret") | {"PORTRAIT_UID": "1000"}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=b", "b"),
        (" export A = b ", "b"),
        ("A='b c'", "b c"),
        ('A="b # c"  # a remark', "b # c"),
        ("A=b#c # a remark", "b#c"),
        ("A=b=", "b="),
        ("A=", None),
        ("A=  # a remark", None),
        ("# A=b", None),
        ("nonsense", None),
    ],
)
def test_a_line_is_read_as_compose_reads_it(tmp_path: Path, line: str, value: str | None) -> None:
    file = tmp_path / ".env"
    file.write_text(f"{line}\nLAST=1\n")
    assert stack_env.read(file) == ({} if value is None else {"A": value}) | {"LAST": "1"}


def test_a_file_that_is_not_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"A=\xff\xfe")
    with pytest.raises(BadInput, match=r"\.env: cannot be read: it is not text"):
        stack_env.read(file)
    with pytest.raises(BadInput, match="cannot be read: Is a directory"):
        stack_env.read(tmp_path)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"AIRFLOW_PORT": "abc"}, "AIRFLOW_PORT is 'abc', but has to be a number from 1 to 65535"),
        ({"AIRFLOW_PORT": "70000"}, "AIRFLOW_PORT is '70000'"),
        ({"AIRFLOW_PORT": "-1"}, "AIRFLOW_PORT is '-1'"),
        ({"PORTRAIT_UID": "root"}, "PORTRAIT_UID is 'root'"),
        ({"PORTRAIT_UID": "0"}, "PORTRAIT_UID is '0'"),
        ({"AIRFLOW_PORT": "5000"}, "AIRFLOW_PORT and MLFLOW_PORT are both 5000"),
        ({"STACK_DATA": "file.csv"}, "STACK_DATA is 'file.csv', but there is no folder .*file.csv"),
        ({"STACK_DATA": "~/data"}, "STACK_DATA is '~/data', but there is no folder"),
        ({"STACK_DATA": "$HOME/data"}, r"STACK_DATA holds a \$ or a"),
        ({"MLFLOW_PASSWORD": "a$b"}, r"MLFLOW_PASSWORD holds a \$"),
    ],
)
def test_what_cannot_be_is_named(tmp_path: Path, given: dict[str, str], said: str) -> None:
    (tmp_path / "file.csv").touch()
    with pytest.raises(BadInput, match=said):
        stack_env.checked(WHOLE | given, tmp_path / ".env", tmp_path)


def test_a_whole_file_has_ports_and_a_folder_of_data(tmp_path: Path) -> None:
    values = stack_env.checked(WHOLE | {"PAGES_PORT": "8191"}, tmp_path / ".env", tmp_path)
    assert values["PAGES_PORT"] == "8191"
    assert values["AIRFLOW_PORT"] == "8080"
    assert values["STACK_DATA"] == str(tmp_path / "build" / "data")


def test_a_key_that_cannot_be_given_to_its_owner_does_not_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_of: object) -> None:
        raise PermissionError(1, "Operation not permitted", str(tmp_path / "key"))

    monkeypatch.setattr(stack_env.os, "chown", refused)
    monkeypatch.setenv("PORTRAIT_UID", "12345")
    files = [tmp_path / name for name in (".env", "key", "spark")]
    with pytest.raises(BadInput, match="key: cannot be written: Operation not permitted"):
        stack_env.make(*files, "tried")
    assert [file.exists() for file in files] == [True, False, False]
