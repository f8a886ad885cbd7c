"""The data dictionary, from the declarations: `python -m include.derive.page` writes docs/tables.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from include.derive.flow import flow
from include.settings import ROOT
from include.tables import TABLES, Table
from include.tables.model import Column
from include.traits.columns import dictionary, trait_columns
from include.traits.load import load_traits
from include.traits.model import Trait

PAGE = ROOT / "docs" / "tables.md"
_WIDE = ("gold.user_profile_history", "gold.user_profiles")
TRAIT_HEAD = ("column", "type", "unit", "privacy", "window", "from", "meaning")
LAYERS = {
    "bronze": "What landed, as it was. Holds raw identifiers: it has a root of its own and no query reaches it.",
    "silver": "Clean rows, with pseudonyms instead of identifiers.",
    "gold": "Exact daily partials, and the profiles computed from them.",
    "meta": "What ran, what was checked, what became of each landed row. Append only.",
}
CLASSES = {
    "identifier": "names a person; bronze only",
    "pseudonym": "keyed hash of an identifier",
    "quasi_identifier": "narrows a person down together with others",
    "free_text": "a person wrote it",
    "none": "says nothing about a person by itself",
}


def to_markdown(tables: Mapping[str, Table], traits: Sequence[Trait]) -> str:
    """The page. `tables` are the declarations without trait columns: those are told once, with the traits."""
    parts = [
        "# Tables",
        "",
        "Written by `python -m include.derive.page` from `include/tables` and `traits`; do not edit it.",
        'A query: `portrait sql "select * from gold.user_profiles limit 5"`. All times are UTC.',
        "",
        *_flow(),
        "",
        "Privacy classes: " + "; ".join(f"`{name}` {about}" for name, about in CLASSES.items()) + ".",
        "",
    ]
    for layer, about in LAYERS.items():
        mine = [table for table in tables.values() if table.layer == layer]
        parts += [f"## {layer.capitalize()}", "", about, ""]
        for table in mine:
            parts += _table(table)
    return "\n".join([*parts, *_traits(traits)]) + "\n"


def _flow() -> list[str]:
    """What is computed from what, as a diagram."""
    nodes = {name: f"{name.replace('.', '_')}[({name})]" for edge in flow() for name in edge}
    return ["```mermaid", "flowchart LR", *(f"  {nodes[a]} --> {nodes[b]}" for a, b in flow()), "```"]


def facts_of(table: Table, names: Callable[[Iterable[str]], str] = ", ".join) -> list[tuple[str, str]]:
    """What holds for a table as a whole; `names` writes those of columns."""
    facts = [
        ("one row is", table.grain),
        ("key", names(table.key)),
        ("partitioned by", names(table.partition_by)),
        ("a run replaces whole", names(table.replaced_by) if table.replaced_by else "nothing, rows are only added"),
        ("written by", table.application if table.application != "any" else "all applications"),
        ("owner", table.owner),
    ]
    return [fact for fact in facts if fact[1]]


def _table(table: Table) -> list[str]:
    shown = [f"- {name}: {value}" for name, value in facts_of(table, _names)]
    wide = ["", "Then one or more columns for each [trait](#traits)."] if table.name in _WIDE else []
    return [f"### {table.name}", "", table.about, "", *shown, "", *_columns(table.columns), *wide, *_rules(table), ""]


def _columns(columns: Iterable[Column]) -> list[str]:
    rows = [(f"`{c.name}`", f"`{c.type}`", c.unit or "", str(c.privacy), meaning(c)) for c in columns]
    return _grid(("column", "type", "unit", "privacy", "meaning"), rows)


def meaning(column: Column) -> str:
    notes = [] if column.nullable else ["never null"]
    if column.allowed:
        notes.append("one of " + ", ".join(column.allowed))
    if column.low is not None:
        notes.append(f"at least {column.low}")
    if column.high is not None:
        notes.append(f"at most {column.high}")
    return column.about + (f" ({'; '.join(notes)})" if notes else "")


def _rules(table: Table) -> list[str]:
    if not table.rules:
        return []
    return ["", *(f"- rule `{rule.name}` ({rule.severity}): {rule.why}" for rule in table.rules)]


def _traits(traits: Sequence[Trait]) -> list[str]:
    parts = [
        "## Traits",
        "",
        "Columns of `gold.user_profiles`, `gold.user_profile_history` and `user_profiles_asof`. `status` says for each",
        "trait `value`, or why there is none. `user_profiles_asof` adds `days_since_<column>` for each last day.",
        "",
    ]
    parts += _grid(TRAIT_HEAD, [(f"`{name}`", f"`{kind}`", *rest) for name, kind, *rest in trait_rows(traits)])
    beside = [c for c in trait_columns(traits) if c.name not in {t.column for t in traits}]
    if beside:
        parts += ["", "Beside them, what they were divided from:", "", *_columns(beside)]
    return parts


def trait_rows(traits: Sequence[Trait]) -> list[tuple[object, ...]]:
    """A row a trait, under TRAIT_HEAD."""
    return [
        (t["name"], t["type"], t["unit"] or "", t["privacy"], t["window"], t["from"], t["meaning"])
        for t in dictionary(traits)
    ]


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _grid(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(to_markdown(TABLES, load_traits([ROOT / "traits"])), "utf-8")
