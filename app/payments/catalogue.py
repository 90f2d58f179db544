"""Every way to pay that the platform knows, and what each of them is."""

from dataclasses import dataclass
from enum import StrEnum

from app.core.i18n import _l


class Flow(StrEnum):
    """How money comes by a method."""

    cash = "cash"  # at the door or the counter
    gateway = "gateway"  # a provider takes it and tells us
    manual = "manual"  # the customer sends it, staff see it in their bank
    chain = "chain"  # the customer sends it, a watcher sees it on the chain


@dataclass(frozen=True)
class Method:
    """A way to pay. `currencies` empty: any. `settings` are shown and changed by staff, `secrets` only changed."""

    code: str
    flow: Flow
    name: object
    currencies: frozenset[str] = frozenset()
    settings: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    refunds_to_source: bool = False


USD, IDR = frozenset({"USD"}), frozenset({"IDR"})
_HANDLE = ("handle", "display_name")


def _gateway(
    code: str, name: object, currencies: frozenset[str], settings: tuple[str, ...], secrets: tuple[str, ...]
) -> Method:
    return Method(code, Flow.gateway, name, currencies, settings, secrets, refunds_to_source=True)


METHODS: dict[str, Method] = {
    method.code: method
    for method in (
        Method("cash", Flow.cash, _l("Cash")),
        Method(
            "authorizenet",
            Flow.gateway,
            _l("Card"),
            USD,
            ("api_login_id", "signature_encoding", "card_entry", "public_client_key"),
            ("transaction_key", "signature_key"),
            True,
        ),
        Method(
            "midtrans",
            Flow.gateway,
            _l("Card, bank or e-wallet"),
            IDR,
            ("client_key", "merchant_id"),
            ("server_key",),
            True,
        ),
        Method("xendit", Flow.gateway, _l("QRIS"), IDR, (), ("secret_key", "callback_token"), True),
        Method("zelle", Flow.manual, _l("Zelle"), USD, _HANDLE),
        Method("cashapp", Flow.manual, _l("Cash App"), USD, _HANDLE),
        Method("venmo", Flow.manual, _l("Venmo"), USD, _HANDLE),
        Method(
            "btc",
            Flow.chain,
            _l("Bitcoin"),
            USD,
            ("xpub", "confirm_0_to", "confirm_1_to", "confirm_2_to"),
        ),
        Method("eth", Flow.chain, _l("Ethereum"), USD, ("xpub", "confirmations")),
        Method("usdt_erc20", Flow.chain, _l("USDT (ERC-20)"), USD, ("xpub", "confirmations")),
        Method("usdc_erc20", Flow.chain, _l("USDC (ERC-20)"), USD, ("xpub", "confirmations")),
        Method("usdt_trc20", Flow.chain, _l("USDT (TRC-20)"), USD, ("xpub",)),
    )
}
"""Code → method, in the order in which a new store shows them."""
