"""What the rule of words is worth, on claims as models write them: written down and judged by hand before it was run."""

from include.portraits.answer import Answer, Claim
from include.portraits.check import check
from tests.unit.include.portraits.people import evidence

TOLD = evidence("""
    a | aspects_praised      | battery life         | The battery life is amazing, I only charge it once a week
    b | aspects_praised      | screen               | screen is crisp and easy on the eyes
    c | aspects_blamed       | price                | way too expensive for what you get
    d | aspects_blamed       | customer service     | customer service never answered my emails
    e | aspects_blamed       | delivery             | delivery took five weeks
    f | aspects_praised      | recipes              | love the recipes, simple and quick
    g | interests_categories | Cooking, Food & Wine | -
    h | interests_tags       | gardening            | I grow tomatoes and herbs on my balcony
    i | entities_products    | Kindle Paperwhite    | my Kindle Paperwhite goes everywhere with me
    j | entities_brands      | Penzeys              | -
    k | interests_tags       | science fiction      | best science fiction since Dune
    l | aspects_blamed       | advertisements       | half of it is advertisements
""")  # fmt: skip
TRUE = """
The user is pleased with the battery life, charging only once a week. | e1
The user praises the long battery life of their device. | e1
They find the screen crisp and easy on the eyes. | e2
The user considers the price too expensive. | e3
Complains that customer service never answered emails. | e4
The user was disappointed that delivery took five weeks. | e5
Enjoys simple and quick recipes. | e6
The user is interested in cooking, food and wine. | e7
Interested in gardening, growing tomatoes and herbs on a balcony. | e8
Owns a Kindle Paperwhite. | e9
The user takes the Kindle Paperwhite everywhere. | e9
Science fiction | e11
Reads science fiction and compares it with Dune. | e11
Dislikes advertisements. | e12
The user is annoyed that half of the magazine is advertisements. | e12
Penzeys | e10
Interested in the brand Penzeys. | e10
Prefers quick recipes | e6
Dislikes high prices | e3
Dislikes slow delivery | e5
Poor customer service | e4
Values good battery life | e1
Cooking and food | e7
Home gardening | e8
Growing herbs | e8
The user likes the screen and the battery life but is unhappy with the price and the delivery. | e1 e2 e3 e5
Easy-to-read screen | e2
Crisp screens | e2
The user writes about a Kindle Paperwhite. | e9
Dislikes magazines with many advertisements | e12
"""
FALSE = """
The user dislikes the battery life. | e1
The user praises the customer service. | e4
Likes fast delivery | e5
The user lives in London with a Kindle. | e9
Works as a chef in food and wine. | e7
The user is a loyal Amazon customer. | e9
Likes the price | e3
Wine tasting tours | e7
The user charges the battery every day. | e1
Bought five Kindles. | e9
The user hates science fiction. | e11
Grows roses in gardening. | e8
Has no interest in gardening. | e8
Prefers printed books over the Kindle Paperwhite. | e9
Recipes are complicated. | e6
The delivery took five days. | e5
Customer service answered the emails. | e4
The user never charges the battery. | e1
The screen is easy and the price is amazing. | e1 e2 e3
Not a fan of the recipes. | e6
Praises the delivery and blames the screen. | e2 e5
The user is satisfied with the advertisements. | e12
Writes for Penzeys as an employee. | e10
The Kindle Paperwhite of Dune is crisp. | e9 e11 e2
Delivery took half of five weeks. | e5 e12
"""
SLIPS_THROUGH = """
The battery life is only amazing once a week. | e1
"""  # words of one quote, put together anew


def _kept(text: str) -> list[str]:
    cells = [line.split("|") for line in text.strip().splitlines()]
    said = [Claim(text=claim.strip(), evidence=tuple(cited.split())) for claim, cited in cells]
    found = [check(Answer(portrait=(claim,), interests=(), preferences=()), TOLD) for claim in said]
    return [claim.text for claim, checked in zip(said, found, strict=True) if not checked.is_empty]


def test_most_that_is_true_in_words_of_the_evidence_stays():
    assert (len(_kept(TRUE)), len(TRUE.strip().splitlines())) == (19, 30)


def test_little_that_is_false_does():
    assert _kept(FALSE) == []
    assert len(FALSE.strip().splitlines()) == 25
    assert len(_kept(SLIPS_THROUGH)) == 1
