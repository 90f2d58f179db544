"""I have sent it: a customer's word, and what speaks against it. It moves no money; staff look into the bank."""

from contextlib import suppress
from datetime import timedelta

from sqlalchemy import select, text

from app.core import clock, storage
from app.core.actor import Actor
from app.core.db import db, release_connection, transaction
from app.core.errors import InvalidInput, NotFound
from app.core.events import emit
from app.core.i18n import _
from app.core.tenancy import current_store_id
from app.desk import proofs
from app.desk.errors import TransferSettled
from app.desk.events import TransferClaimed
from app.desk.holding import BY_HAND, hold, say_settled
from app.desk.models import TransferClaim
from app.desk.proofs import Proof
from app.orders.models import Order
from app.payments import attempts, transfers
from app.payments.models import AttemptStatus, PaymentAttempt

COMPARED = timedelta(days=120)
"""Nobody sends a screenshot older than that a second time and is believed."""
MOST_CLAIMS = 6
"""Of one attempt: more is a mistake, or somebody playing."""


def say_sent(order_id: int, *, payer: str, reference: str, picture: bytes, actor: Actor) -> TransferClaim:
    """Write down that the customer has sent the money, and tell staff. Money may be late: an ended attempt takes it.

    Raises NotFound for an order that was never to be paid by hand, InvalidInput on `payer`, `reference` or `photo`,
    TransferSettled once it is paid, PicturesAway.
    """
    attempt = transfers.newest_of(order_id, BY_HAND)
    if attempt is None:
        raise NotFound
    attempt_id = attempt.id
    payer, reference = _plain(payer), _plain(reference)
    _check(payer, reference, picture)
    proof = proofs.look_at(picture) if picture else None
    release_connection()
    key = proofs.keep(proof) if proof else ""
    try:
        return write_down(attempt_id, payer, reference, key, proof, actor)
    except BaseException:
        with suppress(storage.StorageError):
            storage.file_storage().delete([key] if key else [])
        raise


def _plain(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())


def _check(payer: str, reference: str, picture: bytes) -> None:
    errors = {}
    if len(payer) > 120:
        errors["payer"] = _("At most %(count)s characters, please.", count=120)
    if len(reference) > 60:
        errors["reference"] = _("At most %(count)s characters, please.", count=60)
    if not reference and not picture:
        errors["reference"] = _("Type the confirmation number, or add a screenshot.")
    if errors:
        raise InvalidInput(errors)


@transaction()
def write_down(
    attempt_id: int, payer: str, reference: str, key: str, proof: Proof | None, actor: Actor
) -> TransferClaim:
    """`say_sent` of what has been checked; `key` is where the picture of `proof` lies. NotFound, InvalidInput,
    TransferSettled."""
    order, attempt = hold(attempt_id)
    if attempt.status is AttemptStatus.paid:
        raise TransferSettled(**say_settled(attempt))
    if len(claims_of([attempt.id]).get(attempt.id, [])) >= MOST_CLAIMS:
        raise InvalidInput({"reference": _("We have your message and are looking for the money.")})
    claim = TransferClaim(
        attempt_id=attempt.id,
        payer=payer,
        reference=reference,
        picture=key,
        picture_digest=proof.digest if proof else "",
        picture_look=proof.look if proof else "",
        at=clock.now(),
    )
    claim.doubts = _doubts(claim, order)
    db.session.add(claim)
    attempts.move(attempt, AttemptStatus.held, source="customer", note=reference)
    emit(TransferClaimed(attempt_id=attempt.id, order_id=order.id), actor=actor)
    db.session.flush()
    return claim


def _doubts(claim: TransferClaim, order: Order) -> list[dict[str, str]]:
    """Other orders of which the same was said. One at a time, so that of two at once the second sees the first."""
    name = f"claims:{current_store_id()}"
    db.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
    query = (
        select(TransferClaim.picture_digest, TransferClaim.picture_look, TransferClaim.reference, Order.code)
        .join(PaymentAttempt, PaymentAttempt.id == TransferClaim.attempt_id)
        .join(Order, Order.id == PaymentAttempt.order_id)
        .where(PaymentAttempt.order_id != order.id, TransferClaim.at > clock.now() - COMPARED)
        .order_by(TransferClaim.id)
    )
    found: dict[tuple[str, str], None] = {}
    for digest, look, reference, code in db.session.execute(query):
        if kind := _likeness(claim, digest, look, reference):
            found[kind, code] = None
    return [{"kind": kind, "code": code} for kind, code in found]


def _likeness(claim: TransferClaim, digest: str, look: str, reference: str) -> str:
    if claim.picture_digest and claim.picture_digest == digest:
        return "same"
    if proofs.are_alike(claim.picture_look, look):
        return "alike"
    return "reference" if claim.reference and claim.reference.casefold() == reference.casefold() else ""


def claims_of(attempt_ids: list[int]) -> dict[int, list[TransferClaim]]:
    """Attempt id → what was said of it, the newest first."""
    query = select(TransferClaim).where(TransferClaim.attempt_id.in_(attempt_ids))
    said: dict[int, list[TransferClaim]] = {}
    for claim in db.session.scalars(query.order_by(TransferClaim.id.desc())):
        said.setdefault(claim.attempt_id, []).append(claim)
    return said


def picture_of(claim_id: int) -> str:
    """The key of a claim's picture. NotFound for a claim of another store, or one without a picture."""
    claim = db.session.get(TransferClaim, claim_id)
    if claim is None or not claim.picture:
        raise NotFound
    return claim.picture
