"""Records in, canonical columns out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pyspark.sql import functions as F

from include.errors import BadInput
from include.sources.expressions import check
from include.sources.functions import FUNCTIONS
from include.sources.mapping import to_canonical
from include.sources.model import Source
from include.sources.types import parse_type
from include.tables.canonical import FEEDS
from tests.unit.include.sources.describe import source

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

EVENTS = """\
time_zone: {zone}
history: {{first: 2019-01-01}}
feeds:
  events:
    path: {path}
    format: jsonl
    columns: {{who: string, what: string, at: timestamp, n: int, price: string, cents: bigint, tags: array<string>,
              day: string}}
    {more}
    map:
      kind: what
      user_id: who
      happened_at: {at}
      quantity: n
      unit_price: cast(replace(replace(price, '.', ''), ',', '.') as decimal(18,4))
      value: cents / 100
      tag: tags[0]
"""


def described(
    folder: Path, zone: str = "UTC", at: str = "at", path: str = "x.jsonl", more: str = "precision: second"
) -> Source:
    return source(folder, EVENTS.format(zone=zone, at=at, path=path, more=more))


def frame(spark: SparkSession, *records: dict[str, Any] | str, damage: str | None = None) -> DataFrame:
    texts = [r if isinstance(r, str) else json.dumps(r) for r in records]
    return spark.createDataFrame(
        [(i, t, damage) for i, t in enumerate(texts)], "position int, record string, damage string"
    )


def mapped(rows: DataFrame, of: Source, feed: str = "events", folder: Path = Path()) -> list[dict[str, Any]]:
    out = to_canonical(rows, of, feed, of.feeds[feed].inputs[0], [folder])
    texts = [F.col(n).cast("string").alias(n) if t == "timestamp" else F.col(n) for n, t in out.dtypes]
    return [r.asDict() for r in out.orderBy("position").select(*texts).collect()]


def test_maps_text_of_any_source_to_typed_columns(spark: SparkSession, tmp_path: Path) -> None:
    rows = frame(
        spark,
        {"who": "u1", "what": "view", "at": "2019-10-01 12:00:00 UTC", "n": 2, "price": "1.234,50", "cents": 7,
         "tags": ["a", "b"]},
        {"who": " ", "what": "", "at": "2019-10-01T12:00:00+02:00", "n": "", "price": None, "tags": []},
    )  # fmt: skip
    first, second = mapped(rows, described(tmp_path))
    assert "record" not in first
    assert set(FEEDS["events"].by_name) < set(first)
    assert (first["user_id"], first["kind"], first["happened_at"]) == ("u1", "view", "2019-10-01 12:00:00")
    assert (str(first["quantity"]), str(first["unit_price"]), first["value"]) == ("2.000", "1234.5000", 0.07)
    assert (first["tag"], first["item_id"], first["mapped"], first["problems"]) == ("a", None, 7, [])
    # A replayed row without `arrives` arrived when it happened.
    assert first["arrives"] == first["happened_at"]
    assert (first["precision"], first["order"]) == ("second", None)
    assert (second["user_id"], second["kind"], second["quantity"], second["tag"]) == (None, None, None, None)
    assert second["happened_at"] == "2019-10-01 10:00:00"
    assert (second["mapped"], second["problems"]) == (1, [])


def test_what_does_not_parse_is_a_problem_of_its_column(spark: SparkSession, tmp_path: Path) -> None:
    rows = frame(
        spark,
        {"what": "view", "at": "yesterday", "n": "3.5", "price": "free", "tags": "a", "cents": "1e400"},
        {"what": "view", "at": "10:30", "n": 99999999999, "tags": "null"},
        {"what": "view", "at": "2019-02-30", "n": True},
    )
    bad, clock, calendar = mapped(rows, described(tmp_path))
    assert bad["problems"] == ["type:at", "type:cents", "type:n", "type:tags", "type:unit_price"]
    assert (bad["happened_at"], bad["quantity"], bad["unit_price"], bad["kind"]) == (None, None, None, "view")
    # Spark would read "10:30" as half past ten today.
    assert clock["problems"] == ["type:at", "type:n"]
    assert calendar["problems"] == ["type:at", "type:n"]


def test_a_damaged_record_gives_its_damage_and_no_constants(spark: SparkSession, tmp_path: Path) -> None:
    of = source(
        tmp_path,
        """\
history: {first: 2019-01-01}
feeds:
  events:
    path: x.jsonl
    format: jsonl
    columns: {who: string}
    precision: none
    map: {kind: "'play'", user_id: who}
""",
    )
    damaged = mapped(frame(spark, '"cut', damage="unreadable_line"), of)[0]
    assert (damaged["kind"], damaged["mapped"], damaged["problems"]) == (None, 0, ["damaged:unreadable_line"])
    # Not told by the reader, but no object for Spark either.
    assert mapped(frame(spark, "[1]"), of)[0]["problems"] == ["damaged:unreadable_line"]
    whole = mapped(frame(spark, {"who": "u"}), of)[0]
    assert (whole["kind"], whole["arrives"], whole["happened_at"], whole["precision"]) == ("play", None, None, "none")


@pytest.mark.parametrize(
    ("at", "column", "cases"),
    [
        (
            "at",
            "at",
            {
                "2019-07-01 00:30:00": "2019-06-30 22:30:00",
                "2019-07-01T00:30:00Z": "2019-07-01 00:30:00",
                "2019-07-01T00:30:00.5-03:00": "2019-07-01 03:30:00.5",
                "2019-07-01": "2019-06-30 22:00:00",
                "2019-03-31 02:30:00": "2019-03-31 01:30:00",
                "2019-07-01 00:30 America/New_York": None,
            },
        ),
        ("cast(day as timestamp)", "day", {"2019-07-01 00:30": "2019-06-30 22:30:00"}),
        ("to_timestamp(day, 'd.M.yyyy H:mm')", "day", {"1.7.2019 0:30": "2019-06-30 22:30:00"}),
        ("to_timestamp(day, 'd.M.yyyy H:mm XXX')", "day", {"1.7.2019 0:30 +05:00": "2019-06-30 19:30:00"}),
        ("to_timestamp(to_date(day, 'yyyyMMdd'))", "day", {"20190701": "2019-06-30 22:00:00"}),
        ("make_timestamp(2019, 7, n, 0, 30, 0)", "n", {1: "2019-06-30 22:30:00"}),
        (
            "timestamp_seconds(cents)",
            "cents",
            {1561940999: "2019-07-01 00:29:59", "1561940999.0": None, 9999999999999999: None},
        ),
        ("timestamp_millis(cents)", "cents", {1561940999500: "2019-07-01 00:29:59.5"}),
        ("to_timestamp(cents)", "cents", {1561940999: "2019-07-01 00:29:59"}),
    ],
)
def test_clock_times_are_read_in_the_source_s_zone(
    spark: SparkSession, tmp_path: Path, at: str, column: str, cases: dict[Any, str | None]
) -> None:
    records = [{"what": "view", column: written} for written in cases]
    rows = mapped(frame(spark, *records), described(tmp_path, "Europe/Berlin", at))
    assert [r["happened_at"] for r in rows] == list(cases.values())
    assert [r["problems"] == [] for r in rows] == [expected is not None for expected in cases.values()]


def test_a_day_stays_the_day_that_the_source_wrote(spark: SparkSession, tmp_path: Path) -> None:
    of = described(tmp_path, "Asia/Tokyo", more="precision: day")
    assert mapped(frame(spark, {"at": "2019-07-01"}), of)[0]["happened_at"] == "2019-07-01 00:00:00"


def test_try_forms_are_silent_and_fallbacks_are_no_problem(spark: SparkSession, tmp_path: Path) -> None:
    silent = described(tmp_path, at="try_to_timestamp(day, 'yyyy')")
    assert mapped(frame(spark, {"day": "x"}), silent)[0]["problems"] == []
    either = described(tmp_path, at="coalesce(to_timestamp(day, 'yyyy'), to_timestamp(day, 'MM/yyyy'))")
    found = mapped(frame(spark, {"day": "03/2019"}, {"day": "x"}), either)
    assert [(r["happened_at"], r["problems"]) for r in found] == [
        ("2019-03-01 00:00:00", []),
        (None, ["type:happened_at"]),
    ]


def test_order_sorts_as_text_the_way_the_versions_do(spark: SparkSession, tmp_path: Path) -> None:
    def order(expression: str, *records: dict[str, Any]) -> list[str]:
        of = described(tmp_path, path="x/{day}.jsonl", more=f"delivery: changes\n    order: {expression}")
        return [r["order"] for r in mapped(frame(spark, *records), of)]

    numbers = order("n", {"n": -20}, {"n": -3}, {"n": 0}, {"n": 7}, {"n": 1000})
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == 5
    times = order("at", {"at": "1969-12-31 23:00:00"}, {"at": "2019-01-01"}, {"at": "2019-01-01 00:00:00.5"})
    assert times == sorted(times)
    assert order("day", {"day": "v2"}, {}) == ["v2", None]


def test_daily_files_say_themselves_when_rows_arrive(spark: SparkSession, tmp_path: Path) -> None:
    of = described(tmp_path, path="x/{day}.jsonl")
    assert mapped(frame(spark, {"at": "2019-01-01"}), of)[0]["arrives"] is None


def test_lookups_add_the_first_row_of_the_key_and_never_a_row(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "tags.csv").write_bytes(b"id;word;weight\n1;caf\xe9;2\n1;again;3\n2;rock;x\n;none;0\nbroken\n")
    of = source(
        tmp_path,
        """\
history: {first: 2019-01-01}
feeds:
  events:
    path: x.jsonl
    format: jsonl
    columns: {who: string, tag_id: bigint}
    precision: none
    lookups:
      tag:
        path: tags.csv
        format: csv
        options: {separator: ";", encoding: latin-1}
        columns: {id: string, word: string, weight: int}
        key: id
        matches: tag_id
    map: {kind: "'tag'", user_id: who, tag: tag.word, quantity: tag.weight}
""",
    )
    rows = mapped(frame(spark, {"tag_id": 1}, {"tag_id": 2}, {"tag_id": 3}, {"who": "u"}), of)
    assert [(r["tag"], r["quantity"] and int(r["quantity"])) for r in rows] == [
        ("café", 2),
        ("rock", None),
        (None, None),
        (None, None),
    ]


def test_nested_values_lists_and_odd_names(spark: SparkSession, tmp_path: Path) -> None:
    of = source(
        tmp_path,
        """\
history: {first: 2019-01-01}
feeds:
  items:
    path: x.jsonl
    format: jsonl
    columns: {"id:token": bigint, info: "struct<name:string,maker:struct<brand:string>>", path: string,
              labels: "array<string>", more: "map<string,string>"}
    map:
      item_id: "`id:token`"
      title: info.name
      brand: coalesce(info.maker.brand, more['brand'])
      categories: split(path, '\\\\s*>\\\\s*')
      tags: labels
""",
    )
    rows = mapped(
        frame(
            spark,
            {"id:token": 12345678901234567, "info": {"name": "Pot", "maker": {"brand": "Alder"}}, "path": "Home > Pots",
             "labels": ["", "new", None]},
            {"id:token": 2, "info": {"name": "Pan"}, "more": {"brand": "Brisk"}, "path": "", "labels": ["", None]},
            {"id:token": 3, "info": "Pan", "labels": "new"},
        ),
        of,
        "items",
    )  # fmt: skip
    assert [(r["item_id"], r["title"], r["brand"], r["categories"], r["tags"]) for r in rows] == [
        ("12345678901234567", "Pot", "Alder", ["Home", "Pots"], ["new"]),
        ("2", "Pan", "Brisk", None, None),
        ("3", None, None, None, None),
    ]
    assert [r["problems"] for r in rows] == [[], [], ["type:info", "type:labels"]]


def test_a_record_is_parsed_once(spark: SparkSession, tmp_path: Path) -> None:
    rows = spark.range(1).select(F.lit("{}").alias("record"), F.lit(None).cast("string").alias("damage"), "id")
    of = described(tmp_path)
    out = to_canonical(
        rows.withColumn("record", F.concat("record", F.col("id"))), of, "events", of.feeds["events"].inputs[0], []
    )
    plan = out._jdf.queryExecution().optimizedPlan().toString()
    assert plan.count("from_json(MapType") == 1


#: For each function a call whose arguments are columns that hold the worst there is.
_WORST = {
    "text": ["t", "''", "'x'"], "number": ["d", "n", "0"], "truth": ["ok"], "moment": ["at"], "any": ["t"],
    "scalar": ["t"], "text or list": ["t"], "list or map": ["l"], "list": ["l"], "list of text": ["l"],
}  # fmt: skip
_CALLS = {
    "concat_ws": "concat_ws(',', t, l)", "btrim": "btrim(t, 'x')", "regexp_replace": "regexp_replace(t, '(.)', '$1')",
    "regexp_extract": "regexp_extract(t, '(.)', 1)", "split": "split(t, '')", "split_part": "split_part(t, '', -3)",
    "if": "if(ok, t, t)", "element_at": "element_at(l, n)", "array_join": "array_join(l, ',')",
    "array_contains": "array_contains(l, t)", "from_json": "from_json(t, 'array<bigint>')",
    "get_json_object": "get_json_object(t, '$.a[*]..')", "to_timestamp": "to_timestamp(t, 'yyyy-MM-dd')",
    "try_to_timestamp": "try_to_timestamp(t, 'MMM d yy h a')", "to_date": "to_date(t, 'yyyyMMdd')",
    "try_to_date": "try_to_date(t)", "from_utc_timestamp": "from_utc_timestamp(at, 'Asia/Tokyo')",
    "to_utc_timestamp": "to_utc_timestamp(at, 'Asia/Tokyo')", "size": "size(l)",
}  # fmt: skip


def test_no_row_makes_an_allowed_function_raise(spark: SparkSession) -> None:
    types = {"t": "string", "n": "bigint", "d": "double", "ok": "boolean", "at": "timestamp", "l": "array<string>"}
    worst = [
        ("", 0, 0.0, None, "0001-01-01 00:00:00", []),
        ("\x00\ud7ff%_\\", 2**63 - 1, float("nan"), True, "9999-12-31 23:59:59", [None, ""]),
        ("99999999999999999999", -(2**63), float("-inf"), False, None, ["x"]),
        (None, None, 1.7e308, None, "1970-01-01 00:00:00", None),
        ("2019-02-30", 1, -1.7e308, True, "2019-03-31 02:30:00", ["a"] * 3),
    ]
    calls = []
    for name, function in FUNCTIONS.items():
        arguments = [_WORST.get(kind, ["'x'"])[0] for kind in function.takes]
        calls.append(_CALLS.get(name, f"{name}({', '.join(arguments)})"))
        if "number" in function.takes:
            calls.append(f"{name}({', '.join('n' if k == 'number' else _WORST[k][0] for k in function.takes)})")
    calls += ["n + n", "n - 1", "n * n", "n / 0", "n % 0", "-n", "d + n", "abs(n)", "l[n]", "cast(d as bigint)",
              "cast(t as timestamp)", "cast(t as date)", "cast(t as boolean)", "cast(t as decimal(5,2))",
              "cast(d as timestamp)", "cast(n as timestamp)", "cast(d as decimal(18,4))", "t > 'a'", "t rlike '^a'",
              "case t when 'a' then n else 1 end", "cast(at as bigint)", "cast(n as int)"]  # fmt: skip
    struct = F.struct(*(F.col(c) if c != "at" else F.col(c).cast("timestamp").alias(c) for c in types))
    data = spark.createDataFrame(worst, "t string, n bigint, d double, ok boolean, at string, l array<string>")
    columns = {c: parse_type(t) for c, t in types.items()}
    rows = data.select(struct.alias("__columns"))
    for zone in ("UTC", "Europe/Berlin"):
        checked = [check(c, columns, zone=zone) for c in calls]
        picked = [F.expr(e.sql).alias(str(i)) for i, e in enumerate(checked)]
        picked += [F.expr(e.lost).alias(f"lost{i}") for i, e in enumerate(checked) if e.lost]
        out = rows.select(*picked)
        # Not collected: Python cannot hold every moment that Spark can.
        assert out.select(F.hash(F.to_json(F.struct("*")))).count() == len(worst)
        out.write.format("noop").mode("overwrite").save()


def test_what_spark_refuses_is_told_with_its_line(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = described(tmp_path)
    monkeypatch.setattr(
        "include.sources.mapping.compiled",
        lambda _input, text, *_: (
            check("what", {"what": parse_type("string")})
            if text != "n"
            else type(
                "E", (), {"sql": "nothing.like.this", "lost": None, "columns": frozenset(), "lookups": frozenset()}
            )()
        ),
    )
    with pytest.raises(BadInput, match=r"corner\.yaml:17: map\.quantity: Spark refuses it: \[UNRESOLVED_COLUMN"):
        mapped(frame(spark, {}), of)
