"""Whether cited evidence bears a claim out: by words, not by meaning.

A claim is borne out if each of its content words stands in what it cites (trait, value or quote), if each piece that it
cites has a word of its value in the claim, and if what it praises or blames is praised or blamed there. The quote alone
bears nothing: who wrote it may have written it for the model.

What this cannot see: a claim that puts words of one quote together anew (`the price of the case` out of `the case, the
price`), words that mean something else with the same letters, irony. What it drops though it was right: claims in other
words than the evidence has (`cheap` for `low price`), and in other languages than English with a little of it between.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from include.portraits.evidence import Evidence
from include.portraits.stems import stems

Fault = Literal["unsupported", "contradicted"]

# Words that claim nothing of their own. No verb of doing is among them: that somebody buys or reads is a claim.
FRAME = frozenset(stems("""
    a an the this that these those it its their them they there who whom which what user users customer person reviewer
    someone i and or but while although though yet whereas as than then so such both also especially particularly mainly
    about in on of for to with at by from into over towards toward regarding when where is are was were be been being
    has have had do does did can could would may might seem seems appear appears express expresses expressed say says
    said mention mentions mentioned write writes wrote describe describes described find finds found consider considers
    show shows shown interest interests interested interesting topic topics subject thing things aspect aspects product
    products item items brand brands review reviews text texts opinion view feeling feels sentiment
"""))  # fmt: skip
FOR = frozenset(stems("""
    like likes liked love loves loved loving enjoy enjoys enjoyed prefer prefers preferred preference praise praises
    praised praising value values valued appreciate appreciates appreciated appreciation admire admires favour favours
    favor favors favourite favorite fan pleased satisfied satisfaction happy delighted glad positive positively good
    great excellent recommend recommends recommended
"""))  # fmt: skip
AGAINST = frozenset(stems("""
    dislike dislikes disliked hate hates hated blame blames blamed blaming criticise criticises criticised criticize
    criticizes criticized criticism critical complain complains complained complaint complaints displeased dissatisfied
    dissatisfaction unhappy disappointed disappointment disappointing annoyed annoys frustrated frustration avoid avoids
    avoided regret regrets regretted negative negatively bad poor
"""))  # fmt: skip
NOT = frozenset(stems("no not never neither nor without cannot"))
_NAMED = "entity_"  # traits of what texts name, well or ill
_BEFORE = 3  # words that a negation reaches
_CLAUSE = re.compile(r"[,;:.!?()]|\b(?:but|while|although|though|yet|whereas|and)\b", re.IGNORECASE)


def relevant(claim: str, cited: Iterable[Evidence]) -> list[Evidence]:
    """Those that have a word of their value in the claim."""
    said = set(stems(claim)) - FRAME
    return [e for e in cited if said & set(stems(e.value))]


def fault(claim: str, cited: Sequence[Evidence], tone: int = 0) -> Fault | None:
    """What is wrong with the claim by the `relevant` evidence it cites; None where nothing is.

    `tone` is what it is read as where it does not say: 1 among preferences, since `price` alone is read as liked there.
    """
    clauses = [stems(clause) for clause in _CLAUSE.split(claim)]
    content = {word for clause in clauses for word in _content(clause)}
    quotes = [stems(e.quote or "") for e in cited]
    said = {word for e in cited for word in stems(f"{e.trait} {e.value}")}
    if not cited or not content <= said.union(*quotes):
        return "unsupported"
    if not content <= said.union(*map(_affirmed, quotes)) and not any(word in NOT for c in clauses for word in c):
        return "contradicted"  # "service answered" of "service never answered"
    names = {word for e in cited for word in _name(e)}
    for clause in clauses:
        tone = _tone([word for word in clause if word not in names]) or tone  # "praises the screen and the price"
        near = [e for e in cited if set(clause) & set(stems(e.value))] or list(cited)
        if tone and _is_against(tone, near):
            return "contradicted"
    return None


def polarity(evidence: Evidence) -> int:
    """1 where the trait is about what pleases, -1 where it is about what displeases, 0 where it does not say: by its
    name (`aspects_praised`), else by a value that says nothing else (`displeased`), never by the quote."""
    tone = _tone(stems(evidence.trait))
    return tone or (0 if _name(evidence) else _tone(stems(evidence.value)))


def _name(evidence: Evidence) -> list[str]:
    """Words of the value as the name of a thing, such as `Good Housekeeping`; none where it is a feeling."""
    found = stems(evidence.value)
    return [] if set(found) <= FOR | AGAINST | NOT else found


def _content(clause: list[str]) -> set[str]:
    """Words of a clause that have to be borne out. A negation of what is liked or disliked turns that round; any other
    says something."""
    turning = {n for n, word in enumerate(clause) if word in NOT and _next_tone(clause, n) is not None}
    return {word for n, word in enumerate(clause) if word not in FRAME | FOR | AGAINST and n not in turning}


def _affirmed(quote: list[str]) -> set[str]:
    """Words of a quote that stand in it without a negation before them."""
    return {word for n, word in enumerate(quote) if not NOT & set(quote[max(0, n - _BEFORE) : n])}


def _tone(clause: list[str]) -> int:
    """1 for, -1 against, 0 neither. With both, against: the stronger claim."""
    turned = [_next_tone(clause, n) for n, word in enumerate(clause) if word in NOT]
    return min(
        (
            (1 if word in FOR else -1) * (-1) ** turned.count(n)
            for n, word in enumerate(clause)
            if word in FOR or word in AGAINST
        ),
        default=0,
    )


def _next_tone(clause: list[str], place: int) -> int | None:
    """Where the word is that a negation at `place` turns round."""
    after = range(place + 1, min(place + 1 + _BEFORE, len(clause)))
    return next((n for n in after if clause[n] in FOR or clause[n] in AGAINST), None)


def _is_against(tone: int, near: list[Evidence]) -> bool:
    """Blame needs evidence that blames. Praise may rest on neither blame alone nor on what texts only name; what one
    does again and again is interest enough."""
    known = {polarity(e) for e in near} - {0}
    if tone < 0:
        return -1 not in known
    return known == {-1} or all(e.trait.startswith(_NAMED) for e in near)
