"""Cards that we charge at Authorize.Net: those it keeps for a customer (CIM), and one typed into its form just now.

https://developer.authorize.net/api/reference/features/customer-profiles.html. Of a kept card we hold two
numbers of theirs and what is printed on a receipt (brand, last four figures, month of expiry), of an entered one
nothing.
"""

import re
from collections.abc import Mapping
from typing import Any

from app.payments.gateways import anet, wire
from app.payments.gateways.authorizenet import DUPLICATE, LONGEST_WINDOW, USD, AuthorizeNet
from app.payments.gateways.names import shorten
from app.payments.ports import (
    CardNumbers,
    CardOwner,
    CardTokenOver,
    Charge,
    Credentials,
    EnteredCard,
    KeptCard,
    News,
    NewsStatus,
    OutcomeUnknown,
    Refused,
    SendError,
)

KEEP = "createCustomerProfileFromTransactionRequest"
REFERENCE_LENGTH = 20
DECLINED, FAULTY, HELD = "2", "3", "4"
"""The transaction's own verdicts besides "approved"."""
TOKEN_OVER = frozenset({"E00113", "E00114", "E00115"})
"""A token that reads as none, that was used, that is too old. Another account's (E00116) is a wrong setting instead."""
_MONTH = re.compile(r"\d{4}-\d{2}\Z")


class AuthorizeNetCards:
    """A profile for each customer, in it a payment profile for each card; the provider allows ten of them."""

    def keep(self, account: Credentials, payment_id: str, owner: CardOwner) -> KeptCard:
        if owner.profile_id:
            try:
                return _described(account, _add(account, payment_id, owner.profile_id))
            except anet.Said as error:
                if error.code != anet.NOT_FOUND:
                    raise
                # The profile is gone over there (or the payment is unknown, which the next request is told as well).
        who = {
            "merchantCustomerId": owner.reference[:REFERENCE_LENGTH],
            **({"email": owner.email} if owner.email else {}),
        }
        try:
            said = anet.ask(account, KEEP, {"transId": payment_id, "customer": who})
        except anet.Said as error:
            if error.code != anet.DUPLICATE_PROFILE:
                raise
            return _described(account, _add(account, payment_id, _named_id(error)))
        return _described(account, CardNumbers(str(said.get("customerProfileId") or ""), _first_card(said)))

    def charge(self, account: Credentials, charge: Charge, card: CardNumbers | EnteredCard) -> News:
        """A repetition is refused over there for eight hours, longer than an attempt lives; then, and after every
        approval, the amount is what the provider says when it is asked."""
        try:
            done = anet.transact(account, shorten(charge.reference), _transaction(charge, card))
        except anet.Said as error:
            return _told_no(account, charge, error)
        return _told(account, charge.reference, str(done.get("transId") or ""))

    def forget(self, account: Credentials, card: CardNumbers) -> None:
        numbers = {
            "customerProfileId": card.profile_id,
            "customerPaymentProfileId": card.payment_profile_id,
        }
        try:
            anet.ask(account, "deleteCustomerPaymentProfileRequest", numbers)
        except anet.Said as error:
            if error.code != anet.NOT_FOUND:
                raise


def _transaction(charge: Charge, card: CardNumbers | EnteredCard) -> dict[str, Any]:
    kept = isinstance(card, CardNumbers)
    return {
        "transactionType": "authCaptureTransaction",
        "amount": wire.plain(charge.amount_minor, USD),
        **_paid_by(card),
        "order": {"invoiceNumber": shorten(charge.reference), "description": charge.order_code},
        "transactionSettings": {
            "setting": [{"settingName": "duplicateWindow", "settingValue": LONGEST_WINDOW}]
        },
        **({"processingOptions": {"isStoredCredentials": True}} if kept else {}),
    }


def _paid_by(card: CardNumbers | EnteredCard) -> dict[str, Any]:
    if isinstance(card, EnteredCard):
        return {"payment": {"opaqueData": {"dataDescriptor": card.descriptor, "dataValue": card.token}}}
    return {
        "profile": {
            "customerProfileId": card.profile_id,
            "paymentProfile": {"paymentProfileId": card.payment_profile_id},
        }
    }


def _told_no(account: Credentials, charge: Charge, error: anet.Said) -> News:
    """What a refusal means: a repetition, a card that is declined or looked at, a token that is over, else a request
    that is wrong."""
    if error.code in TOKEN_OVER:
        raise CardTokenOver(str(error)) from error
    if error.code == DUPLICATE:
        return _told(account, charge.reference, "")
    answer = wire.part(error.said, "transactionResponse")
    verdict, transaction_id = str(answer.get("responseCode")), str(answer.get("transId") or "")
    if verdict == HELD:
        return _told(account, charge.reference, transaction_id)
    if verdict not in {DECLINED, FAULTY} or error.code == anet.NOT_FOUND:
        raise error
    return News(
        NewsStatus.failed,
        charge.reference,
        "" if transaction_id == "0" else transaction_id,
        charge.amount_minor,
        charge.currency,
        reason=str(error),
    )


def _told(account: Credentials, reference: str, transaction_id: str) -> News:
    """How it stands over there. Money may have moved: no answer is no "no"."""
    try:
        news = AuthorizeNet().ask(account, reference, transaction_id)
    except SendError as error:
        raise OutcomeUnknown(str(error)) from error
    if news is None:
        raise OutcomeUnknown("a payment that is not there when it is asked about")
    return news


def _add(account: Credentials, payment_id: str, profile_id: str) -> CardNumbers:
    """Add the payment's card to a profile that is there; the one that is kept when it is known already."""
    try:
        said = anet.ask(account, KEEP, {"transId": payment_id, "customerProfileId": profile_id})
    except anet.Said as error:
        if error.code != anet.DUPLICATE_PROFILE:
            raise
        return CardNumbers(profile_id, _known_card(account, payment_id, profile_id))
    return CardNumbers(profile_id, _first_card(said))


def _first_card(said: Mapping[str, Any]) -> str:
    cards = said.get("customerPaymentProfileIdList") or []
    return str(cards[0]) if cards else ""


def _named_id(error: anet.Said) -> str:
    """A duplicate is told with its number in words only: "A duplicate record with ID 123 already exists."."""
    found = re.search(r"\bID (\d+)\b", str(error))
    if found is None:
        raise error
    return found[1]


def _known_card(account: Credentials, payment_id: str, profile_id: str) -> str:
    """The number of the kept card with the payment's last four figures; the refusal of it names none."""
    payment = wire.part(
        anet.ask(account, "getTransactionDetailsRequest", {"transId": payment_id}), "transaction"
    )
    said = anet.ask(account, "getCustomerProfileRequest", {"customerProfileId": profile_id})
    cards = wire.rows(wire.part(said, "profile"), "paymentProfiles")
    last = anet.last_four(payment)
    found = next((card for card in cards if anet.last_four(card) == last), {})
    return str(found.get("customerPaymentProfileId") or "")


def _described(account: Credentials, numbers: CardNumbers) -> KeptCard:
    if not numbers.profile_id or not numbers.payment_profile_id:
        raise Refused("Authorize.Net names no card")
    asked = {
        "customerProfileId": numbers.profile_id,
        "customerPaymentProfileId": numbers.payment_profile_id,
        "unmaskExpirationDate": True,
    }
    said = wire.part(anet.ask(account, "getCustomerPaymentProfileRequest", asked), "paymentProfile")
    card = wire.part(wire.part(said, "payment"), "creditCard")
    expires = str(card.get("expirationDate") or "")
    return KeptCard(
        numbers,
        brand=str(card.get("cardType") or "")[:20],
        last_four=anet.last_four(said),
        expires=expires if _MONTH.match(expires) else "",
    )
