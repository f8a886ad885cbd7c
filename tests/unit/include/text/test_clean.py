import pytest

from include.text.clean import clean_text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  two\n\tlines ", "two lines"),
        ("<b>bold</b> &amp; <br/>new", "bold & new"),
        ('<span class="a-size-medium a-color-secondary"', None),
        (' Magazines" />', None),
        ("a < b and I <3 this > that", "a < b and I <3 this > that"),
        ("&lt;b&gt; stays as written", "<b> stays as written"),
        ("<script>evil()</script>kept", "kept"),
        ("ﬁne ＡＢＣ", "fine ABC"),
        ("zero\u200bwidth", "zerowidth"),
        ("שלום 你好 🙂", "שלום 你好 🙂"),
        ("", None),
        (None, None),
    ],
)
def test_text_is_cleaned_for_reading(text, clean):
    assert clean_text(text) == clean
