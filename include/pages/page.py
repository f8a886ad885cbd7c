"""The frame of every page: one file, without scripts, that talks to nobody."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

_STYLE = Path(__file__).with_name("style.css").read_text("utf-8")


@dataclass(frozen=True)
class Section:
    """A part of a page with a name to jump to. `html` is markup."""

    title: str
    html: str

    @property
    def anchor(self) -> str:
        return "".join(c if c.isalnum() else "-" for c in self.title.lower())


def page(title: str, about: str, sections: Sequence[Section], links: Iterable[tuple[str, str]] = ()) -> str:
    """The whole page. `links` are (address, text) of other pages."""
    jumps = [(f"#{section.anchor}", section.title) for section in sections]
    listed = "".join(f'<li><a href="{escape(to)}">{escape(text)}</a></li>' for to, text in [*links, *jumps])
    parts = "".join(f'<section><h2 id="{s.anchor}">{escape(s.title)}</h2>{s.html}</section>' for s in sections)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body>'
        f'<a class="skip" href="#content">Skip to the content</a><header><h1>{escape(title)}</h1>'
        f'<p class="about">{escape(about)}</p><nav aria-label="Pages and parts"><ul>{listed}</ul></nav></header>'
        f'<main id="content">{parts}</main></body></html>\n'
    )


def facts(pairs: Iterable[tuple[str, object]]) -> str:
    """Names with their values."""
    return '<dl class="facts">' + "".join(f"<dt>{escape(k)}</dt><dd>{escape(str(v))}</dd>" for k, v in pairs) + "</dl>"


def write(file: Path, html: str, *, mode: int = 0o644) -> None:
    """In place of what was there, at once: somebody may be reading, another run writing the same."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=file.parent, suffix=".part", delete=False) as draft:
        draft.write(html)  # nobody else may read it yet
    Path(draft.name).chmod(mode)
    Path(draft.name).replace(file)
