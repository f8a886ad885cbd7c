"""The parts of the README that a program writes: between `<!-- name: ... -->` and `<!-- /name -->`."""

from __future__ import annotations

from include.settings import ROOT

README = ROOT / "README.md"


def write_part(name: str, text: str) -> None:
    """Put `text` in the place of what stands there."""
    whole = README.read_text(encoding="utf-8")
    start = whole.index("\n", whole.index(f"<!-- {name}:")) + 1
    end = whole.index(f"<!-- /{name} -->")
    README.write_text(f"{whole[:start]}{text}\n{whole[end:]}", encoding="utf-8")
