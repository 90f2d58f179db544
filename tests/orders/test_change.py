"""What becomes of the change: coins or all of it into the wallet, never more than there is."""

import pytest

from app.orders.change import to_wallet


@pytest.mark.parametrize(
    ("received", "due", "way", "currency", "kept"),
    [
        (4000, 3466, "coins", "USD", 34),
        (4000, 3466, "wallet", "USD", 534),
        (4000, 3466, "given", "USD", 0),
        (4000, 3466, "", "USD", 0),
        (4000, 3466, "elsewhere", "USD", 0),
        (3466, 3466, "wallet", "USD", 0),
        (3000, 3466, "wallet", "USD", 0),
        (None, 3466, "wallet", "USD", 0),
        (100000, 87400, "coins", "IDR", 600),
        (100000, 87000, "coins", "IDR", 0),
    ],
)
def test_so_much_goes_into_the_wallet(received, due, way, currency, kept):
    assert to_wallet(received, due, way, currency) == kept
