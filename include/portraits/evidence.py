"""What a language model is told of one user: the heaviest of his evidence, of each value the newest, numbered, in an
order that weights do not move."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

MOST = 40  # pieces of evidence: with the longest quotes about 4,000 tokens
OF_ONE_VALUE = 3  # pieces: a user who speaks of one thing only still has other traits
LONGEST_VALUE, LONGEST_QUOTE = 80, 200  # characters
# What one writes to a language model and hardly to a shop. Not a fence, which is the check of claims: it keeps the
# plainest of it from costing an answer.
TO_A_MODEL = (
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instructions?|prompts?|rules|directions|guidelines|above)",
    r"\b(?:system|developer) (?:prompt|message|instructions?)\b|\b(?:jailbreak|prompt injection|language model|llm)\b",
    r"\b(?:as|are|being) (?:now )?(?:an?|the) (?:ai|assistant|chatbot|model)\b|\bchat ?gpt\b|\bgpt-?\d",
    r"\b(?:respond|reply|answer|output|return|print|cite)\b.{0,40}(?:\bjson\b|\bexactly\b|\bfollowing\b|\be\d+\b)",
    r"\b(?:reveal|list|show|tell|print|leak)\b.{0,40}\b(?:other|all) (?:the )?(?:users|customers|people|reviewers)\b",
    r"<\|.*?\|>|\[/?inst\]|</?s>|\b(?:system|assistant|user) ?:|\"(?:role|content|evidence|text)\" ?:",
    r"[\[\"']e\d+[\]\"']",
)
_TO_A_MODEL = re.compile("|".join(TO_A_MODEL))


@dataclass(frozen=True)
class Evidence:
    """One reason for one value of a trait.

    evidence_id: of gold.trait_evidence; never shown to the model
    trait, value: column of the profile and what it says: `aspects_praised`, `battery life`
    quote: the words around the span, as somebody wrote them; none where it is an event
    weight: how much it counts, of any scale; decides what is left out and nothing else
    """

    evidence_id: str
    trait: str
    value: str
    day: date | None
    quote: str | None
    weight: float


def choose(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The heaviest, of each value the newest few, cut to length, by trait, value, day and id. Its place, from 1, is
    what the model cites. A quote that was written for a model is left out and its value stays; a value that was (a tag
    may be anything) is left out whole.

    Rows of one id are one piece. Weights that all decay alike change nothing, neither the choice nor the order.
    """
    unique = {e.evidence_id: e for e in sorted(evidence, key=_by_weight, reverse=True) if not is_to_a_model(e.value)}
    taken: list[Evidence] = []
    count: dict[tuple[str, str], int] = {}
    for one in sorted(unique.values(), key=_by_weight):
        what = (one.trait, one.value)
        count[what] = count.get(what, 0) + 1
        if count[what] <= OF_ONE_VALUE:
            taken.append(one)
    return tuple(sorted(map(_cut, taken[:MOST]), key=_by_name))


def evidence_hash(chosen: Sequence[Evidence]) -> str:
    """SHA-256 over what the model is shown and the ids it would cite, without the weights. With the version of the
    prompt and the model it is the key under which an answer is kept."""
    shown = [[e.evidence_id, e.trait, e.value, e.day and e.day.isoformat(), e.quote] for e in chosen]
    return hashlib.sha256(json.dumps(shown, ensure_ascii=True).encode()).hexdigest()


def is_to_a_model(words: str) -> bool:
    """Whether the words look as if they were written for a language model; they are not shown to it then."""
    return bool(_TO_A_MODEL.search(words.casefold()))


def number(place: int) -> str:
    """What the model calls the evidence at this place, from 0."""
    return f"e{place + 1}"


def _by_weight(one: Evidence) -> tuple[float, str, str, int, str]:
    """Pieces of one value weigh the same: the newest of them first."""
    return (-one.weight, one.trait, one.value, -one.day.toordinal() if one.day else 0, one.evidence_id)


def _by_name(one: Evidence) -> tuple[str, str, str, str]:
    return (one.trait, one.value, one.day.isoformat() if one.day else "", one.evidence_id)


def _cut(one: Evidence) -> Evidence:
    quote = _short(one.quote or "", LONGEST_QUOTE)
    return replace(one, value=_short(one.value, LONGEST_VALUE), quote=None if is_to_a_model(quote) else quote or None)


def _short(text: str, longest: int) -> str:
    """With single spaces, cut at a space where there is one. Half of a surrogate pair is no text for anybody."""
    text = " ".join(text.encode("utf-8", "replace").decode().split())
    if len(text) <= longest:
        return text
    return text[:longest].rsplit(" ", 1)[0]
