"""The data dictionary as a page: how tables flow into each other, and every table, column and trait."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from html import escape

from include.derive.flow import depths, flow
from include.derive.page import CLASSES, LAYERS, TRAIT_HEAD, facts_of, meaning, trait_rows
from include.pages.charts import table as grid
from include.pages.page import Section, facts, page
from include.tables import Table
from include.tables.model import Column
from include.traits.model import Trait

_CODE = re.compile("`([^`<]+)`")  # as declarations write names
_STEP, _ROW, _BOX, _HIGH, _EDGE = 226, 34, 190, 24, 6
_ABOUT = "Every table, what a row and a column of it mean, in which unit, and how far it reaches back to a person."


def dictionary(tables: Mapping[str, Table], traits: Sequence[Trait], links: Sequence[tuple[str, str]]) -> str:
    """The page. `tables` are the declarations without trait columns, which are told once, with the traits."""
    sections = [Section("Flow", _flow(tables)), Section("Privacy classes", facts(CLASSES.items()))]
    for layer, about in LAYERS.items():
        mine = "".join(_table(table) for table in tables.values() if table.layer == layer)
        sections.append(Section(layer.capitalize(), f"<p>{escape(about)}</p>{mine}"))
    told = grid(TRAIT_HEAD, trait_rows(traits))
    sections.append(Section("Traits", f"<p>Columns of gold.user_profiles and of its history.</p>{told}"))
    return _CODE.sub(r"<code>\1</code>", page("Data dictionary", _ABOUT, sections, links))


def _table(table: Table) -> str:
    head = f'<h3 id="{table.name}">{table.name}</h3><p>{escape(table.about)}</p>{facts(facts_of(table))}'
    rules = "".join(f"<li>{escape(rule.name)} ({rule.severity}): {escape(rule.why)}</li>" for rule in table.rules)
    return head + _columns(table.columns) + (f"<p>Rules:</p><ul>{rules}</ul>" if rules else "")


def _columns(columns: Sequence[Column]) -> str:
    rows = [(c.name, c.type, c.unit or "", str(c.privacy), meaning(c)) for c in columns]
    return grid(("column", "type", "unit", "privacy", "meaning"), rows)


def _flow(tables: Mapping[str, Table]) -> str:
    """Boxes from left to right, an arrow from each table to those computed from it; below it the same in words."""
    of_depth: dict[int, list[str]] = defaultdict(list)
    for name, depth in depths().items():
        of_depth[depth].append(name)
    places = {name: (x * _STEP, y * _ROW) for x, names in of_depth.items() for y, name in enumerate(names)}
    arrows = "".join(_arrow(places[before], places[after]) for before, after in flow())
    boxes = "".join(_box(name, *place) for name, place in places.items() if name in tables)
    width, high = max(x for x, _ in places.values()) + _BOX + 2, max(y for _, y in places.values()) + _HIGH + 2
    head = (
        f'<marker id="tip" viewBox="0 0 {_EDGE} {_EDGE}" refX="{_EDGE}" refY="{_EDGE / 2}" markerWidth="{_EDGE}" '
        f'markerHeight="{_EDGE}" orient="auto"><path d="M0 0L{_EDGE} {_EDGE / 2}L0 {_EDGE}" class="tip"/></marker>'
    )
    drawn = (
        f'<div class="scroll" tabindex="0"><svg class="flow" width="{width}" height="{high}" viewBox="-1 -1 {width} '
        f'{high}" role="img" aria-label="Tables and what is computed from them; the table below says the same">'
        f"<defs>{head}</defs>{arrows}{boxes}</svg></div>"
    )
    said = grid(("table", "is computed from"), _sources())
    return f"{drawn}<details><summary>As a table</summary>{said}</details>"


def _box(name: str, x: int, y: int) -> str:
    return (
        f'<a href="#{name}"><rect x="{x}" y="{y}" width="{_BOX}" height="{_HIGH}" rx="4"/>'
        f'<text x="{x + 8}" y="{y + 16}">{name}</text></a>'
    )


def _arrow(start: tuple[int, int], end: tuple[int, int]) -> str:
    x, y, to, down = start[0] + _BOX, start[1] + _HIGH // 2, end[0], end[1] + _HIGH // 2
    bend = (_STEP - _BOX) // 2
    return f'<path d="M{x} {y}C{x + bend} {y} {to - bend} {down} {to} {down}" class="arrow"/>'


def _sources() -> list[tuple[str, str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for before, after in flow():
        found[after].append(before)
    return [(after, ", ".join(befores)) for after, befores in found.items()]
