"""Charts as SVG, drawn here once: a page needs no script to show them. Colours are those of the page's style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

_WIDTH, _ROW, _HEIGHT = 560, 20, 200
_COLOURS = [f"var(--series-{n})" for n in range(1, 7)]
_INK, _LINE = "var(--ink)", "var(--line)"


@dataclass(frozen=True)
class Chart:
    """A title, what was drawn, and the numbers it was drawn from: `names` of columns and `rows`."""

    title: str
    svg: str
    names: tuple[str, ...]
    rows: Sequence[tuple[object, ...]]

    def html(self) -> str:
        """The drawing, and below it the numbers for whoever does not see it."""
        return (
            f'<figure><figcaption>{escape(self.title)}</figcaption><div class="chart" role="img" '
            f'aria-label="{escape(self.title)}; the numbers are in the table below">{self.svg}</div>'
            f"<details><summary>As a table</summary>{table(self.names, self.rows)}</details></figure>"
        )


def table(names: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Rows as HTML; numbers to the right."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    body = "".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in rows)
    return f'<div class="scroll" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def bars(title: str, of: str, rows: Sequence[tuple[str, float]], unit: str) -> Chart:
    """One lying bar a name, in the order given."""
    import altair as alt

    values = [{"name": name, "n": n} for name, n in rows]
    drawn = (
        alt.Chart(_data(values), width=_WIDTH - 160, height=max(1, len(rows)) * _ROW)
        .mark_bar(color=_COLOURS[0])
        .encode(
            x=alt.X("n:Q", title=unit, axis=alt.Axis(tickMinStep=1, tickCount=5)),
            y=alt.Y("name:N", title=None, sort=None, axis=alt.Axis(labelLimit=200)),
        )
    )
    return Chart(title, _svg(drawn), (of, unit), rows)


def columns(title: str, of: str, rows: Sequence[tuple[str, float]], unit: str) -> Chart:
    """One standing bar a name, in the order given: for names that have one."""
    import altair as alt

    values = [{"name": name, "n": n} for name, n in rows]
    drawn = (
        alt.Chart(_data(values), width=_WIDTH, height=_HEIGHT)
        .mark_bar(color=_COLOURS[0])
        .encode(
            x=alt.X("name:N", title=of, sort=None, axis=alt.Axis(labelAngle=0 if len(rows) < 13 else -45)),
            y=alt.Y("n:Q", title=unit, axis=alt.Axis(tickMinStep=1, tickCount=5)),
        )
    )
    return Chart(title, _svg(drawn), (of, unit), rows)


def over_time(title: str, rows: Sequence[tuple[date, str, float]], unit: str) -> Chart:
    """One line a kind, by day."""
    import altair as alt

    kinds = list(dict.fromkeys(kind for _, kind, _ in rows))
    values = [{"day": str(day), "kind": kind, "n": n} for day, kind, n in rows]
    drawn = (
        alt.Chart(_data(values), width=_WIDTH, height=_HEIGHT)
        .mark_line(point=len({day for day, _, _ in rows}) < 2)
        .encode(
            x=alt.X("day:T", title=None, axis=alt.Axis(format={"quarter": "%b", "month": "%b"})),
            y=alt.Y("n:Q", title=unit, axis=alt.Axis(tickCount=5)),
            color=alt.Color("kind:N", title=None, scale=alt.Scale(domain=kinds, range=_COLOURS[: len(kinds)])),
            strokeDash=alt.StrokeDash("kind:N", title=None, scale=alt.Scale(domain=kinds)),  # also without colours
        )
    )
    return Chart(title, _svg(drawn), ("day", "kind", unit), rows)


def _data(rows: list[dict[str, Any]]) -> Any:
    import altair as alt

    return alt.Data(values=rows)  # type: ignore[no-untyped-call]


def _svg(chart: Any) -> str:
    import vl_convert

    room = {"left": 25, "right": 10, "top": 5, "bottom": 5}  # for a reader's fonts, which may be wider
    dressed = (
        chart.configure(background="transparent", font="system-ui, sans-serif", padding=room)
        .configure_axis(
            labelColor=_INK,
            titleColor=_INK,
            gridColor=_LINE,
            domainColor=_LINE,
            tickColor=_LINE,
            titleFontWeight="normal",
        )
        .configure_legend(labelColor=_INK, orient="top", symbolSize=300)
        .configure_view(stroke=None)
    )
    drawn: str = vl_convert.vegalite_to_svg(dressed.to_json())
    return drawn.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)


def _cell(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        shown = f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"
        return f'<td class="number">{shown}</td>'
    return f"<td>{escape('' if value is None else str(value))}</td>"
