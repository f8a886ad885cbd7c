"""One value, three ways: for a terminal, for JSON, for a CSV cell that a spreadsheet opens."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

# What makes a spreadsheet read a text cell as a formula (OWASP, "CSV Injection"), and their full-width forms.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def plain(value: Any) -> Any:
    """The value as JSON has it: dates as ISO 8601, times in UTC with Z, NaN and infinities as null.

    A decimal is a number where JSON's number holds it exactly, else text.
    """
    match value:
        case float():
            return value if math.isfinite(value) else None
        case Decimal():
            return _number(value)
        case datetime():
            moment = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
            return moment.isoformat() + ("Z" if value.tzinfo else "")
        case date():
            return value.isoformat()
        case dict():
            return {str(plain(key)): plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case bytes():
            return value.hex()
        case None | bool() | int() | str():
            return value
        case _:
            return str(value)


def text(value: Any, comma: str = "") -> str:
    """The value in one line of a terminal. What is not printable is escaped: data must not steer a terminal.

    `comma` parts the thousands: for amounts, not for years and codes.
    """
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int():
            return f"{value:{comma}}"
        case Decimal():
            return f"{value.normalize():{comma}f}"
        case float():
            return f"{value:{comma}.6g}" if comma else repr(value)
        case str():
            return _printable(value)
        case datetime() | date():
            return str(plain(value)).replace("T", " ").removesuffix("Z")
        case _:
            return _printable(json.dumps(plain(value), ensure_ascii=False))


def cell(value: Any) -> Any:
    """The value of a CSV cell. Text that a spreadsheet would run as a formula gets a quote before it."""
    value = plain(value)
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value


def _number(value: Decimal) -> int | float | str | None:
    if not value.is_finite():
        return None
    if value == value.to_integral_value() and abs(value) < 2**53:
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else str(value)


def _printable(value: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in value)


def percent(share: float | None) -> str:
    """Of something: whole percents, and of the least of them that it is not nothing."""
    return "" if share is None else "<1%" if 0 < share < 0.005 else f"{share:.0%}"
