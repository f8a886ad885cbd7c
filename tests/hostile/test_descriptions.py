"""Descriptions and forms that hostile people wrote: refused, one line for each mistake, or taken and harmless.

Each case puts one hostile value into one field of something that is right otherwise.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from include.errors import BadInput
from include.plan import Plan, resolve_interval
from include.settings import ROOT
from include.sources.load import load_source
from include.traits.columns import dictionary
from include.traits.load import load_traits
from tests.hostile.words import FILES, VALUES, WORDS

Path_ = tuple[str | int, ...]
ANYTHING = (*WORDS, *VALUES)
MARK = Path("/tmp/portrait-was-here")  # what a shell that took our words for commands would make
LONGEST = 1000  # characters of a line that a person is told
SOURCE = yaml.safe_load((ROOT / "sources" / "shop.yaml").read_text())
TRAITS = [t for file in sorted((ROOT / "traits").glob("*.yaml")) for t in yaml.safe_load_all(file.read_text())]


def fields(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Every place in a description."""
    if path:
        yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from fields(inner, (*path, key))


def put(value: Any, path: Path_, hostile: object) -> Any:
    """A copy with something else in that place; and one with the hostile word as the name of the field."""
    changed = copy.deepcopy(value)
    inner = changed
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = hostile
    return changed


def renamed(value: Any, path: Path_, name: str) -> Any:
    changed = copy.deepcopy(value)
    inner = changed
    for part in path[:-1]:
        inner = inner[part]
    if isinstance(inner, dict):
        inner[name] = inner.pop(path[-1])
    return changed


def refused_or_harmless(act: Callable[[], object]) -> str:
    """`taken`, or `refused` with lines for people; anything else that is raised is a failure."""
    try:
        act()
    except BadInput as error:
        lines = str(error).splitlines()
        assert lines, "a refusal without a word"
        assert all(line.strip() for line in lines)
        assert max(map(len, lines)) <= LONGEST, lines[0][:200]
        assert all(line.replace("\t", " ").isprintable() for line in lines), lines
        return "refused"
    finally:
        assert not MARK.exists()
    return "taken"


def some(hostile: Sequence[Any], path: Path_) -> list[Any]:
    """A few of them, others for another place, the same in each run; PORTRAIT_HOSTILE=all: all of them (20 minutes)."""
    if os.environ.get("PORTRAIT_HOSTILE") == "all":
        return list(hostile)
    return Random(str(path)).sample(list(hostile), 5)


def write(file: Path, data: object) -> Path:
    file.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8", errors="surrogatepass")
    return file


@pytest.mark.slow
@pytest.mark.parametrize("path", list(fields(SOURCE)), ids=lambda p: ".".join(map(str, p)))
def test_a_source(path: Path_, tmp_path: Path) -> None:
    for hostile in some(ANYTHING, path):
        file = write(tmp_path / "shop.yaml", put(SOURCE, path, hostile))
        refused_or_harmless(lambda file=file: load_source(file))
    for name in some(WORDS, path)[:2]:
        file = write(tmp_path / "shop.yaml", renamed(SOURCE, path, name))
        refused_or_harmless(lambda file=file: load_source(file))


@pytest.mark.slow
@pytest.mark.parametrize("field", sorted({key for trait in TRAITS for key in trait}))
def test_a_trait(field: str, tmp_path: Path) -> None:
    trait = next(trait for trait in TRAITS if field in trait)
    for path in fields(trait):
        if path[0] != field:
            continue
        for hostile in some(ANYTHING, path):
            write(tmp_path / "a.yaml", put(trait, path, hostile))
            refused_or_harmless(lambda: dictionary(load_traits([tmp_path])))
        for name in some(WORDS, path)[:2]:
            write(tmp_path / "a.yaml", renamed(trait, path, name))
            refused_or_harmless(lambda: dictionary(load_traits([tmp_path])))


@pytest.mark.parametrize("number", range(len(FILES)))
def test_a_file_that_is_no_description(number: int, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(FILES[number])
    assert refused_or_harmless(lambda: load_source(file)) == "refused"
    refused_or_harmless(lambda: load_traits([tmp_path]))


@pytest.mark.parametrize("field", ["start", "end", "sources", "every_day", "more"])
def test_a_form(field: str) -> None:
    form: dict[str, Any] = {"start": "2019-10-01", "end": "2019-10-02", "sources": None, "every_day": False}
    moment = datetime(2019, 10, 1, tzinfo=UTC)
    for hostile in (*ANYTHING, *([word] for word in WORDS)):
        plans: list[Plan] = []

        def act(hostile: object = hostile, plans: list[Plan] = plans) -> None:
            plans.append(resolve_interval("manual", moment, moment, {**form, field: hostile}))

        refused_or_harmless(act)
        for plan in plans:
            assert all(name.isascii() and name.isidentifier() for name in plan.sources or ()), plan
