"""Source descriptions from YAML: every mistake is told, one line each, with its file and line."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from include.errors import BadInput
from include.sources import checking
from include.sources.locate import Loc, MistakesError, line_of, read_yaml, shown
from include.sources.model import FeedSpec, History, Input, Lookup, Options, Source
from include.tables.canonical import FEEDS

_OF_THE_FEED = tuple(FeedSpec.model_fields)


def load_sources(folders: Iterable[Path]) -> dict[str, Source]:
    """All descriptions of the folders by name; BadInput lists the mistakes of all files."""
    sources: dict[str, Source] = {}
    wrong: list[str] = []
    for folder in folders:
        if not folder.is_dir():
            raise BadInput(f"sources: there is no folder {folder}; set PORTRAIT_SOURCES to folders that exist")
        for file in sorted(f for f in folder.iterdir() if f.suffix in (".yaml", ".yml") and f.is_file()):
            try:
                source = load_source(file)
            except BadInput as error:
                wrong.append(str(error))
                continue
            if source.name in sources:
                other = sources[source.name]._file
                wrong.append(f"{shown(file)}:1: the source {source.name} is described in {other} too")
            sources.setdefault(source.name, source)
    if wrong:
        raise BadInput("\n".join(wrong))
    return dict(sorted(sources.items()))


def load_source(file: Path) -> Source:
    """One description; BadInput lists all its mistakes, one line each."""
    try:
        data, lines = read_yaml(file)
        source = _build(data, lines)
    except FileNotFoundError:
        raise BadInput(f"{shown(file)}: there is no such file") from None
    except OSError as error:
        raise BadInput(f"{shown(file)}: cannot be read: {error.strerror}") from None
    except MistakesError as error:
        raise BadInput("\n".join(f"{shown(file)}:{line}: {text}" for line, text in error.mistakes)) from None
    source._file, source._lines = file, lines
    return source


def _build(data: Any, lines: dict[Loc, int]) -> Source:
    if not isinstance(data, dict):
        raise MistakesError([(1, "must hold fields such as `source: name`")])
    data = {**data, "feeds": _feeds(data.get("feeds"))} if "feeds" in data else data
    found: list[tuple[Loc, str]] = []
    try:
        source = Source.model_validate(data)
        found = list(checking.mistakes(source))
    except ValidationError as error:
        found = [*_told(error), *_of_inputs(data)]
    if found:
        unique = {(line_of(lines, loc), f"{_dotted(loc)}: {text}") for loc, text in found}
        raise MistakesError(list(unique))
    return source


def _feeds(feeds: Any) -> Any:
    """A feed may be a list of inputs, or a single input with the feed's own fields beside it."""
    if not isinstance(feeds, dict):
        return feeds
    return {name: _feed(feed) for name, feed in feeds.items()}


def _feed(feed: Any) -> Any:
    if isinstance(feed, list):
        return {"inputs": feed}
    if isinstance(feed, dict) and "inputs" not in feed:
        own = {k: v for k, v in feed.items() if k in _OF_THE_FEED}
        return {**own, "inputs": [{k: v for k, v in feed.items() if k not in own}]}
    return feed


def _of_inputs(data: dict[str, Any]) -> list[tuple[Loc, str]]:
    """MistakesError inside inputs that are themselves well formed, though something else in the file is not."""
    zone = data.get("time_zone", "UTC")
    found: list[tuple[Loc, str]] = []
    feeds = data.get("feeds")
    for name, feed in feeds.items() if isinstance(feeds, dict) else ():
        if name not in FEEDS or not isinstance(feed, dict) or not isinstance(feed.get("inputs"), list):
            continue
        for i, raw in enumerate(feed["inputs"]):
            try:
                feed_input = Input.model_validate(raw)
            except ValidationError:
                continue
            found += checking.input_mistakes(str(zone), name, None, feed_input, ("feeds", name, "inputs", i))
    return found


def _told(error: ValidationError) -> list[tuple[Loc, str]]:
    told = [(_plain_loc(e["loc"]), e) for e in error.errors()]
    unknown = {loc for loc, e in told if e["type"] == "unknown_feed"}
    return [
        (loc, _message(e))
        for loc, e in told
        # What follows from another mistake is not told again.
        if not (loc[:2] in unknown and loc not in unknown)
        and not (e["type"] == "too_short" and any(other[: len(loc)] == loc and other != loc for other, _ in told))
    ]


def _plain_loc(loc: Loc) -> Loc:
    """Without the marks that pydantic adds for the branch of a union or for a key."""
    return tuple(part for part in loc if part not in ("[key]", "Constant", "literal['keep','reject']"))


def _message(error: Any) -> str:
    kind, loc = error["type"], _plain_loc(error["loc"])
    if kind == "extra_forbidden":
        known = [f.alias or n for n, f in _model(loc[:-1]).model_fields.items()]
        if _model(loc[:-1]) is Input and loc[:1] == ("feeds",):
            known += [n for n in _OF_THE_FEED if n != "inputs"]
        near = get_close_matches(str(loc[-1]), known, 1)
        return f"unknown field; did you mean {near[0]}?" if near else f"unknown field; known are {', '.join(known)}"
    if kind == "missing":
        return "is missing"
    if kind == "literal_error":
        return f"{str(error['input'])[:40]!r} is not one of {error['ctx']['expected']}"
    if kind == "string_pattern_mismatch":
        return f"{str(error['input'])[:40]!r} is not a name: small letters, digits and _, beginning with a letter"
    if kind in ("dict_type", "model_type", "model_attributes_type"):
        return "must hold fields, each `name: value`"
    if kind == "unknown_feed":
        return f"there is no such feed; feeds are {', '.join(FEEDS)}"
    if kind == "too_short":
        return "is empty"
    return str(error["msg"]).removeprefix("Value error, ")


def _model(loc: Loc) -> type[BaseModel]:
    """The part of the model that a place belongs to, for the names of its fields."""
    if loc == ("history",):
        return History
    if loc[-1:] == ("options",):
        return Options
    if loc[-2:-1] == ("lookups",):
        return Lookup
    if loc[-2:-1] == ("inputs",):
        return Input
    return FeedSpec if loc[:1] == ("feeds",) and len(loc) == 2 else Source


def _dotted(loc: Loc) -> str:
    return ".".join(str(part) for part in loc) or "description"
