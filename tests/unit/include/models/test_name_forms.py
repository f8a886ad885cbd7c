"""By which names items are called."""

from __future__ import annotations

import random

import pytest

from include.models.name_forms import Item, Read, brand_of, head_of, kinds_of, names_of, needed, others_of, weighed
from include.models.names import AMID, BESIDE, CAPITAL, FREE, Name
from tests.unit.include.models.test_names import name

ORDINARY = frozenset({"time", "the", "us", "it", "real", "simple", "out"})


def called(*items: Item) -> dict[str, tuple[str, str, str | None]]:
    return {n.words: (n.what, n.name, n.item_id) for n in names_of(items)}


@pytest.mark.parametrize(
    ("written", "brand"),
    [
        ("Sony", "Sony"),
        ("by Sony", "Sony"),
        ("Brand: Sony", "Sony"),
        ("Visit the Sony Store", "Sony"),
        ("By Terry", "By Terry"),
        ("App Store", "App Store"),
        ("F&amp;amp;W", "F&W"),
        ("<b>Sony</b>", "Sony"),
        ("a { color: red }", None),
        ("https://acme.example", None),
        ("Amazon.com", None),
        ("Unknown", None),
        ("N/A", None),
        ("...", None),
        ("", None),
        (None, None),
    ],
)
def test_brands_are_cleaned_of_what_pages_say(written: str | None, brand: str | None) -> None:
    assert brand_of(written) == brand


@pytest.mark.parametrize(
    ("title", "head"),
    [
        ("Sony WH-1000XM4 Headphones, Black (Renewed)", "Sony WH-1000XM4 Headphones"),
        ("SmartMoney (1-year)", "SmartMoney"),
        ("Newsweek - Regular ed", "Newsweek"),
        ("Part 2: The Return", "Part 2"),
        ("A-Team", "A-Team"),
        ("(untitled)", "(untitled)"),
    ],
)
def test_a_title_is_called_by_what_is_before_its_first_mark(title: str, head: str) -> None:
    assert head_of(title) == head


def shop(*titles: str) -> list[Item]:
    """Brand and category are its first and its last word before the comma."""
    return [Item("shop", f"i{n}", t, t.split(" ")[0], head_of(t).split(" ")[-1]) for n, t in enumerate(titles)]


LAMPS = shop("Alder Pro desk lamp, red", "Brisk Mini desk lamp, red", "Alder Duo desk lamp, red", "Alder One pan, blue",
             "Alder Uno pan, blue", "Brisk One tent, red")  # fmt: skip


def test_kinds_end_titles_after_different_words() -> None:
    found = called(*LAMPS)
    assert {words for words, (what, *_) in found.items() if what == "kind"} == {"desk lamp"}
    assert found["alder pro desk lamp red"] == ("title", "Alder Pro desk lamp, red", "i0")
    assert found["alder pro desk lamp"] == ("title", "Alder Pro desk lamp, red", "i0")
    assert found["alder"] == ("brand", "Alder", None)
    assert "alder pro" not in found


def test_works_are_called_without_their_kind_and_article() -> None:
    works = (
        [f"{w} Magazine" for w in ("Time", "Star", "Atlas")]
        + [f"Work {n} of {n}" for n in "abcdefgh"]
        + ["The Believer"]
    )
    found = called(*(Item("s", title, title, None) for title in works))
    assert found["magazine"] == ("kind", "magazine", None)
    assert found["time"] == ("title", "Time Magazine", "Time Magazine")
    assert found["believer"] == ("title", "The Believer", "The Believer")


def test_few_titles_of_one_end_are_no_kind() -> None:
    assert kinds_of([("pro lamp", "Lamps"), ("mini lamp", "Lamps")]) == (set(), False)
    assert kinds_of([("pro lamp", None)] * 9 + [("one pro lamp", None), ("two pro lamp", None)])[0] == set()
    assert kinds_of([]) == (set(), False)


def test_words_that_end_titles_of_any_category_are_no_kind() -> None:
    films = [
        (f"{word}{n} {end}", f"genre {n % 3}") for word in "abc" for n in range(40) for end in ("love", "night", "man")
    ]
    assert kinds_of([*films, *((f"{n} of {n}", "genre 0") for n in range(3000))]) == (set(), False)
    shop = [(f"{word}{n} {end}", end) for word in "abc" for n in range(40) for end in ("pot", "lamp", "tent")]
    assert kinds_of(shop) == ({"pot", "lamp", "tent"}, True)


def test_a_name_of_several_items_is_of_none() -> None:
    found = called(
        Item("s", "1", "Atlas (print)", None), Item("s", "2", "Atlas (online)", None), Item("s", "3", "Orb", None)
    )
    assert found["atlas"] == ("title", "Atlas", None)
    assert found["atlas print"] == ("title", "Atlas (print)", "1")
    assert found["orb"] == ("title", "Orb", "3")


def test_a_small_part_of_a_title_is_not_its_item() -> None:
    found = called(Item("s", "1", "Life Weekly (1938) The Maginot Line and many other things of the year", None))
    assert found["life weekly"] == ("title", "Life Weekly", None)


def test_brands_are_called_without_their_legal_form_as_most_items_write_them() -> None:
    found = called(Item("s", "1", None, "ACME Inc."), Item("s", "2", None, "Acme"), Item("s", "3", None, "Acme"))
    assert found == {"acme": ("brand", "Acme", None), "acme inc": ("brand", "ACME Inc.", None)}


def test_a_title_counts_before_a_brand_and_that_before_a_part_of_a_title() -> None:
    assert called(Item("s", "1", "Rolling Stone", "Rolling Stone LLC"))["rolling stone"][0] == "title"
    assert called(Item("s", "1", "Sony - K 1 2 3", "Sony"))["sony"][0] == "brand"


def test_what_nobody_writes_is_no_name() -> None:
    for title in ("x", "1938", "😀", "...", " ".join(["word"] * 13), "L" * 10_000 + " " + "word " * 13):
        assert called(Item("s", "1", title, None)) == {}, title


def test_the_order_of_items_means_nothing() -> None:
    items = [
        *LAMPS,
        Item("b", "i0", "Atlas", "ACME"),
        Item("b", "i1", "atlas", "Acme"),
        Item("b", "i2", "Atlas!", "acme"),
    ]
    once = names_of(items)
    for seed in range(5):
        assert names_of(random.Random(seed).sample(items, len(items))) == once


@pytest.mark.parametrize(
    ("words", "read", "needs"),
    [
        ("xiaomi", Read(), FREE),
        ("time", Read(), AMID),
        ("time", Read(90, 10), AMID),
        ("time", Read(1, 19), CAPITAL),
        ("ukulele", Read(9, 1), AMID),
        ("gourmet", Read(4, 16), CAPITAL),
        ("hp", Read(), AMID),
        ("us", Read(), BESIDE),
        ("us", Read(0, 9), BESIDE),
        ("real simple", Read(), CAPITAL),
        ("real simple", Read(1, 2), FREE),
        ("real xiaomi", Read(), FREE),
        ("time magazine", Read(), AMID),
        ("the magazine", Read(), BESIDE),
        ("real time simple out", Read(), FREE),
        ("小米", Read(), FREE),
        ("سامسونج", Read(), FREE),
        ("نور", Read(), BESIDE),
    ],
)
def test_the_more_ordinary_a_name_the_more_it_needs(words: str, read: Read, needs: int) -> None:
    of = Name("s", words, "title", words, None, FREE)
    assert needed(of, read, ORDINARY, {("s", "magazine")}) == needs


def test_texts_of_its_own_source_tell_how_ordinary_a_name_is() -> None:
    grove, pike = name("Grove", "brand"), name("Pike", "brand")
    texts = {"shop": ["I asked Grove for help and a pike, Pike."] * 5 + ["I ASKED GROVE FOR HELP HERE", "Grove"],
             "other": ["we walked into a grove of trees"] * 99}  # fmt: skip
    found = {n.name: n.needs for n in weighed([grove, pike], texts, frozenset({"grove", "pike"}))}
    assert found == {"Grove": CAPITAL, "Pike": AMID}


def test_only_ordinary_words_near_a_name_are_kept() -> None:
    assert others_of([name("Notion"), name("Lamp")], "shop", ["nation", "notion", "lump", "station"]) == ["nation"]
    assert others_of([name("Notion")], "other", ["nation"]) == []
