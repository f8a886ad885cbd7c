"""YAML that remembers its lines, so that every mistake can name its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

Loc = tuple[str | int, ...]
_LARGEST = 256 * 1024
_MOST_NODES = 20_000


class MistakesError(ValueError):
    """MistakesError of one file: (line, message), in the order of the lines."""

    def __init__(self, mistakes: list[tuple[int, str]]) -> None:
        self.mistakes = sorted(mistakes)
        super().__init__(f"{len(mistakes)} mistakes")


def read_yaml(file: Path) -> tuple[Any, dict[Loc, int]]:
    """The data of a YAML file, and the line of every place in it. Only plain data: nothing is constructed.

    Keys are always texts, and only true and false are truth values: the column `on` stays `on`.
    """
    raw = file.read_bytes()[: _LARGEST + 1]
    if len(raw) > _LARGEST:
        raise MistakesError([(1, f"is larger than {_LARGEST // 1024} KiB; a description is a small file")])
    try:
        node = yaml.compose(raw.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError:
        raise MistakesError([(1, "is not UTF-8 text")]) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise MistakesError(
            [((mark.line if mark else 0) + 1, f"is not YAML: {error.problem or error.context}")]
        ) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise MistakesError([(1, f"is not YAML: {str(error).splitlines()[0][:100]}")]) from None
    if node is None:
        raise MistakesError([(1, "is empty")])
    walk = _Walk()
    data = walk.convert(node, ())
    if walk.mistakes:
        raise MistakesError(walk.mistakes)
    return data, walk.lines


def line_of(lines: Mapping[Loc, int], loc: Loc) -> int:
    """The line of a place in the checked model, which may be spelled shorter in the file; 0: unknown."""
    while loc:
        for spelled in (loc, _without_inputs(loc, keep_index=True), _without_inputs(loc, keep_index=False)):
            if spelled in lines:
                return lines[spelled]
        loc = loc[:-1]
    return lines.get((), 0)


def _without_inputs(loc: Loc, *, keep_index: bool) -> Loc:
    """A feed may be a list of inputs, or one input spelled out in the feed itself."""
    if loc[:1] != ("feeds",) or loc[2:3] != ("inputs",):
        return loc
    return (*loc[:2], *loc[3:]) if keep_index else (*loc[:2], *loc[4:])


def shown(file: Path) -> str:
    """The path as short as it can be written from here."""
    try:
        return str(file.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(file)


class _Walk:
    def __init__(self) -> None:
        self.lines: dict[Loc, int] = {}
        self.mistakes: list[tuple[int, str]] = []
        self._scalars = yaml.constructor.SafeConstructor()
        self._n = 0

    def convert(self, node: yaml.Node, loc: Loc) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(loc, line)
        self._n += 1
        if self._n > _MOST_NODES or len(loc) > 50:  # aliases can make a small file endless
            raise MistakesError([(line, "holds too much, or is nested too deeply")])
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, loc)
        if isinstance(node, yaml.SequenceNode):
            return [self.convert(child, (*loc, i)) for i, child in enumerate(node.value)]
        if node.tag.endswith(":bool") and node.value.lower() not in ("true", "false"):
            return str(node.value)  # a column named on, a country NO
        try:
            return self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError):
            return str(node.value)  # 2019-13-01: the model says what is wrong with it

    def _mapping(self, node: yaml.MappingNode, loc: Loc) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self.mistakes.append((line, "a name must be plain text"))
                continue
            name = str(key.value)
            if name in data:
                self.mistakes.append((line, f"{name} is given twice"))
            self.lines[(*loc, name)] = line
            data[name] = self.convert(value, (*loc, name))
        return data
