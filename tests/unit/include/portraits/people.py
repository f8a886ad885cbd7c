"""Evidence of a user, readable."""

from __future__ import annotations

from datetime import date

from include.portraits.evidence import Evidence


def evidence(text: str) -> list[Evidence]:
    """From lines `evidence_id | trait | value | quote`, `-` for none, in the order given; the first weighs most."""
    cells = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return [
        Evidence(i, trait, value, date(2024, 1, 1), None if quote == "-" else quote, float(len(cells) - n))
        for n, (i, trait, value, quote) in enumerate(cells)
    ]
