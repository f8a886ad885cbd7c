"""Which language a text is in."""

from __future__ import annotations

import pytest

from include.text.language import detect, language_version


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("I have used this kettle every day for two years and I love it.", "en"),
        ("Great magazine", "en"),
        ("Excellent!", "en"),
        ("so so", "en"),
        ("这个水壶质量很好", "zh"),
        ("Ich benutze diesen Wasserkocher jeden Tag.", "de"),
        ("J'utilise cette bouilloire tous les jours.", "fr"),
        ("毎日このやかんを使っています", "ja"),
        ("이 주전자를 매일 사용합니다", "ko"),
        ("Я пользуюсь этим чайником каждый день.", "ru"),
        ("Muy bueno", None),
        ("This is great! 非常好", None),
        ("", None),
        ("12345 !!! 😀", None),
        ("\ud800 \x00", None),
    ],
)
def test_language_of_a_text(text: str, code: str | None):
    found = detect(text)
    assert found.code == code
    assert 0 <= found.confidence <= 1


def test_of_a_long_text_the_beginning_says_it():
    assert detect("the kettle is good " * 500 + "这个水壶质量很好" * 5000).code == "en"


def test_the_version_says_what_answers_depend_on():
    assert language_version().startswith("py3langid-")
