"""Errors for people: what happened, where, what to do. The command line prints the message alone, without a trace."""

import os


class PortraitError(Exception):
    """Something a person can mend. `exit_code` is what the process ends with."""

    exit_code = 1


class BadInput(PortraitError):
    """An argument, a setting, a description or a file is not as it must be; nothing was changed."""

    exit_code = 2


class GateFailed(PortraitError):
    """A critical rule failed: nothing was published, readers keep the last good version."""

    exit_code = 3


class LostTurn(PortraitError):
    """A newer start of the same application took over; this one cannot write any more."""

    exit_code = 4


class Unreleased(PortraitError):
    """An earlier start of the application never ended; it may still be alive."""

    exit_code = 5


def unexpected(error: Exception) -> str:
    """An error nobody foresaw, in one line without its message: Spark's messages may quote values of rows.

    PORTRAIT_DEBUG=1 lets it through with its trace.
    """
    if os.environ.get("PORTRAIT_DEBUG"):
        raise error
    condition = getattr(error, "getCondition", lambda: None)()
    said = " of ".join(filter(None, [condition, _java_cause(error)]))
    name = f"{type(error).__name__} {said}" if said else type(error).__name__
    return f"unexpected error: {name}. Nothing is half-published; run it again with PORTRAIT_DEBUG=1 to see where"


def _java_cause(error: Exception) -> str | None:
    """The class of the exception at the bottom of one from Java: `java.lang.OutOfMemoryError`, say."""
    cause = getattr(error, "java_exception", None)
    while cause is not None and cause.getCause() is not None:
        cause = cause.getCause()
    return None if cause is None else str(cause.getClass().getName())
