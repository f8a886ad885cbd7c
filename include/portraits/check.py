"""What may stay of an answer: claims that cite evidence which is there and bears them out, and that guess nothing
sensitive. The rest is dropped and counted by reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from include.portraits.answer import KINDS, Answer, Claim
from include.portraits.evidence import Evidence, number
from include.portraits.sensitive import ALWAYS, sensitive
from include.portraits.stems import words
from include.portraits.support import fault, relevant

MOST = {"portrait": 5, "interests": 10, "preferences": 10}  # claims
LONGEST = 200  # characters of a claim
UNKNOWN = {"unknown", "none", "n a", "nothing", "not known", "no evidence"}  # said in words instead of an empty list
REASONS = (
    "too long", "sensitive", "uncited", "no such evidence", "unsupported", "contradicted", "said before", "too many",
)  # fmt: skip
DROPPED = (*(r for r in REASONS if r != "sensitive"), *(f"sensitive: {category}" for category in ALWAYS))


@dataclass(frozen=True)
class Kept:
    """A claim that stays. `evidence`: evidence_id of those pieces that have a word of it."""

    text: str
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Checked:
    """`dropped`: how many claims for each of the reasons that occurred."""

    portrait: tuple[Kept, ...] = ()
    interests: tuple[Kept, ...] = ()
    preferences: tuple[Kept, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.portrait or self.interests or self.preferences)


def check(answer: Answer, evidence: Sequence[Evidence]) -> Checked:
    """What stays of an answer about `evidence`, in the answer's order."""
    numbered = {number(place): one for place, one in enumerate(evidence)}
    dropped: Counter[str] = Counter()
    kept: dict[str, list[Kept]] = {kind: [] for kind in KINDS}
    for kind in KINDS:
        claims: tuple[Claim, ...] = getattr(answer, kind)
        for claim in claims:
            text = _plain(claim.text)
            if not words(text) or " ".join(words(text)) in UNKNOWN:
                continue
            found = _judge(text, claim.evidence, numbered, tone=1 if kind == "preferences" else 0)
            if isinstance(found, Kept) and any(_same(found, other) for other in kept[kind]):
                found = "said before"
            if isinstance(found, Kept) and len(kept[kind]) == MOST[kind]:
                found = "too many"
            if isinstance(found, Kept):
                kept[kind].append(found)
            else:
                dropped[found] += 1
    return Checked(**{kind: tuple(kept[kind]) for kind in KINDS}, dropped=dict(sorted(dropped.items())))


def _judge(text: str, cited: Sequence[str], numbered: Mapping[str, Evidence], tone: int) -> Kept | str:
    """The claim with the evidence that bears it out, or the reason why it is dropped."""
    if len(text) > LONGEST:
        return "too long"
    if category := sensitive(text):
        return f"sensitive: {category}"
    if not cited:
        return "uncited"
    if not numbered.keys() >= set(cited):
        return "no such evidence"
    near = relevant(text, [numbered[n] for n in dict.fromkeys(cited)])
    return fault(text, near, tone) or Kept(text, tuple(e.evidence_id for e in near))


def _plain(text: str) -> str:
    """With single spaces, and nothing between letters that nobody sees."""
    return " ".join("".join(c for c in text if c.isprintable() or c.isspace()).split())


def _same(one: Kept, other: Kept) -> bool:
    return words(one.text) == words(other.text)
