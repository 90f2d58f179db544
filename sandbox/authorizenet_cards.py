"""Authorize.Net's customer profiles: cards that are kept, described, charged again and forgotten."""

from __future__ import annotations

import secrets
import time
from decimal import Decimal
from typing import Any

from sandbox.authorizenet import (
    CHARGES,
    HANDLERS,
    Answer,
    Members,
    Refusal,
    amount_of,
    done,
    no,
    till,
    transaction,
    window,
)
from sandbox.authorizenet_views import CARDS
from sandbox.desk import desk
from sandbox.till import new_id

PROFILES = "authorizenet.profiles"
MOST_CARDS = 10
AGAIN = {"0002": "decline", "0019": "hold"}
"""What becomes of a card that is charged without the hosted form; every other one is approved."""
VERDICTS = {
    "decline": ("2", "2", "This transaction has been declined."),
    "hold": ("4", "253", "The transaction is being held for review."),
}

Profile = dict[str, Any]


def _profile(profile_id: str) -> Profile:
    found: Profile | None = desk().store.value(PROFILES, profile_id)
    if found is None:
        raise Refusal("E00040", "The record cannot be found.")
    return found


def _card(members: Members) -> tuple[Profile, str, str]:
    """(profile, number of the card, its last figures)."""
    profile = _profile(str(members.get("customerProfileId") or ""))
    card_id = str(members.get("customerPaymentProfileId") or "")
    if card_id not in profile["cards"]:
        raise Refusal("E00040", "The record cannot be found.")
    return profile, card_id, profile["cards"][card_id]


def keep_card(members: Members) -> Answer:
    payment = transaction(str(members.get("transId") or ""))
    store, who = desk().store, members.get("customer") or {}
    card = payment["card"]
    if profile_id := str(members.get("customerProfileId") or ""):
        profile = _profile(profile_id)
        if card in profile["cards"].values():
            raise Refusal("E00039", "A duplicate customer payment profile already exists.")
        if len(profile["cards"]) >= MOST_CARDS:
            raise Refusal("E00042", f"You cannot add more than {MOST_CARDS} payment profiles.")
    else:
        same = {"who": str(who.get("merchantCustomerId") or ""), "email": str(who.get("email") or "")}
        for known, kept in store.values(PROFILES).items():
            if {name: kept[name] for name in same} == same:
                raise Refusal("E00039", f"A duplicate record with ID {known} already exists.")
        profile_id, profile = new_id(10), {**same, "cards": {}}
    card_id = new_id(10)
    store.set_value(PROFILES, profile_id, profile | {"cards": {**profile["cards"], card_id: card}})
    return {
        "customerProfileId": profile_id,
        "customerPaymentProfileIdList": [card_id],
        "customerShippingAddressIdList": [],
        "validationDirectResponseList": [],
    }


def _described(card_id: str, card: str, *, unmasked: bool) -> Answer:
    brand, expires, _words = CARDS.get(card[-4:], CARDS["1111"])
    shown = {
        "cardNumber": f"XXXX{card[-4:]}",
        "expirationDate": expires if unmasked else "XXXX",
        "cardType": brand,
    }
    return {"customerPaymentProfileId": card_id, "payment": {"creditCard": shown}}


def show_profile(members: Members) -> Answer:
    profile = _profile(str(members.get("customerProfileId") or ""))
    unmasked = bool(members.get("unmaskExpirationDate"))
    cards = [_described(card_id, card, unmasked=unmasked) for card_id, card in profile["cards"].items()]
    return {"profile": {"merchantCustomerId": profile["who"], "paymentProfiles": cards}}


def show_card(members: Members) -> Answer:
    _profile_row, card_id, card = _card(members)
    return {"paymentProfile": _described(card_id, card, unmasked=bool(members.get("unmaskExpirationDate")))}


def forget_card(members: Members) -> Answer:
    profile, card_id, _last = _card(members)
    left = {number: card for number, card in profile["cards"].items() if number != card_id}
    desk().store.set_value(PROFILES, str(members["customerProfileId"]), profile | {"cards": left})
    return {}


def charge_card(members: Members) -> Answer:
    asked = members["transactionRequest"]
    named = asked["profile"] if isinstance(asked["profile"], dict) else {}
    paid_by = named.get("paymentProfile") or {}
    _profile_row, _card_id, card = _card(
        {
            "customerProfileId": named.get("customerProfileId"),
            "customerPaymentProfileId": paid_by.get("paymentProfileId"),
        }
    )
    return take(members, card)


def take(members: Members, card: str) -> Answer:
    """Charge a card, by its last figures: at once, without a page."""
    asked = members["transactionRequest"]
    amount, order = amount_of(asked.get("amount")), asked.get("order") or {}
    reference = str(order.get("invoiceNumber") or "")
    _refuse_repetition(reference, amount, card, window(asked))
    payment = till().open(
        secrets.token_urlsafe(48),
        reference,
        amount,
        str(asked.get("currencyCode") or "USD"),
        ref_id=str(members.get("refId") or ""),
        description=str(order.get("description") or ""),
        email="",
        card=card,
        again=True,
    )
    what, number = AGAIN.get(card[-4:], "pay"), new_id()
    payment = till().act(payment["id"], what, by="card", transaction=number)
    said = done(payment, number, "")
    if what in VERDICTS:
        verdict, code, text = VERDICTS[what]
        said["transactionResponse"] |= {
            "responseCode": verdict,
            "messages": [],
            "errors": [{"errorCode": code, "errorText": text}],
        }
    return said


def _refuse_repetition(reference: str, amount: Decimal, card: str, seconds: int) -> None:
    for one in till().newest():
        same = (one["reference"], one["card"], one["asked"]) == (reference, card, str(amount))
        if same and one.get("again") and time.time() - one["at"] < seconds:
            raise no("11", "A duplicate transaction has been submitted.")


def answer_too() -> None:
    """Let the endpoint answer these requests as well."""
    HANDLERS.update(
        {
            "createCustomerProfileFromTransactionRequest": keep_card,
            "getCustomerProfileRequest": show_profile,
            "getCustomerPaymentProfileRequest": show_card,
            "deleteCustomerPaymentProfileRequest": forget_card,
        }
    )
    CHARGES["profile"] = charge_card
