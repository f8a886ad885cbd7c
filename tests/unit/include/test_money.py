import pytest

from include.money import money


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [(123450, "EUR", "1,234.50"), (-5, "EUR", "-0.05"), (0, "EUR", "0.00"), (1500, "JPY", "1,500"),
     (1500, "KWD", "1.500"), (7, "XXX", "0.07")],
)  # fmt: skip
def test_an_amount_has_as_many_digits_as_its_currency(minor: int, currency: str, shown: str) -> None:
    assert money(minor, currency) == shown
