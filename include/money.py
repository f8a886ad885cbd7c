"""How many digits a currency has after its decimal point: ISO 4217, list one."""

from __future__ import annotations

NO_DIGITS = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF",
             "XOF", "XPF")  # fmt: skip
THREE_DIGITS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")


def money(minor_units: int, currency: str) -> str:
    """An amount in minor units, as people write it: 123450 of EUR is 1,234.50."""
    digits = 0 if currency in NO_DIGITS else 3 if currency in THREE_DIGITS else 2
    sign, whole = "-" if minor_units < 0 else "", abs(minor_units)
    over, rest = divmod(whole, 10**digits)
    return f"{sign}{over:,}" + (f".{rest:0{digits}}" if digits else "")
