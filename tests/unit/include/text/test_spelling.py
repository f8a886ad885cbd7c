from __future__ import annotations

import pytest

from include.text.spelling import Meant, Spelling, plain, slips, words


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("Reader's Digest", "readers digest"),
        ("Better Homes & Gardens", "better homes and gardens"),
        ("CONDÉ NAST", "conde nast"),
        ("WH-1000XM4", "wh 1000xm4"),
        ("Straße", "strasse"),
        ("我爱小米手机", "我 爱 小 米 手 机"),
        ("X JAPAN 后藤", "x japan 后 藤"),
        ("شركة سامسونج", "شركة سامسونج"),
        ("😀 .*(", ""),
        ("", ""),
    ],
)
def test_words_are_compared_without_what_people_write_in_many_ways(written: str, compared: str) -> None:
    assert plain(written) == compared


def test_words_say_where_they_are() -> None:
    text = "Ah, «Reader's» wh-1000!"
    spans, said = words(text)
    assert [text[a:b] for a, b in spans] == ["Ah", "Reader's", "wh", "1000"]
    assert said == ["ah", "readers", "wh", "1000"]


@pytest.mark.parametrize(
    ("one", "other", "n"),
    [
        ("same", "same", 0),
        ("abc", "abdc", 1),
        ("abdc", "abc", 1),
        ("abc", "axc", 1),
        ("abcd", "acbd", 1),
        ("", "ab", 2),
    ],
)
def test_slips_are_letters_added_dropped_changed_or_swapped(one: str, other: str, n: int) -> None:
    assert slips(one, other) == slips(other, one) == n


def test_one_slip_is_forgiven_in_six_letters_and_two_in_twelve() -> None:
    known = Spelling(frozenset({"samsung", "lucen", "housekeeping"}))
    assert known.meant("samsng") == Meant("samsung", 1)
    assert known.meant("smasung") == Meant("samsung", 1)
    assert known.meant("samsuung") == Meant("samsung", 1)
    assert known.meant("houskeping") == Meant("housekeeping", 2)
    for other in ("samsug2", "smsng", "lucer", "hoskeping", "tamsung", "samsungs", "samsung"):
        assert known.meant(other) is None, other


def test_a_word_that_may_be_two_is_none() -> None:
    assert Spelling(frozenset({"marlow", "barlow"})).meant("arlow") is None
    assert Spelling(frozenset({"morlow", "marlow"})).meant("mrlow") is None
    assert Spelling(frozenset({"marlow", "mallow"})).meant("marlw") == Meant("marlow", 1)
