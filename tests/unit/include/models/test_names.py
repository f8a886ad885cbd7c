"""Where texts speak of names, and where they do not."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.errors import BadInput
from include.models.names import AMID, BESIDE, CAPITAL, FREE, Name, Names, Span, load, save
from include.text.spelling import plain


def name(written: str, what: str = "title", needs: int = FREE, item: str | None = None, source: str = "shop") -> Name:
    return Name(source, plain(written), what, written, item, needs)  # type: ignore[arg-type]


def names(*of: Name, others: tuple[str, ...] = ()) -> Names:
    return Names(tuple(sorted(of)), tuple(("shop", word) for word in others))


def found(known: Names, text: str) -> list[tuple[str, float]]:
    return [(text[s.start : s.end], s.confidence) for s in known.matches(text)]


def test_a_span_says_where_what_and_of_which_item() -> None:
    known = names(name("Acme", "brand"), name("Acme K200 kettle, red", item="i1"), name("kettle", "kind"))
    assert known.matches("My Acme has a kettle like acme k200 Kettle red.") == [
        Span(3, 7, "organisation", 0.95, "Acme", "shop", None),
        Span(14, 20, "product", 0.95, "kettle", "shop", None),
        Span(26, 46, "product", 0.95, "Acme K200 kettle, red", "shop", "i1"),
    ]


def test_names_of_two_sources_lie_over_each_other_and_those_of_one_do_not() -> None:
    known = names(name("Acme", "brand"), name("Acme Kettle"), name("Acme", "brand", source="other"))
    spans = known.matches("the Acme Kettle")
    assert sorted((s.source, s.start, s.end) for s in spans) == [("other", 4, 8), ("shop", 4, 15)]


@pytest.mark.parametrize(
    ("text", "confidence"),
    [
        ("a Consumer Reports", 0.95),
        ("a consumer reports", 0.95),
        ("a CONSUMER-REPORTS.", 0.95),
        ("Consumer Reports' view", 0.95),
        ("a ConsumerReports", 0.9),
        ("a Consumr Reports", 0.807),
        ("a Consumr Reprots", 0.712),
        ("a Cnsmr Reports", None),
        ("a consumerreports", None),
        ("a consumer who reports", None),
    ],
)
def test_the_farther_from_the_name_the_less_sure(text: str, confidence: float | None) -> None:
    assert [c for _, c in found(names(name("Consumer Reports")), text)] == ([] if confidence is None else [confidence])


def test_spaces_accents_apostrophes_and_marks_are_written_in_many_ways() -> None:
    known = names(name("WH-1000XM4"), name("Condé Nast", "brand"), name("Reader's Digest"), name("H&M", "brand"))
    text = "a WH1000XM4, wh 1000xm4 for a reader of CONDE NAST, or Readers Digest, then Reader’s Digest; H & M"
    assert [t for t, _ in found(known, text)] == ["WH1000XM4", "wh 1000xm4", "CONDE NAST", "Readers Digest",
                                                  "Reader’s Digest", "H & M"]  # fmt: skip


def test_a_genitive_is_not_of_the_name_and_many_of_a_thing_are_things() -> None:
    known = names(name("Lego", "brand"), name("Ivo", "brand"))
    assert found(known, "a part of Lego's, from those two Legos and Ivo's") == [
        ("Lego", 0.95),
        ("Legos", 0.85),
        ("Ivo", 0.95),
    ]
    known = names(name("Vermeer", "brand"), name("herb box", "kind"), name("pony", "kind"), name("kettle", "kind"))
    text = "Vermeer's, two Vermeers, herb boxes, ponies, kettles and vermeers"
    assert found(known, text) == [("Vermeer", 0.95), ("Vermeers", 0.85), ("herb boxes", 0.95), ("ponies", 0.95),
                                  ("kettles", 0.95)]  # fmt: skip


def test_a_word_that_is_right_as_it_is_is_no_slip() -> None:
    assert found(names(name("Notion", "brand")), "a nation") == [("nation", 0.807)]
    assert found(names(name("Notion", "brand"), others=("nation",)), "a nation") == []


TIME = names(name("Time", needs=AMID), name("magazine", "kind"))


@pytest.mark.parametrize(
    "text",
    [
        "I read Time every week.",
        "No better than Time, Newsweek or others.",
        "I love Time magazine.",
        "Time magazine came.",
        "Love Time.",
    ],
)
def test_an_ordinary_word_is_a_name_amid_a_sentence_or_beside_its_kind(text: str) -> None:
    assert ("time", 0.85) in [(t.lower(), c) for t, c in found(TIME, text)]


@pytest.mark.parametrize(
    "text",
    [
        "I have no time.",
        "Time is short. Time flies",
        "From the New York Time Square",
        "The Prime Time show, again Time Warner",
        "I HAVE NO TIME FOR THIS THING",
        "Every Single Time I Read This Paper",
        "Outdoor Time magazine",
        "My second time magazine came",
        "The Times are bad",
        "TIMELY",
    ],
)
def test_an_ordinary_word_is_none_elsewhere(text: str) -> None:
    assert [t for t, _ in found(TIME, text) if t.lower() == "time"] == []


def test_a_word_that_sentences_are_made_of_needs_both() -> None:
    us = names(name("Us", needs=BESIDE), name("magazine", "kind"))
    assert found(us, "I like Us magazine")[0] == ("Us", 0.85)
    assert [t for t, _ in found(us, "It tells us magazine news of the US, Us weekly") if t != "magazine"] == []


def test_a_name_of_ordinary_words_has_a_capital_anywhere() -> None:
    simple = names(name("Real Simple", needs=CAPITAL), name("LG", "brand", needs=CAPITAL), name("eBay", needs=CAPITAL))
    text = "Real Simple is real simple. LG, lg, Lg; eBay, ebay"
    assert [t for t, _ in found(simple, text)] == ["Real Simple", "LG", "eBay"]


def test_chinese_has_no_spaces_and_names_are_found_in_it() -> None:
    known = names(name("小米", "brand"), name("红米手机"))
    assert found(known, "我买了红米手机，小米的Note很好") == [("红米手机", 0.95), ("小米", 0.95)]


def test_other_scripts_have_spaces() -> None:
    known = names(name("سامسونج", "brand"), name("Время и место"))
    assert [t for t, _ in found(known, "اشتريت سامسونج؛ читаю Время и место")] == ["سامسونج", "Время и место"]


HOSTILE = (
    "a+b(c)*[d]",
    ".*",
    "x",
    "😀😀",
    "שלום עולם",
    "ab\u200fcd ef",
    "L" * 10_000,
    "''",
    "&",
    "a'b’c d",
    "İstanbul bank",
)


def test_hostile_names_are_names_or_nothing() -> None:
    written = [w for w in HOSTILE if plain(w)]
    known = names(*(name(w) for w in written))
    for text in (*HOSTILE, " ".join(HOSTILE), "the " * 3000, "", " ", "\n", "'s", "s", "’s’s"):
        spans = known.matches(text)
        assert all(0 <= s.start < s.end <= len(text) for s in spans)
    for w in written:
        assert plain(w) in [plain(w[s.start : s.end]) for s in known.matches(w)], w


WORDS = st.sampled_from(
    ["Acme", "acme's", "Acmee", "Red", "k", "200", "k200", "kettle", "KETTLE", "kettles", "ktetle", "小", "米", "&", "and",
     "Time", "us", "magazine", ".", ",", "-", "\n"]
)  # fmt: skip
KNOWN = names(
    name("Acme", "brand", AMID), name("Acme Red"), name("K200", item="i1"), name("kettle", "kind"), name("小米", "brand"),
    name("Time", needs=AMID), name("magazine", "kind"), name("Acme and Time", source="other"), name("Us", needs=BESIDE),
)  # fmt: skip


@given(st.lists(WORDS, max_size=12).map(" ".join))
def test_spans_lie_in_the_text_in_order_and_those_of_a_source_apart(text: str) -> None:
    spans = KNOWN.matches(text)
    assert KNOWN.matches(text) == spans
    assert [s.start for s in spans] == sorted(s.start for s in spans)
    for source in ("shop", "other"):
        of = [s for s in spans if s.source == source]
        assert all(a.end <= b.start for a, b in pairwise(of))
    for s in spans:
        assert 0 <= s.start < s.end <= len(text)
        assert 0 < s.confidence <= 1
        if s.confidence == 0.95 and s.name not in ("kettle", "magazine"):
            assert plain(text[s.start : s.end]) == plain(s.name)


def test_what_is_saved_is_what_is_loaded_in_the_same_bytes(tmp_path: Path) -> None:
    known = names(name("Acme", "brand", AMID), name("小米", item="i"), others=("acne",))
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    shuffled = list(known.names)
    random.Random(1).shuffle(shuffled)
    digest = save(known, folders[0])
    assert save(replace(known, names=tuple(sorted(shuffled))), folders[1]) == digest
    assert load(folders[0], digest, "names") == known
    (folders[0] / "names.json").write_text("{}")
    with pytest.raises(BadInput, match=r"model names: names\.json is not what was registered"):
        load(folders[0], digest, "names")
