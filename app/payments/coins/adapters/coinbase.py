"""Rates by Coinbase's public spot prices, https://docs.cdp.coinbase.com/coinbase-app/docs/api-prices. No key needed."""

from decimal import Decimal, InvalidOperation
from urllib.parse import quote

from app.core.money import Minor, exponent
from app.core.outside import OutcomeUnknown
from app.core.settings import setting
from app.payments.coins.adapters.reading import read_json


class Coinbase:
    """The price at which the coin changes hands now."""

    def rate(self, symbol: str, currency: str) -> Minor:
        pair = quote(f"{symbol}-{currency}", safe="")
        said = read_json("GET", str(setting("COIN_RATES_URL")), f"/v2/prices/{pair}/spot")
        try:
            price = Decimal(str(said["data"]["amount"]))
            if said["data"]["currency"] != currency or not price.is_finite():
                raise ValueError(price)
            rate = int(price.scaleb(exponent(currency)))
        except (KeyError, TypeError, ValueError, InvalidOperation) as error:
            raise OutcomeUnknown("a rate that does not read as one") from error
        if rate <= 0:
            raise OutcomeUnknown("a rate of nothing")
        return rate
