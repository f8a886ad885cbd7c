"""Errors for people: what happened, where, what to do. The command line prints the message alone, without a trace."""

import os
import re
import sys
from typing import Any


class PortraitError(Exception):
    """Something a person can mend. `exit_code` is what the process ends with."""

    exit_code = 1

    def __str__(self) -> str:
        return "\n".join(map(_shown, super().__str__().split("\n")))


class BadInput(PortraitError):
    """An argument, a setting, a description or a file is not as it must be; nothing was changed."""

    exit_code = 2


class NoLake(BadInput):
    """Nothing was ever built where PORTRAIT_LAKE points."""


class GateFailed(PortraitError):
    """A critical rule failed: nothing was published, readers keep the last good version."""

    exit_code = 3


class LostTurn(PortraitError):
    """A newer start of the same application took over; this one cannot write any more."""

    exit_code = 4


class Unreleased(PortraitError):
    """An earlier start of the application never ended; it may still be alive."""

    exit_code = 5


def _shown(line: str) -> str:
    """A line that does to a terminal what a line does, whatever was in the name or the value that it quotes."""
    if not line.isprintable():
        line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]} ..."


_LONGEST_LINE = 900
_AGAIN = "Nothing is half-published; run it again"
_KILLED = f"it was killed, for want of memory perhaps. {_AGAIN}"
_OF_THE_SYSTEM = ("No space left on device", "Disk quota exceeded", "Read-only file system", "Permission denied",
                  "Input/output error", "Too many open files", "File too large")  # fmt: skip
# The last is of a task that wants a worker after the process that starts them has gone.
_WORKER_DIED = (
    r"Python worker (exited unexpectedly|failed to connect back)"
    r"|IOException: Stream closed(\n\s+at .*)+PythonWorkerFactory"
)
_DAMAGED = (  # as Hadoop, Arrow and Spark say it
    r"Checksum error: (?:file:)?(/.+?) at \d"
    r"|Could not open Parquet input source '(.+?)'"
    r"|(?:file:)?(/[^:\n]+?) is not a Parquet file"
)
_PATH = r"(?<![^\s'\"(:])(/[^:()'\"\n]+?)"  # folders may have spaces


def unexpected(error: Exception) -> str:
    """An error nobody foresaw, in one line without its message: Spark's messages may quote values of rows.

    What the operating system said of a file is told with the file. PORTRAIT_DEBUG=1 lets the error through with its
    trace.
    """
    if os.environ.get("PORTRAIT_DEBUG"):
        raise error
    if worker := said_by_worker(error):
        return str(worker)
    if said := _system_said(str(error)):
        return f"{said}. Nothing is half-published; mend that and run it again"
    if re.search(_WORKER_DIED, str(error)):
        return f"a Python worker of Spark has died: {_KILLED}"
    if type(error).__name__ == "Py4JNetworkError" or _jvm_has_ended():
        return f"Spark's JVM has ended without a word: {_KILLED}"
    condition = getattr(error, "getCondition", lambda: None)()
    said = " of ".join(filter(None, [condition, java_cause(error)]))
    name = f"{type(error).__name__} {said}" if said else type(error).__name__
    return f"unexpected error: {name}. {_AGAIN} with PORTRAIT_DEBUG=1 to see where"


def _jvm_has_ended() -> bool:
    """Whether Spark's JVM, which this process started, is gone: errors of many kinds follow from that."""
    context = getattr(sys.modules.get("pyspark"), "SparkContext", None)
    process = getattr(getattr(context, "_gateway", None), "proc", None)
    return process is not None and process.poll() is not None


def said_by_worker(error: Exception) -> PortraitError | None:
    """The error of ours that ended a worker of Spark, out of its report with all traces; None if it was another one."""
    said = re.findall(r"^include\.errors\.(BadInput|PortraitError): (.*)$", str(error), re.MULTILINE)
    if not said:
        return None
    kind, words = said[-1]
    return BadInput(words) if kind == BadInput.__name__ else PortraitError(words)


def _system_said(text: str) -> str | None:
    """`FILE: Permission denied` or the like, out of a message of Java, Python or Rust: each has an order of its own."""
    text = re.sub(r"\s*(\x1b\[[0-9;]*m)*↳(\x1b\[[0-9;]*m)*\s*", ": ", text)  # delta-rs draws an arrow, in colour
    for said in _OF_THE_SYSTEM:
        if said in text:
            file = re.search(rf"{_PATH}\W{{1,3}}{said}", text) or re.search(
                rf"{said}\W{{1,6}}{_PATH}(?=['\"]|$)", text, re.MULTILINE
            )
            return f"{file[1]}: {said}" if file else said
    if damaged := re.search(_DAMAGED, text):
        return f"{next(filter(None, damaged.groups()))}: its bytes are not those that were written"
    folder = re.search(r"Mkdirs failed to create (?:file:)?(/.+?) \(exists=", text)  # Hadoop does not say why
    return f"{folder[1]}: cannot be made, for want of rights or of space" if folder else None


def java_cause(error: Exception) -> str | None:
    """The class of the exception at the bottom of one from Java: `java.lang.OutOfMemoryError`, say."""
    cause = _java_bottom(error)
    return None if cause is None else str(cause.getClass().getName())


def java_message(error: Exception) -> str:
    """What that exception says, in one line. Only where no row was read yet: a message may quote values of rows."""
    cause = _java_bottom(error)
    return "" if cause is None else str(cause.getMessage()).splitlines()[0][:300]


def _java_bottom(error: Exception) -> Any:
    cause = getattr(error, "java_exception", None)
    while cause is not None and cause.getCause() is not None:
        cause = cause.getCause()
    return cause
