"""What stays of answers, and why the rest does not."""

from include.portraits.answer import Answer, Claim
from include.portraits.check import DROPPED, Checked, Kept, check
from tests.unit.include.portraits.people import evidence

TOLD = evidence("""
    x-1 | aspects_praised | battery life | great battery life
    x-2 | aspects_blamed  | price        | the price is absurd
    x-3 | interests_tags  | Kindle       | -
""")


def _answer(portrait: str = "", interests: str = "", preferences: str = "") -> Answer:
    """From lines `text | e1 e2`."""
    parsed = []
    for lines in (portrait, interests, preferences):
        cells = [line.split("|") for line in lines.strip().splitlines()]
        parsed.append(tuple(Claim(text=text.strip(), evidence=tuple(cited.split())) for text, cited in cells))
    return Answer(portrait=parsed[0], interests=parsed[1], preferences=parsed[2])


def test_claims_stay_with_the_ids_of_what_bears_them_out():
    found = check(
        _answer(
            """
            The user praises the  battery life. | e1
            The user blames the price.          | e2 e3
            """,
            "Kindle | e3 e3",
            "Long battery life | e1",
        ),
        TOLD,
    )
    assert found.portrait == (
        Kept("The user praises the battery life.", ("x-1",)),
        Kept("The user blames the price.", ("x-2",)),
    )
    assert (found.interests, found.preferences) == ((Kept("Kindle", ("x-3",)),), ())
    assert found.dropped == {"unsupported": 1}  # nobody said that it is long


def test_each_reason_is_counted():
    found = check(
        _answer(
            f"""
            {"battery life " * 20} | e1
            She likes the battery life | e1
            Has diabetes and a Kindle | e3
            Likes the battery life |
            Likes the battery life | e1 e4
            Likes the battery life | E1
            Works with a Kindle | e3
            Likes the price | e2
            battery life | e1
            Battery life! | e1
            dia\u200bbetes of a Kindle | e3
            """,
            "unknown |\nN/A | e1\n... |",
        ),
        TOLD,
    )
    assert found.portrait == (Kept("battery life", ("x-1",)),)
    assert found.dropped == {
        "too long": 1, "sensitive: gender": 1, "sensitive: health": 2, "uncited": 1, "no such evidence": 2, "unsupported": 1,
        "contradicted": 1, "said before": 1,
    }  # fmt: skip
    assert set(found.dropped) <= set(DROPPED)


def test_a_preference_that_does_not_say_so_is_read_as_liked():
    found = check(_answer("", "price | e2", "price | e2\nDislikes the price | e2\nbattery life | e1"), TOLD)
    assert [kept.text for kept in found.preferences] == ["Dislikes the price", "battery life"]
    assert [kept.text for kept in found.interests] == ["price"]
    assert found.dropped == {"contradicted": 1}


def test_what_is_more_than_asked_for_is_left_out():
    told = evidence("\n".join(f"x{n} | tags | word{n} | -" for n in range(12)))
    found = check(_answer(interests="\n".join(f"word{n} | e{n + 1}" for n in range(12))), told)
    assert [kept.text for kept in found.interests] == [f"word{n}" for n in range(10)]
    assert found.dropped == {"too many": 2}


def test_an_answer_that_knows_nothing_is_empty():
    assert check(_answer(), TOLD) == Checked()
    assert check(_answer(), TOLD).is_empty


def test_a_claim_of_another_user_has_nothing_to_cite():
    assert check(_answer("The user likes the Kindle | e3"), []).dropped == {"no such evidence": 1}
