"""Errors for people: what happened, where, what to do. The command line prints the message alone, without a trace."""


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
