"""Chinese words."""

from __future__ import annotations

from include.text.chinese import words


def test_text_without_spaces_is_cut_into_words():
    assert words("我非常喜欢这本杂志。") == ["我", "非常", "喜欢", "这本", "杂志"]


def test_marks_are_no_words():
    assert words("！！！😀") == []
    assert words("") == []
