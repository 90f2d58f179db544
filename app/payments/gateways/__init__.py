"""The gateways. Addresses are the operator's settings, accounts the store's: the sandbox is another address."""

from app.payments.gateways.anet_cards import AuthorizeNetCards
from app.payments.gateways.anet_form import AcceptForm
from app.payments.gateways.authorizenet import AuthorizeNet
from app.payments.gateways.midtrans import Midtrans
from app.payments.gateways.xendit import Xendit
from app.payments.ports import CardKeeper, FormProvider, Gateway

__all__ = ["CARD_FORMS", "CARD_KEEPERS", "GATEWAYS", "gateway"]

GATEWAYS: dict[str, Gateway] = {one.name: one for one in (AuthorizeNet(), Midtrans(), Xendit())}
"""Method code → its gateway."""
CARD_KEEPERS: dict[str, CardKeeper] = {"authorizenet": AuthorizeNetCards()}
"""Method code → who keeps its cards and charges them; the other methods keep none."""
CARD_FORMS: dict[str, FormProvider] = {"authorizenet": AcceptForm()}
"""Method code → whose form for a card can be opened over our page."""


def gateway(code: str) -> Gateway:
    """The gateway of a method; KeyError for one that has none."""
    return GATEWAYS[code]
