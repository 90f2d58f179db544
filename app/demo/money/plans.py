"""How the orders of the history were paid: a deck of plans for each store, dealt in turn.

The first cards hold one of everything, so that a history of few days has it too; the rest comes in the shares of a
shop like this one.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum, auto
from random import Random

from app.payments.models import RefundTo


class How(StrEnum):
    """How paying went."""

    plain = auto()
    change = auto()  # cash: what was over stays in the wallet
    declined = auto()  # the first card is, the second try pays
    expired = auto()  # the first try runs out
    polled = auto()  # the provider's call never came: we asked
    repeated = auto()  # it called three times
    twice = auto()  # paid from two tabs
    wrong = auto()  # another amount: staff decided
    unheard = auto()  # paid at the provider after we had given up: only its list knows
    never = auto()
    part = auto()  # too little at first
    over = auto()
    late = auto()  # coins after their rate had run out


class Ending(StrEnum):
    """What became of the order."""

    any = auto()
    done = auto()
    collected = auto()
    cancelled = auto()
    returned = auto()
    unpaid = auto()
    waiting = auto()  # placed just now, nothing paid


class Then(StrEnum):
    """What became of the money afterwards."""

    nothing = auto()
    all_back = auto()
    line_back = auto()
    amount_back = auto()
    refused = auto()  # the provider would not: into the wallet instead
    disputed = auto()
    won = auto()
    unlisted = auto()  # the provider's list does not have it
    listed_otherwise = auto()


@dataclass(frozen=True)
class Plan:
    """One card. `wallet`: a part of it is paid from the wallet."""

    method: str = "cash"
    how: How = How.plain
    ending: Ending = Ending.any
    then: Then = Then.nothing
    to: RefundTo = RefundTo.source
    wallet: bool = False

    @property
    def is_plain_cash(self) -> bool:
        """Nothing of it needs playing."""
        return self == Plan(ending=self.ending)


H, E, T, To = How, Ending, Then, RefundTo
_CASH = Plan()


def _card(method: str, how: How = H.plain, then: Then = T.nothing, to: RefundTo = To.source) -> Plan:
    ending = E.unpaid if how in {H.never, H.unheard} else E.done if then is not T.nothing else E.any
    return Plan(method, how, ending, then, to)


def _ended(method: str, ending: Ending) -> Plan:
    return Plan(method, ending=ending)


_AT_THE_COUNTER = Plan(ending=E.collected, then=T.amount_back, to=To.cash)
_CHANGE = Plan(how=H.change, ending=E.done)
_CARD, _QRIS, _SNAP = "authorizenet", "xendit", "midtrans"
_TO_WALLET = Plan(ending=E.done, then=T.line_back, to=To.wallet)

_MIAMI_FIRST = (
    _card(_CARD, then=T.line_back),
    _CASH,
    _card("zelle"),
    _CHANGE,
    _card("btc"),
    _ended(_CARD, E.cancelled),
    _card("cashapp"),
    _card(_CARD, then=T.disputed),
    _card("usdt_trc20", H.part),
    _card("venmo", H.over),
    _card(_CARD, H.unheard),
    _card("eth", H.over),
    _AT_THE_COUNTER,
    _card(_CARD, H.declined),
    _card("usdc_erc20", then=T.all_back),
    _card(_CARD, then=T.listed_otherwise),
    Plan(_CARD, wallet=True, ending=E.done),
    _card("usdt_erc20", H.late),
    _card(_CARD, then=T.all_back, to=To.wallet),
    _card("zelle", H.part),
    _card(_CARD, H.twice),
    _card(_CARD, H.wrong),
    _card(_CARD, then=T.refused),
    _card(_CARD, H.never),
)
_MIAMI_REST = (
    *(60 * [_CASH]),
    *(2 * [_CHANGE]),
    *(60 * [_card(_CARD)]),
    *(6 * [_card("zelle")]),
    *(4 * [_card("cashapp")]),
    *(3 * [_card("venmo")]),
    *(3 * [_card("btc")]),
    _card("eth"),
    *(2 * [_card("usdt_trc20")]),
    _card("usdc_erc20"),
    _card("usdt_erc20"),
    *(3 * [_card(_CARD, H.declined)]),
    *(3 * [_card(_CARD, H.never)]),
    *(3 * [_card(_CARD, H.polled)]),
    *(4 * [_card(_CARD, H.repeated)]),
    *(2 * [Plan(_CARD, wallet=True)]),
    *(2 * [_card(_CARD, then=T.line_back)]),
    _card(_CARD, H.expired),
    _card(_CARD, H.twice),
    _card("zelle", H.part),
    _card("zelle", H.never),
    _card("cashapp", then=T.line_back),
    _card("btc", H.part),
    _card("btc", H.over),
    _card("usdt_trc20", H.late),
    _card(_CARD, then=T.amount_back),
    _card(_CARD, then=T.all_back),
    _card(_CARD, then=T.line_back, to=To.wallet),
    _card(_CARD, then=T.won),
    _card(_CARD, H.unheard),
    _card(_CARD, then=T.unlisted),
    _card(_CARD, then=T.listed_otherwise),
    _ended(_CARD, E.cancelled),
    _AT_THE_COUNTER,
    _TO_WALLET,
    Plan(wallet=True),
)
_JAKARTA_FIRST = (
    _card(_SNAP, then=T.line_back),
    _card(_QRIS),
    _CASH,
    _card(_SNAP, H.declined),
    _card(_QRIS, H.unheard),
    _ended(_SNAP, E.cancelled),
    _AT_THE_COUNTER,
    _card(_QRIS, H.expired),
    _card(_SNAP, then=T.disputed),
    _card(_QRIS, then=T.amount_back),
    _card(_SNAP, H.never),
    _card(_QRIS, then=T.all_back, to=To.wallet),
    _card(_SNAP, then=T.listed_otherwise),
    _card(_QRIS, H.wrong),
    Plan(_SNAP, wallet=True, ending=E.done),
)
_JAKARTA_REST = (
    *(50 * [_CASH]),
    *(44 * [_card(_SNAP)]),
    *(38 * [_card(_QRIS)]),
    *(3 * [_card(_SNAP, H.never)]),
    *(2 * [_card(_SNAP, H.declined)]),
    *(2 * [_card(_QRIS, H.polled)]),
    *(2 * [_card(_QRIS, H.expired)]),
    *(2 * [_card(_SNAP, H.repeated)]),
    *(2 * [_card(_SNAP, then=T.line_back)]),
    *(2 * [Plan(_SNAP, wallet=True)]),
    _card(_QRIS, then=T.amount_back),
    _card(_SNAP, then=T.all_back),
    _card(_SNAP, then=T.refused),
    _card(_SNAP, H.twice),
    _card(_QRIS, then=T.unlisted),
    _ended(_QRIS, E.cancelled),
    _AT_THE_COUNTER,
)
_DECKS = {"miami": (_MIAMI_FIRST, _MIAMI_REST), "jakarta": (_JAKARTA_FIRST, _JAKARTA_REST)}


class Deck:
    """The plans of a store, one after the other. What is not open there is paid in cash."""

    def __init__(self, slug: str, random: Random, open_codes: Collection[str]) -> None:
        first, rest = _DECKS[slug]
        self._first, self._rest = list(first[::-1]), list(rest)
        self._random, self._open = random, frozenset(open_codes)
        self._left: list[Plan] = []

    def deal(self) -> Plan:
        """The next plan."""
        if self._first:
            plan = self._first.pop()
        else:
            if not self._left:
                self._left = self._random.sample(self._rest, k=len(self._rest))
            plan = self._left.pop()
        if len(self._open) == 1:
            return _CASH
        return plan if plan.method in self._open else replace(_CASH, ending=_paid_ending(plan))


def _paid_ending(plan: Plan) -> Ending:
    return E.any if plan.ending is E.unpaid else plan.ending
