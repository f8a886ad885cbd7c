"""Reading trait files."""

from pathlib import Path

import pytest

from include.errors import BadInput
from include.settings import ROOT
from include.traits.load import load_traits

GOOD = """\
trait: category_top3_90d
family: interest
version: 1
meaning: categories acted on most, decayed
unit: share
from: behaviour_items_daily
where: "kind in ('view', 'purchase')"
measure: {top_k: {of: category, k: 3}}
window: 90d
half_life: 30d
privacy: quasi_identifier
purpose: recommendation
owner: profiles
"""


def mistakes(folder: Path, text: str) -> list[str]:
    """Lines of the error, without the folder."""
    (folder / "t.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        load_traits([folder])
    return str(refused.value).replace(f"{folder}/", "").splitlines()


def test_the_shipped_traits_are_at_least_a_dozen_and_all_explained() -> None:
    traits = load_traits([ROOT / "traits"])
    assert len(traits) >= 12
    assert all(t.meaning and t.purpose and t.owner for t in traits)
    assert [t.column for t in traits] == sorted(t.column for t in traits)


def test_reads_one_trait(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    (trait,) = load_traits([tmp_path])
    assert trait.column == "interest_category_top3_90d"
    assert (trait.window, trait.half_life, trait.measure.name) == (90, 30, "top_k")
    assert trait.measure.top_k is not None and trait.measure.top_k.k == 3


def test_reads_several_of_a_file_and_several_folders(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    (one / "a.yaml").write_text(GOOD + "---\n" + GOOD.replace("category_top3_90d", "b") + "---\n")
    (two / "a.yml").write_text(GOOD.replace("category_top3_90d", "a"))
    (two / "notes.txt").write_text("not a trait")
    assert [t.trait for t in load_traits([one, two])] == ["a", "b", "category_top3_90d"]


def test_a_later_version_stands_beside_the_first(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD + "---\n" + GOOD.replace("version: 1", "version: 2"))
    assert [t.column for t in load_traits([tmp_path])] == [
        "interest_category_top3_90d",
        "interest_category_top3_90d_v2",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("trait: category_top3_90d", "trait: Category", "t.yaml:1: trait: String should match pattern"),
        ("trait: category_top3_90d\n", "", "t.yaml:1: trait: is missing"),
        ("family: interest", "family: hobby", "t.yaml:2: family: Input should be 'basics'"),
        ("version: 1", "version: 0", "t.yaml:3: version: Input should be greater than or equal to 1"),
        ("version: 1", "version: one", "t.yaml:3: version: Input should be a valid integer"),
        ("unit: share", "units: share", "t.yaml:5: units: is no field of a trait"),
        ("from: behaviour_items_daily", "from: silver.events", "t.yaml:6: from: Input should be 'behaviour_daily'"),
        ("'purchase'", "'purchased'", "t.yaml:7: where: kind 'purchased' does not exist"),
        ("kind in", "kin in", "t.yaml:7: where: `kin` is no column it may use"),
        ("top_k", "top", "t.yaml:8: measure.top: is not known here"),
        ("k: 3", "k: 0", "t.yaml:8: measure.top_k.k: Input should be greater than or equal to 1"),
        (", k: 3", "", "t.yaml:8: measure.top_k.k: is missing"),
        ("of: category", "of: categories", "t.yaml:8: measure.top_k.of: Input should be 'item_id'"),
        ("of: category", "of: currency", "t.yaml:8: measure.top_k.of: behaviour_items_daily has no currency"),
        ("k: 3", "k: 3, weigh: amount", "t.yaml:8: measure.top_k.weigh: behaviour_items_daily has no amount"),
        ("{top_k: {of: category, k: 3}}", "{count: {}, hours: {}}", "t.yaml:8: measure: must be one of count, sum"),
        ("{top_k: {of: category, k: 3}}", "hours", "t.yaml:8: measure: hours cannot be taken from behaviour_"),
        ("{top_k: {of: category, k: 3}}", "count", "t.yaml:10: half_life: only top_k decays"),
        ("window: 90d", "window: 90", "t.yaml:9: window: write a number of days such as 90d"),
        ("window: 90d", "window: 9999d", "t.yaml:9: window: is longer than 3660d"),
        ("half_life: 30d", "half_life: 3 weeks", "t.yaml:10: half_life: write a number of days such as 90d"),
        ("half_life: 30d", "half_life: 900d", "t.yaml:10: half_life: is longer than 730d"),
        ("quasi_identifier", "secret", "t.yaml:11: privacy: Input should be 'identifier'"),
        ("quasi_identifier", "identifier", "t.yaml:11: privacy: a trait never holds a raw identifier"),
        ("purpose: recommendation", "purpose: ' '", "t.yaml:12: purpose: must be one line of text"),
        ("owner: profiles", "owner: profiles\nowner: me", "t.yaml:14: owner: is given twice"),
        ("owner: profiles", "owner: &a profiles\npurpose: *a", "t.yaml:14: uses a YAML alias"),
        ("owner: profiles", "owner: [profiles", "t.yaml:14: is not YAML"),
        ("owner: profiles", "owner: !!python/object:os.system x", "t.yaml:13: is not YAML: could not determine"),
        ("owner: profiles", "owner: 2020-99-99", "t.yaml:1: cannot be read: month must be in"),
    ],
)  # fmt: skip
def test_every_mistake_is_one_line_with_file_and_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    lines = mistakes(tmp_path, GOOD.replace(old, new))
    assert len(lines) == 1
    assert lines[0].startswith(message)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("version: 1", "version: 0") + "---\n" + GOOD.replace("window: 90d", "window: x")
    found = [line.split(": ")[0] + ": " + line.split(": ")[1] for line in mistakes(tmp_path, text)]
    assert found == ["t.yaml:3: version", "t.yaml:23: window"]


@pytest.mark.parametrize(
    ("reads", "measure", "message"),
    [
        ("users", "{attribute: {of: user_key}}", "users have no user_key; they have: age"),
        ("users", "count", "count cannot be taken from users; possible are: attribute"),
        ("follows", "first", "first cannot be taken from follows; possible are: count"),
        ("behaviour_daily", "{sum: {of: amount}}", "amounts of several currencies cannot be added"),
        (
            "behaviour_daily",
            "{top_k: {of: kind, k: 3, weigh: amount}}",
            "amounts of several currencies cannot be added",
        ),
        ("behaviour_daily", "{rate: {of: kind = 'x', over: kind = 'view'}}", "kind 'x' does not exist"),
        ("behaviour_daily", "{distinct: {of: brand}}", "behaviour_daily has no brand"),
    ],
)
def test_a_measure_must_fit_its_input(tmp_path: Path, reads: str, measure: str, message: str) -> None:
    text = GOOD.replace("behaviour_items_daily", reads).replace("{top_k: {of: category, k: 3}}", measure)
    text = "\n".join(line for line in text.splitlines() if line.split(":")[0] not in ("where", "window", "half_life"))
    (line,) = mistakes(tmp_path, text)
    assert message in line


def test_users_and_ties_have_no_window(tmp_path: Path) -> None:
    text = GOOD.replace("behaviour_items_daily", "follows").replace("{top_k: {of: category, k: 3}}", "count")
    text = text.replace("half_life: 30d\n", "").replace("\"kind in ('view', 'purchase')\"", "kind = 'friend'")
    assert mistakes(tmp_path, text) == ["t.yaml:9: window: follows is read as of the day and has no window"]


def test_of_those_followed_only_what_they_did_with_items_is_read(tmp_path: Path) -> None:
    text = GOOD.replace("behaviour_items_daily", "behaviour_daily").replace("of: category", "of: kind")
    (line,) = mistakes(tmp_path, text + "whose: followed\n")
    assert "whose: of those one follows only behaviour_items_daily is read" in line


def test_two_traits_of_one_column_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    assert mistakes(tmp_path, GOOD) == [
        "t.yaml:1: trait: column interest_category_top3_90d is already that of a.yaml:1; rename one"
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"- a\n- b\n", "t.yaml:1: a trait is a mapping that starts with `trait: name`"),
        (b"\xff\xfe\x00", "t.yaml:1: cannot be read"),
        (b"a: " + b"[" * 5000 + b"]" * 5000, "t.yaml:1: is nested too deeply"),
        (b"#" * 1_000_001, "t.yaml:1: is larger than 1000000 bytes"),
    ],
)
def test_a_file_that_is_no_trait_is_told(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "t.yaml").write_bytes(content)
    with pytest.raises(BadInput) as refused:
        load_traits([tmp_path])
    assert str(refused.value).replace(f"{tmp_path}/", "").startswith(message)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such folder of traits; mend PORTRAIT_TRAITS"):
        load_traits([tmp_path / "none"])


def test_empty_files_hold_no_traits(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("")
    (tmp_path / "b.yaml").write_text("# nothing yet\n---\n")
    assert load_traits([tmp_path]) == ()
