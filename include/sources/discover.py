"""Finding the files of a source, and looking at them before anything is landed.

A relative path is looked up in each data folder, then beside the description itself; the first place that has it
wins. A path with `{day}` names one day's file, or several with `*`; a path without is replayed by event time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

from include.errors import BadInput
from include.sources.archive import BROKEN, TooLargeError, open_data
from include.sources.model import DAY, FileSpec, Input, Source
from include.sources.reader import first_fields, read_records

_SAMPLE = 1000


@dataclass(frozen=True)
class FoundFile:
    """`name` is the path relative to its data folder; `arrived_on` None: each row says itself when it arrived."""

    path: Path
    name: str
    arrived_on: date | None


def find_files(
    source: Source, feed_input: Input, start: date, end: date, data_folders: Sequence[Path]
) -> list[FoundFile]:
    """The input's files that arrive in [start, end), by name: those of the days, or the replayed ones, whole.

    BadInput if a replayed file is not there; a day without a file is a day without data.
    """
    folders = _folders(source, data_folders)
    if not feed_input.by_day:
        found = _matches(feed_input.path, folders)
        if not found:
            raise BadInput(f"{source.where(*_place(source, feed_input), 'path')}: there is no file {feed_input.path}")
        return [FoundFile(_at_home(path, name, feed_input.path), name, None) for path, name in found]
    first = max(start, source.history.first)
    last = min(end - timedelta(days=1), source.history.last or date.max)
    files = []
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        found = _matches(_of_day(feed_input.path, day), folders)
        files += [FoundFile(_at_home(path, name, feed_input.path), name, day) for path, name in found]
    return files


def is_available(source: Source, data_folders: Sequence[Path]) -> bool:
    """False if nothing of the source is on this machine: neither a replayed file nor a folder of daily ones."""
    folders = _folders(source, data_folders)
    return any(_is_there(feed_input, folders) for spec in source.feeds.values() for feed_input in spec.inputs)


def lookup_file(source: Source, spec: FileSpec, data_folders: Sequence[Path]) -> Path:
    """The one file of a lookup; BadInput if it is not there."""
    found = _matches(spec.path, _folders(source, data_folders))
    if not found:
        raise BadInput(f"source {source.name}: there is no lookup file {spec.path}")
    path, name = found[0]
    return _at_home(path, name, spec.path)


def verify(found: FoundFile, feed_input: FileSpec) -> None:
    """BadInput if the file cannot be what the description says: not readable, no such member, no such column."""
    has_names = feed_input.format == "parquet" or (feed_input.format == "csv" and feed_input.options.header)
    names = []
    try:
        if has_names:
            names = first_fields(found.path, feed_input)
        else:
            with open_data(found.path, feed_input.member) as stream:
                stream.read(1)
    except BadInput as error:
        raise BadInput(f"{found.name}: {str(error).partition(': ')[2]}") from None
    except TooLargeError:
        raise BadInput(f"{found.name}: unpacks to more than any log would; it is refused") from None
    except FileNotFoundError:
        raise BadInput(f"{found.name}: is not there any more") from None
    except (*BROKEN, UnicodeError):
        raise BadInput(f"{found.name}: cannot be read: damaged, or packed or encoded in another way") from None
    if has_names:
        _compare(found.name, names, feed_input)
    elif feed_input.format == "jsonl":
        _refuse_array(found, feed_input)


def _refuse_array(found: FoundFile, feed_input: FileSpec) -> None:
    """BadInput if JSON lines are one JSON array instead. A damaged first line before good ones is not."""
    records = islice(read_records(found.path, feed_input), _SAMPLE)
    first = next(records, None)
    if first is None or first.damage is None or not json.loads(first.record).startswith("["):
        return
    others = [record.damage for record in records]
    if all(others):
        raise BadInput(
            f"{found.name}: none of the first {1 + len(others)} records can be read: it begins with `[`, as one JSON "
            "array; one object a line is needed (`jq -c '.[]'` makes that of an array)"
        )


def _compare(name: str, names: list[str], feed_input: FileSpec) -> None:
    if not any(names):
        raise BadInput(f"{name}: is empty: there is no header line; expected {_some(feed_input.columns)}")
    missing = [c for c in feed_input.columns if c not in names]
    # A first line that is no header holds values, and these may be identifiers: they are not shown.
    if feed_input.format == "csv" and len(missing) == len(feed_input.columns):
        raise BadInput(
            f"{name}: its first line has none of the declared columns ({_some(missing)}); is it no header? Then say "
            f"`header: false` in `options`. Or is the separator not {feed_input.options.separator!r}?"
        )
    if missing:
        is_header = feed_input.format == "parquet" or 2 * len(missing) <= len(feed_input.columns)
        raise BadInput(f"{name}: has no column {_some(missing)}" + (f"; found {_some(names)}" if is_header else ""))
    twice = sorted({c for c in feed_input.columns if names.count(c) > 1})
    if twice:
        raise BadInput(f"{name}: the column {_some(twice)} is there twice; give them different names")


def _some(names: Iterable[str]) -> str:
    names = list(names)
    return ", ".join(_printable(n[:40]) for n in names[:15]) + (
        f" and {len(names) - 15} more" if len(names) > 15 else ""
    )


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _place(source: Source, feed_input: Input) -> tuple[str, Input]:
    feed = next(f for f, spec in source.feeds.items() if feed_input in spec.inputs)
    return feed, feed_input


def _folders(source: Source, data_folders: Sequence[Path]) -> list[Path]:
    return [*data_folders, *([source.folder] if source.folder else [])]


def _of_day(pattern: str, day: date) -> str:
    return DAY.sub(lambda m: day.strftime(m[1] or "%Y-%m-%d"), pattern)


def _matches(pattern: str, folders: Iterable[Path]) -> list[tuple[Path, str]]:
    """Files by name, each from the first folder that has it."""
    if Path(pattern).is_absolute():
        return [(p, str(p)) for p in _files(Path(pattern).anchor, pattern.lstrip("/"))]
    found: dict[str, Path] = {}
    for folder in folders:
        for path in _files(str(folder), pattern):
            found.setdefault(path.relative_to(folder).as_posix(), path)
    return [(path, name) for name, path in sorted(found.items())]


def _at_home(path: Path, name: str, pattern: str) -> Path:
    """The file itself. BadInput where a link leads out of the folder that the description names: whoever may deliver
    files there must not have us read others."""
    inside = len(Path(name).parts) - len(_fixed_folder(pattern))
    home = path if Path(pattern).is_absolute() else path.parents[inside - 1]
    if not path.resolve().is_relative_to(home.resolve()):
        raise BadInput(f"{name}: is a link that leads out of its folder; put the file itself there")
    return path


def _fixed_folder(pattern: str) -> list[str]:
    """The folders of a pattern before the first one that is not the same for all its files."""
    fixed = []
    for part in pattern.split("/")[:-1]:
        if DAY.search(part) or "*" in part or "?" in part:
            break
        fixed.append(part)
    return fixed


def _files(folder: str, pattern: str) -> Iterator[Path]:
    if not any(sign in pattern for sign in "*?["):
        path = Path(folder) / pattern
        return iter([path] if path.is_file() else [])
    return (path for path in Path(folder).glob(pattern) if path.is_file())


def _is_there(feed_input: Input, folders: Iterable[Path]) -> bool:
    if not feed_input.by_day:
        return bool(_matches(feed_input.path, folders))
    fixed = _fixed_folder(feed_input.path)
    folder = "/".join(fixed)
    return any((Path(root) / folder).is_dir() for root in folders) if folder else bool(fixed)
