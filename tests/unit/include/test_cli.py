"""The `portrait` command, as it is called."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path

import pytest

from include.cli import main
from include.show import query
from tests.unit.include.small_lake import SmallLake

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallLake:
    small = SmallLake(tmp_path)
    monkeypatch.setenv("PORTRAIT_LAKE", str(small.settings.lake))
    monkeypatch.setenv("PORTRAIT_KEY_FILE", str(small.settings.key_file))
    return small


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Exit code, standard output and standard error of one call."""

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["portrait", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        out = capsys.readouterr()
        return int(end.value.code or 0), out.out, out.err

    return call


def test_sql_prints_rows_three_ways(small: SmallLake, run: Run) -> None:
    small.append("silver.items", {"item_id": "=1+1", "tags": ["a"]}, {"item_id": "b"})
    small.release()
    asked = "select item_id, 7 as n, tags from silver.items order by item_id"
    code, out, err = run("sql", asked)
    assert (code, err) == (0, "")
    assert out.splitlines() == ["item_id  n  tags", '=1+1     7  ["a"]', "b        7"]
    assert json.loads(run("sql", asked, "--format", "json")[1]) == [
        {"item_id": "=1+1", "n": 7, "tags": ["a"]}, {"item_id": "b", "n": 7, "tags": None},
    ]  # fmt: skip
    rows = list(csv.reader(StringIO(run("sql", asked, "--format", "csv")[1])))
    assert rows == [["item_id", "n", "tags"], ["'=1+1", "7", '["a"]'], ["b", "7", ""]]


def test_a_long_table_says_that_there_is_more(small: SmallLake, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "MOST_SHOWN", 2)
    small.append("silver.items", *({"item_id": str(i)} for i in range(3)))
    small.release()
    _, out, err = run("sql", "select item_id from silver.items")
    assert len(out.splitlines()) == 3
    assert err == "the first 2 rows; all of them with --format csv or json\n"


@pytest.mark.parametrize(
    ("sql", "message"),
    [("select nothing from silver.items", "nothing"), ("select * from silver.nowhere", "nowhere"),
     ("delete from silver.items", "only reading"), ("select * from bronze.events", "raw identifiers"),
     ("select * from read_csv('/etc/passwd')", "disabled"), ("select 1 as a, 2 as a", "two columns are called a")],
)  # fmt: skip
def test_a_wrong_query_is_one_line_and_exit_code_2(small: SmallLake, run: Run, sql: str, message: str) -> None:
    small.release()
    code, out, err = run("sql", sql, "--format", "json")
    assert (code, out) == (2, "")
    assert err.startswith("portrait: sql: ") and message in err
    assert len(err.splitlines()) == 1


def test_accounts_as_json_are_what_the_design_says(small: SmallLake, run: Run) -> None:
    day = date(2019, 10, 1)
    small.append("bronze.events", {"source": "shop", "arrived_on": day})
    small.release(verdict="failed")
    code, out, err = run("accounts", "--json")
    assert code == 0
    assert json.loads(out) == [
        {"source": "shop", "feed": "events", "landed": 1, "published": 0, "duplicate": 0, "superseded": 0,
         "rejected": 0, "held": 1, "erased": 0, "reasons": {}}
    ]  # fmt: skip
    assert list(json.loads(out)[0])[-1] == "reasons"
    assert err.startswith("unfinished: ingest [2019-10-01, 2019-10-03)")
    assert run("accounts", "--csv")[1].splitlines()[0].startswith("source,feed,landed,published")
    assert run("accounts", "--csv", "--json")[0] == 2


def test_tables_traits_and_sources_can_be_read_by_programs(small: SmallLake, run: Run) -> None:
    small.release()
    assert {row["table"] for row in json.loads(run("tables", "--json")[1])} >= {"silver.events", "gold.user_profiles"}
    assert "loyalty_last_seen_on" in {row["name"] for row in json.loads(run("traits", "--json")[1])}
    assert "loyalty_last_seen_on" in run("traits")[1]
    assert {"source", "feeds", "files"} <= set(json.loads(run("sources", "list", "--json")[1])[0])


def test_nobody_is_one_line_and_exit_code_1(small: SmallLake, run: Run) -> None:
    small.append("meta.profile_days", {"source": "shop"})
    small.release()
    assert run("profile", "shop", "nobody") == (1, "", "portrait: no such user in shop\n")


def test_a_profile_as_json(small: SmallLake, run: Run) -> None:
    day = date(2019, 10, 1)
    small.append("meta.profile_days", {"source": "shop", "day": day})
    small.append("gold.user_profile_history", {"source": "shop", "user_key": "a" * 32, "day": day, "known_at": day,
                                               "status": {"basics_age": "value"}, "basics_age": 7})  # fmt: skip
    small.release()
    found = json.loads(run("profile", "shop", "a" * 32, "--day", "2019-10-01", "--json")[1])
    assert list(found) == [
        "source",
        "user_key",
        "as_of",
        "known_at",
        "traits",
        "status",
        "evidence",
        "interests",
        "in_words",
    ]
    assert (found["as_of"], found["traits"]["basics_age"], found["status"]) == (
        "2019-10-01",
        7,
        {"basics_age": "value"},
    )
    code, out, _ = run(
        "profile", "shop", "a" * 32, "--day", "2019-10-01", "--page", str(small.settings.lake / "u.html")
    )
    assert (code, out) == (0, (small.settings.lake / "u.html").as_uri() + "\n")


def test_suspects_are_listed_and_pages_written(small: SmallLake, run: Run) -> None:
    small.append("bronze.events", {"source": "shop"})
    small.append("silver.user_days", {"source": "shop", "user_key": "a" * 32, "day": date(2019, 10, 1), "volume": 900,
                                      "limits": [("volume", 200.0)], "limits_broken": ["volume"], "model_version": "1-a"})  # fmt: skip
    small.release()
    assert json.loads(run("accounts", "--suspects", "--json")[1]) == [
        {"source": "shop", "day": "2019-10-01", "user_key": "a" * 32, "limit": "volume", "value": 900.0,
         "threshold": 200.0, "model_version": "1-a"}
    ]  # fmt: skip
    assert "1      1" in run("accounts")[1]
    code, out, _ = run("pages")
    assert (code, out) == (0, (small.settings.pages / "index.html").as_uri() + "\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("accounts",), "no lake in"), (("tables",), "no lake in"), (("sql", "select 1"), "no lake in"),
     (("profile", "shop", "u"), "no lake in"),
     (("build", "--start", "2019-10-02", "--end", "2019-10-01"), "reversed"),
     (("build", "--start", "today", "--end", "2019-10-01"), "is not a day"),
     (("sources", "check", "nowhere.yaml"), "there is no such file"),
     (("profile", "shop", "u", "--day", "x"), "--day")],
)  # fmt: skip
def test_what_a_person_can_mend_is_one_line_without_a_trace(
    arguments: tuple[str, ...], message: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTRAIT_LAKE", str(tmp_path / "nowhere"))
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("portrait: ") and message in err
    assert len(err.splitlines()) == 1


def test_an_unknown_option_is_exit_code_2(run: Run) -> None:
    assert run("accounts", "--nonsense")[0] == 2


@pytest.mark.parametrize(
    "command", ["build", "accounts", "tables", "traits", "sql", "profile", "sources check", "sources list"]
)
def test_every_command_has_help_with_an_example(run: Run, command: str) -> None:
    code, out, _ = run(*command.split(), "--help")
    assert code == 0
    assert f"portrait {command.split()[0]}" in out.split("Example")[1]


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    code = "import sys, include.cli; print(*{m.split('.')[0] for m in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pyspark", "great_expectations", "pandas", "pyarrow", "duckdb", "deltalake", "sqlglot"} & set(loaded)
