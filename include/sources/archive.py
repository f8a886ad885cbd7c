"""Opening data files: plain, gzip, a member of a zip archive (a wheel is one), gzip inside it. All bounded.

Tar archives are not read, only recognised: their first member would pass for the first lines of the data.
"""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, cast

from include.errors import BadInput

_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
# At byte 257, as POSIX and as GNU write it.
_TAR = (b"ustar\x00", b"ustar  \x00")
# Logs shrink to a fiftieth at best. What grows far beyond that is an archive made to fill memory and disk.
_LEAST_LIMIT = 1 << 30
_MOST_GROWTH = 200

#: What reading a damaged or cut-off archive raises.
BROKEN = (EOFError, OSError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)


class TooLargeError(Exception):
    """A packed file unpacks to more than any log would."""


class _Limited(io.RawIOBase):
    """A stream that stops with TooLargeError after `limit` bytes."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        self._stream, self._left = stream, limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        chunk = self._stream.read(len(buffer))
        self._left -= len(chunk)
        if self._left < 0:
            raise TooLargeError
        buffer[: len(chunk)] = chunk
        return len(chunk)


@contextmanager
def open_data(path: Path, member: str | None) -> Iterator[io.BufferedReader]:
    """The unpacked bytes of a file. BadInput if the archive cannot be opened or lacks the member."""
    with ExitStack() as stack:
        outer = stack.enter_context(path.open("rb"))
        stream: IO[bytes] = outer
        packed = False
        if member is not None or _starts_with(outer, _ZIP):
            stream = stack.enter_context(_member(stack, outer, path, member))
            packed = True
        buffered = io.BufferedReader(cast(io.RawIOBase, stream))
        stream = buffered
        if _peek(buffered, 2) == _GZIP:
            stream = cast(IO[bytes], stack.enter_context(gzip.GzipFile(fileobj=buffered)))
            packed = True
        # Errors pass: what a broken archive says first it would not say again, and seem empty.
        if cast(Any, stream).peek(265)[257:265].startswith(_TAR):
            raise BadInput(f"{path.name}: is a tar archive, which is not read; unpack it, or pack it as zip")
        if packed:
            limit = max(_LEAST_LIMIT, path.stat().st_size * _MOST_GROWTH)
            stream = cast(IO[bytes], _Limited(stream, limit))
        yield stack.enter_context(io.BufferedReader(cast(io.RawIOBase, stream), 1 << 16))


def _starts_with(file: IO[bytes], magic: bytes) -> bool:
    start = file.read(len(magic))
    file.seek(0)
    return start == magic


def _peek(stream: Any, n: int) -> bytes:
    try:
        return bytes(stream.peek(n)[:n])
    except BROKEN:
        return b""


def _member(stack: ExitStack, file: IO[bytes], path: Path, member: str | None) -> IO[bytes]:
    try:
        archive = stack.enter_context(zipfile.ZipFile(file))
        names = [i.filename for i in archive.infolist() if not i.is_dir()]
        if member is None:
            if len(names) != 1:
                raise BadInput(f"{path.name}: holds {len(names)} files; say which with `member`: {_some(names)}")
            member = names[0]
        if member not in names:
            raise BadInput(f"{path.name}: has no member {member}; it holds {_some(names)}")
        return archive.open(member)
    except BROKEN as error:
        why = "it is encrypted" if "encrypted" in str(error) else "it is not a zip archive, or damaged"
        raise BadInput(f"{path.name}: cannot be opened: {why}") from None


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (" ..." if len(names) > 5 else "") if names else "nothing"
