"""Plain functions on text, tested without Spark."""

from __future__ import annotations

import html
import re
import unicodedata

_HIDDEN = re.compile(r"<(script|style)\b.*?(</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(-->|$)", re.DOTALL)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*(>|$)")
_TAIL_OF_TAG = re.compile(r"^[^<>]*\"\s*/>")  # the end of a tag whose start was cut off
_SPACE = re.compile(r"\s+")
_INVISIBLE = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u200b\u2060\ufeff]")


def clean_text(text: str | None) -> str | None:
    """Text for reading: no markup, entities resolved, Unicode NFKC, single spaces. None if nothing is left.

    `a < b` and `I <3 this` are not markup. Markup that was escaped twice is not resolved twice.
    """
    if text is None:
        return None
    for pattern in (_COMMENT, _HIDDEN, _TAIL_OF_TAG, _TAG):
        text = pattern.sub(" ", text)
    text = unicodedata.normalize("NFKC", html.unescape(text))
    text = _SPACE.sub(" ", _INVISIBLE.sub("", text)).strip()
    return text or None
