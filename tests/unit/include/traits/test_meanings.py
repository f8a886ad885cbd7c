"""A column keeps its meaning."""

from __future__ import annotations

import pytest

from include.errors import BadInput
from include.traits.meanings import computed_from, require_same
from tests.unit.include.traits.helpers import trait

CARTS = "{family: funnel, trait: carts_7d, from: behaviour_daily, where: \"kind = 'cart'\", measure: count, window: 7d}"
BUILT = {"funnel_carts_7d": computed_from(trait(CARTS))}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("7d}", "30d}", "trait funnel_carts_7d: window was 7 and is 30. .*version 1 as it was.*`version: 2`"),
        (", window: 7d", "", "window was 7 and is not given"),
        ("'cart'", "'view'", "where was \"kind = 'cart'\" and is \"kind = 'view'\""),
        ("measure: count", "measure: {distinct: {of: day}}", 'measure was {"count": {}} and is {"distinct": {"of"'),
    ],
)
def test_another_way_to_compute_it_is_refused(old: str, new: str, said: str):
    with pytest.raises(BadInput, match=said):
        require_same([trait(CARTS.replace(old, new))], BUILT)


def test_whose_rows_they_are_is_part_of_it():
    own = "{from: behaviour_items_daily, measure: {distinct: {of: brand}}}"
    with pytest.raises(BadInput, match='whose was not given and is "followed"'):
        require_same(
            [trait(own.replace("daily,", "daily, whose: followed,"))], {"behaviour_t": computed_from(trait(own))}
        )


@pytest.mark.parametrize(
    ("old", "new"),
    [("{family", "{meaning: carts filled, purpose: q, owner: r, family"), ("{family", "{version: 2, family")],
)
def test_words_may_be_mended_and_a_new_version_may_be_other(old: str, new: str):
    changed = CARTS.replace(old, new)
    require_same([trait(CARTS), trait(changed)], BUILT)


def test_a_field_at_its_default_is_no_change():
    """A field that Portrait learns one day changes no trait that was built before."""
    rate = "{from: behaviour_daily, measure: {rate: {of: \"kind = 'cart'\", over: \"kind = 'view'\"}}}"
    assert "at_least" not in computed_from(trait(rate))
    assert "whose" not in computed_from(trait(rate))
    assert computed_from(trait(rate)) == computed_from(trait(rate.replace("'view'\"", "'view'\", at_least: 1")))
