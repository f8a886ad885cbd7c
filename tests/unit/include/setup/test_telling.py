from __future__ import annotations

import pytest

from include.setup.telling import telling


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["FATAL:  password authentication failed for user", "(Background on this error at: https://x)"],
         "FATAL:  password authentication failed for user"),
        (["Error: one", "error: two", ""], "error: two"),
        (["starting", "  started  ", " "], "started"),
        ([], "no word"),
        (["x" * 999], "x" * 300),
    ],
)  # fmt: skip
def test_the_line_that_tells_most(lines: list[str], said: str) -> None:
    assert telling(lines) == said
