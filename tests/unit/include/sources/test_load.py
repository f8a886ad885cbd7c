"""Each mistake of a description is one line that says where."""

from pathlib import Path

import pytest

from include.errors import BadInput
from include.settings import ROOT
from include.sources.load import load_source, load_sources
from tests.unit.include.sources.describe import HEAD, source, write

GOOD = """\
history: {first: 2019-01-01, last: 2019-12-31}
feeds:
  events:
    path: corner/{day}.csv
    format: csv
    columns: {who: string, what: string, at: timestamp, on: string}
    map:
      kind: what
      user_id: who
      item_id: "`on`"
      happened_at: at
"""


def mistakes(folder: Path, text: str, head: str = HEAD) -> list[str]:
    file = write(folder, text, head)
    with pytest.raises(BadInput) as error:
        load_source(file)
    return [line.removeprefix(f"{file}:") for line in str(error.value).splitlines()]


def test_a_feed_may_be_one_input_or_a_list(tmp_path: Path) -> None:
    one = source(tmp_path, GOOD)
    assert one.feeds["events"].inputs[0].name == "corner"
    assert one.feeds["events"].delivery == "append"
    assert one.time_zone == "UTC"
    listed = GOOD.replace("    path", "    - path")
    for field in ("format", "columns", "map"):
        listed = listed.replace(f"    {field}:", f"      {field}:")
    listed = listed.replace("      kind", "        kind").replace("      user", "        user")
    listed = listed.replace("      item", "        item").replace("      happened", "        happened")
    assert source(tmp_path, listed).feeds == one.feeds


def test_a_column_named_on_stays_on(tmp_path: Path) -> None:
    found = source(tmp_path, GOOD).feeds["events"].inputs[0]
    assert list(found.columns) == ["who", "what", "at", "on"]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("2019-12-31", "2018-12-31", 4, "history: last (2018-12-31) is before first (2019-01-01)"),
        ("first: 2019-01-01", "first: 2019-13-01", 4, "history.first: month must be in 1..12"),
        ("first: 2019-01-01", "first: 2019", 4, "history.first: must be a day, written like 2019-10-01"),
        ("events", "event", 6, "feeds.event: there is no such feed; feeds are events, texts, items, users, follows"),
        ("path: corner/{day}.csv", "path: ../{day}.csv", 7, "must be written with / and without .."),
        ("{day}", "{date}", 7, "the only pattern is {day}, or {day:%Y/%m/%d}"),
        ("{day}", "{day:%Y}", 7, "must name year, month and day"),
        ("format: csv", "format: xml", 8, "'xml' is not one of 'jsonl', 'csv' or 'parquet'"),
        ("format: csv", "fromat: csv", 8, "unknown field; did you mean format?"),
        ("at: timestamp", "at: datetime", 9, "columns.at: unknown type 'datetime'"),
        ("at: timestamp", "at: timestamp, AT: string", 9, "at and AT differ in case only"),
        ("at: timestamp", "at: timestamp, at: string", 9, "at is given twice"),
        ("kind: what", "kind: view", 11, "map.kind: view is not declared under columns; a constant text"),
        ("kind: what", "kind: \"'vew'\"", 11, "'vew' is not one of view, click"),
        ("kind: what", "knd: what", 11, "events have no column knd"),
        ("      kind: what\n", "", 10, "events need kind"),
        ("      happened_at: at\n", "", 10, "map happened_at, or say `precision: none`"),
        ("happened_at: at", "happened_at: lower(at)", 14, "argument 1 must be text, not time"),
        ("happened_at: at", "happened_at: at\n      op: what", 15, "op belongs to delivery `changes`"),
        ("    map:", "    arrives: at\n    map:", 10, "`arrives` is for replayed files"),
        ("    map:", "    delivery: changes\n    map:", 10, "needs `order`"),
        ("    map:", "    delivery: snapshot\n    map:", 10, "events happen once and stay"),
        ("    map:", "    delivery: changes\n    order: nr\n    map:", 11, "nr is not declared"),
        ("    map:", "    order: at\n    map:", 10, "order belongs to delivery `changes`, not `append`"),
        ("    map:", "    precision: none\n    map:", 15, "precision is none, which means that there is no time"),
        ("    map:", "    precision: hour\n    map:", 10, "'hour' is not one of"),
        ("    map:", "    rating_scale: [5, 1]\n    map:", 10, "must be [lowest, highest]"),
        ("    map:", "    missing: {itm: reject}\n    map:", 10, "events have no column itm"),
        ("    map:", "    missing: {kind: {constant: vew}}\n    map:", 10, "the constant is not a string"),
        ("    map:", "    options: {separator: '::'}\n    map:", 10, "needs `quote: none`"),
        ("    map:", "    options: {encoding: latin-99}\n    map:", 10, "there is no text encoding 'latin-99'"),
        ("    map:", "    lookups: {tag: {path: t.csv, format: csv, columns: {a: string}, key: b}}\n    map:", 10,
         "b is not declared under the lookup's columns"),
    ],
)  # fmt: skip
def test_one_mistake_is_one_line_with_its_place(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    assert old in GOOD
    found = mistakes(tmp_path, GOOD.replace(old, new, 1))
    mine = [m for m in found if said in m]
    assert len(mine) == 1, found
    assert mine[0].startswith(f"{line}: ")


def test_all_mistakes_are_told_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = GOOD.replace("what: string", "what: strnig").replace("user_id: who", "user_id: hwo").replace("2019-12", "x")
    found = mistakes(tmp_path, "time_zone: Europe/Berln\n" + text)
    assert [line.split(":")[0] for line in found] == ["4", "5", "10"]
    # The input with a wrong type cannot be looked into; a well-formed one beside other mistakes is.
    found = mistakes(tmp_path, "time_zone: Europe/Berln\n" + text.replace("strnig", "string"))
    assert [line.split(":")[0] for line in found] == ["4", "5", "13"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("feeds: [", "1: is not YAML"),
        ("", "1: is empty"),
        ("- a", "1: must hold fields"),
        ("a: &x [1, 1, 1]\nb: [*x, *x]\n? [q]\n: 1\n", "3: a name must be plain text"),
        ("a: !!python/object/apply:os.system [ls]\n", "a: unknown field"),
        ("[" * 5000, "1: is not YAML"),
    ],
)
def test_text_that_is_no_description(tmp_path: Path, text: str, said: str) -> None:
    assert any(said in m for m in mistakes(tmp_path, text, head=""))


def test_aliases_cannot_make_a_small_file_endless(tmp_path: Path) -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12))
    assert any("holds too much" in m for m in mistakes(tmp_path, bomb, head=""))


def test_a_source_is_described_once(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    (tmp_path / "again.yml").write_text(HEAD + GOOD)
    with pytest.raises(BadInput, match=r"corner is described in .*again\.yml too"):
        load_sources([tmp_path])


def test_folders_are_read_in_order_and_must_exist(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    assert list(load_sources([tmp_path])) == ["corner"]
    with pytest.raises(BadInput, match="there is no folder"):
        load_sources([tmp_path / "nowhere"])


def test_the_guide_s_example_is_a_description(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "sources.md").read_text()
    file = tmp_path / "corner.yaml"
    file.write_text(guide.partition("```yaml\n")[2].partition("```")[0])
    assert load_source(file).name == "corner"
