"""Reading trait files: every mistake becomes one line with its file and line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from include.errors import BadInput
from include.traits.columns import columns_of
from include.traits.model import Trait, mistakes

LARGEST_FILE = 1_000_000  # bytes
DEEPEST = 20  # brackets within brackets; a trait needs three
_PATHS = (".yaml", ".yml")


def load_traits(folders: Iterable[Path]) -> tuple[Trait, ...]:
    """All traits of the YAML files in `folders`, by column name. A file holds one, or several separated by `---`.

    Raises BadInput that lists every mistake of every file, one line each, or a folder that is not there.
    """
    found: list[tuple[Trait, str]] = []
    wrong: list[str] = []
    for folder in folders:
        if not folder.is_dir():
            raise BadInput(f"{folder}: no such folder of traits; mend PORTRAIT_TRAITS")
        for file in sorted(p for p in folder.iterdir() if p.suffix in _PATHS):
            for line, trait in _read(file):
                if isinstance(trait, Trait):
                    found.append((trait, f"{file}:{line}"))
                else:
                    wrong.append(f"{file}:{line}: {trait}")
    wrong += _doubled(found)
    if wrong:
        raise BadInput("\n".join(wrong))
    return tuple(sorted((t for t, _ in found), key=lambda t: t.column))


def _read(file: Path) -> Iterator[tuple[int, Trait | str]]:
    """(line, trait) or (line, what is wrong) for each document of the file."""
    try:
        if file.stat().st_size > LARGEST_FILE:
            yield 1, f"is larger than {LARGEST_FILE} bytes; a trait is a few lines"
            return
        text = file.read_text(encoding="utf-8")
        for line, wrong in _dangers(text):
            yield line, wrong
            return
        loader = yaml.SafeLoader(text)
        while loader.check_node() and (node := loader.get_node()) is not None:
            yield from _trait(loader, node)
    except yaml.MarkedYAMLError as e:
        yield _row(e.problem_mark or e.context_mark), f"is not YAML: {e.problem or e.context}"
    except (yaml.YAMLError, OSError, ValueError) as e:  # ValueError: no UTF-8, an impossible date
        yield 1, f"cannot be read: {str(e).splitlines()[0]}"


def _dangers(text: str) -> Iterator[tuple[int, str]]:
    """What makes a short file endless: aliases of aliases, and depth."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            yield _row(event.start_mark), "uses a YAML alias (*); write the value out"
        if depth > DEEPEST:
            yield _row(event.start_mark), "is nested too deeply"


def _trait(loader: yaml.SafeLoader, node: yaml.Node) -> Iterator[tuple[int, Trait | str]]:
    start = _row(node.start_mark)
    if isinstance(node, yaml.ScalarNode) and not node.value:
        return  # an empty document, as after a last `---`
    if not isinstance(node, yaml.MappingNode):
        yield start, "a trait is a mapping that starts with `trait: name`"
        return
    doubled = list(_doubled_keys(node))
    yield from doubled
    if doubled:
        return
    value = loader.construct_document(node)
    try:
        trait = Trait.model_validate(value)
    except ValidationError as e:
        for error in e.errors(include_url=False, include_context=False, include_input=False):
            yield _line(node, error["loc"]), _message(error)
        return
    wrong = [(_line(node, path), f"{'.'.join(path)}: {message}") for path, message in mistakes(trait)]
    yield from wrong
    if not wrong:
        yield start, trait


def _row(mark: Any) -> int:
    """Line number of a place in the file, from 1; 1 where YAML does not say."""
    return mark.line + 1 if mark else 1


def _message(error: Any) -> str:
    path = ".".join(str(p) for p in error["loc"])
    texts = {"missing": "is missing", "extra_forbidden": "is no field of a trait" if len(error["loc"]) == 1
             else "is not known here"}  # fmt: skip
    return f"{path}: {texts.get(error['type'], error['msg'].removeprefix('Value error, '))}"


def _line(node: yaml.Node, path: tuple[int | str, ...]) -> int:
    """Line of the deepest part of `path` that the file has."""
    line = _row(node.start_mark)
    for part in path:
        if not isinstance(node, yaml.MappingNode):
            break
        pair = next(((k, v) for k, v in node.value if k.value == part), None)
        if pair is None:
            break
        line, node = _row(pair[0].start_mark), pair[1]
    return line


def _doubled_keys(node: yaml.Node) -> Iterator[tuple[int, str]]:
    """YAML keeps the last of two equal keys without a word."""
    if isinstance(node, yaml.MappingNode):
        seen: set[object] = set()
        for key, value in node.value:
            if isinstance(key.value, str) and key.value in seen:
                yield _row(key.start_mark), f"{key.value}: is given twice"
            seen.add(key.value if isinstance(key.value, str) else id(key))
            yield from _doubled_keys(value)


def _doubled(found: Iterable[tuple[Trait, str]]) -> Iterator[str]:
    """Two traits that would write one column."""
    places: dict[str, str] = {}
    for trait, place in found:
        for column in columns_of(trait):
            if column.name in places:
                yield f"{place}: trait: column {column.name} is already that of {places[column.name]}; rename one"
            else:
                places[column.name] = place
