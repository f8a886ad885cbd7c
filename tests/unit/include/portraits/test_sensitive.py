"""What may not be said of a person, and what sounds like it and may."""

import pytest

from include.portraits.sensitive import sensitive

DROPPED = {
    "health": ["The user has diabetes.", "Diabetic cookbooks", "is healthy", "The user is in poor health", "suffers from migraines",
               "Interested in books on depression", "Health", "The user is an addicted gamer", "insulin pump",
               "Planned Parenthood", "Al-Anon"],
    "religion": ["The user is Christian", "Bible study", "a devout reader", "The user is a practising Muslim", "prays daily"],
    "orientation": ["gay", "The user is probably straight.", "Interested in lesbian novels"],
    "ethnicity": ["The user is black.", "is a Chinese customer", "black women", "of Irish descent", "Identifies as African and values price"],
    "politics": ["votes for the Greens", "The user is conservative", "right-wing magazines", "Feminist"],
    "age": ["The user is 34 years old", "aged 34", "a 70-year-old", "in their thirties", "The user is old", "likely retired", "Gen Z",
            "born in 1980", "middle-aged", "They seem to be young.", "User is 45 and mentions Rome", "is 45"],
    "gender": ["She likes tea", "The user likes his kindle", "As a busy mother, values time", "The user is a woman", "women", "is a male", "WOMEN", "ｗｏｍｅｎ"],
    "family": ["The user is pregnant", "married", "Their children like it", "The user is single", "expecting a baby", "is a parent of two", "Single mothers", "family, kids"],
    "contact": ["write to a.b@example.org", "Call +44 20 7946 0958", "see https://example.org", "www.example.org", "at Baker Street 221", "221 Baker Street"],
}  # fmt: skip
KEPT = """
healthy snack bars|black shoes|Chinese cooking|Men's Health magazine|Women's running shoes|Spider-Man|old books|Little Women
likes that the strap is black|The user is interested in Italian recipes|conservative colours|liberal return policy
The user praises the battery life|The user is a fan of black tea|a green phone|children's books|family games
The user is interested in single malt whisky|adult colouring books|Christian Dior perfume|white noise machines|Old Spice
left-handed scissors|Health & Beauty|Straight Talk phones|a gayer colour
The user is into Spider-Man|T-shirts|hypo-allergenic soap|postcards|the e-reader is user-friendly|pre-owned books
"""


@pytest.mark.parametrize(("category", "claim"), [(c, claim) for c, some in DROPPED.items() for claim in some])
def test_a_guess_about_the_person_is_named_by_its_category(category: str, claim: str):
    assert sensitive(claim) == category


@pytest.mark.parametrize(("claim", "category"), [
    ("Pre-diabetic snacks", "health"), ("Prediabetes", "health"), ("post-menopausal skin care", "health"), ("Anti-allergy pillows", "health"),
    ("ex-Catholic", "religion"), ("A non-religious reader", "religion"), ("semi-retired", "age"), ("Pre-teen novels", "age"),
    ("is half-Chinese", "ethnicity"), ("The user is a non-Christian", "religion"), ("Ex-Christian", "religion"),
])  # fmt: skip
def test_a_syllable_before_it_makes_it_no_other_thing(claim: str, category: str):
    assert sensitive(claim) == category


@pytest.mark.parametrize("claim", [claim for line in KEPT.strip().splitlines() for claim in line.split("|")])
def test_things_may_be_called_by_words_that_people_may_not(claim: str):
    assert sensitive(claim) is None


def test_in_doubt_a_claim_is_taken_for_one():
    """Known and accepted: each is about a thing."""
    said = {
        claim: sensitive(claim) for claim in ("depression glass", "Likes Adele and her albums", "a 5-year-old laptop")
    }
    assert said == {"depression glass": "health", "Likes Adele and her albums": "gender", "a 5-year-old laptop": "age"}
