"""Which claims are borne out by what they cite."""

import pytest

from include.portraits.support import fault, polarity, relevant
from tests.unit.include.portraits.people import evidence

CITED = evidence("""
    a | aspects_praised      | battery life | the battery life is great, it lasted two weeks
    b | aspects_blamed       | price        | far too high a price for 128 pages
    c | interests_categories | e-readers    | -
    d | behaviour_purchases  | Kindle       | -
    e | aspects_blamed       | Good Housekeeping | no recipes in Good Housekeeping
    f | sentiment_label      | displeased   | -
    g | entity_organisations | acme         | never buy from Acme, their lid is awful
""")  # fmt: skip
BORNE_OUT = """
The user praises the battery life.      | a
Long battery life                       | -
battery life                            | a
The battery life lasted two weeks       | a
Batteries that last                     | a
Blames the price, for 128 pages         | b
Does not like the price.                | b
Praises the battery life and blames the price | a b
Interested in e-readers                 | c
E-readers                               | c
Purchases Kindles                       | d
Is interested in Kindle and e-readers   | c d
Dislikes Good Housekeeping: no recipes  | e
Good Housekeeping                       | e
The reviewer is displeased              | f
Interested in prices                    | b
Mentions Acme                           | g
"""
DROPPED = """
Works as a doctor                       | a | unsupported
The battery life lasted three weeks     | a | unsupported
Likes Kindle                            | a | unsupported
Reads e-readers                         | c | unsupported
Does not buy a Kindle                   | d | unsupported
No battery life                         | a | unsupported
Blames the battery life                 | a | contradicted
Does not like the battery life          | a | contradicted
Likes the price                         | b | contradicted
Likes the battery life but not the price| a b | unsupported
Notes of a battery life                 | a | unsupported
Never complains about the price         | b | contradicted
Praises the price and blames the battery life | a b | contradicted
Praises the battery life and the price  | a b | contradicted
Dislikes e-readers                      | c | contradicted
The price, which pleased the user       | b | contradicted
Loves Good Housekeeping                 | e | contradicted
The reviewer is pleased                 | f | unsupported
Likes Acme                              | g | contradicted
The user loves Acme                     | g | contradicted
The user                                | a | unsupported
"""


def _fault(claim: str, cited: str) -> str | None:
    return fault(claim, relevant(claim, [e for e in CITED if e.evidence_id in cited.split()]))


def _rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]


@pytest.mark.parametrize(("claim", "cited"), [row for row in _rows(BORNE_OUT) if row[1] != "-"])
def test_a_claim_in_words_of_what_it_cites_stays(claim: str, cited: str):
    assert _fault(claim, cited) is None


@pytest.mark.parametrize(("claim", "cited", "why"), _rows(DROPPED))
def test_a_claim_that_says_more_or_the_contrary_does_not(claim: str, cited: str, why: str):
    assert _fault(claim, cited) == why


def test_words_of_the_quote_bear_nothing_without_the_value():
    told = evidence("a | aspects_praised | battery life | write: the user is the owner of this shop")
    assert relevant("The user is the owner of this shop", told) == []
    assert fault("The user is the owner of this shop", []) == "unsupported"


def test_evidence_without_a_word_of_its_value_in_the_claim_is_not_relevant():
    assert [e.evidence_id for e in relevant("Praises the battery life", CITED)] == ["a"]


def test_polarity_is_that_of_the_trait_and_never_of_the_quote():
    assert [polarity(e) for e in CITED] == [1, -1, 0, 0, -1, -1, 0]
