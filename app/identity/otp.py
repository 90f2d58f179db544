"""Signing in by a code sent to a phone.

A code is written down before it is sent and counts from then on; when it could not be sent it is taken back. Only
the newest code of a phone is good. All counting is done in PostgreSQL under a lock per phone and address.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from flask_babel import force_locale
from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app import stores
from app.core import audit, clock, crypto
from app.core.actor import Actor
from app.core.db import db, transaction
from app.core.errors import DomainError, InvalidInput, TooMany
from app.core.i18n import _, active_locale
from app.core.tenancy import current_store_id
from app.identity import limits
from app.identity.errors import AccountClosed, CodeExpired, CodeNotSent, WrongCode
from app.identity.models import NO_EMAIL, OtpChallenge, Person
from app.identity.passwords import welcome
from app.identity.people import person_actor, person_by_phone
from app.identity.phones import mask_phone, normalise_phone
from app.identity.ports import otp_sender

log = structlog.get_logger()

DIGITS, TRIES = 6, 5
LIFETIME = timedelta(minutes=5)
RESEND_AFTER = timedelta(seconds=30)
WINDOW = timedelta(hours=1)
PER_PHONE, PER_ADDRESS = 5, 20


@dataclass(frozen=True)
class CodeSent:
    """What the asker may know, the same for known and unknown phones: the number in E.164 and two spans in seconds."""

    phone: str
    expires_in: int
    resend_in: int


def request_otp(phone: str, ip: str, locale: str) -> CodeSent:
    """Send a fresh code to the phone. Call it outside a transaction: the provider is spoken to in between.

    Raises InvalidInput on `phone`, TooMany(retry_after) beyond one in 30 s, 5 a phone and hour or 20 an address and
    hour, and CodeNotSent when the provider fails, which is not counted.
    """
    number = normalise_phone(phone)
    if (sender := otp_sender()) is None:
        log.error("no sender of one-time codes is registered")
        raise CodeNotSent
    code = crypto.random_code(DIGITS, "0123456789")
    challenge_id = _write_down(number, ip, code)
    try:
        sender.send(number, _message(code, locale), locale)
    except BaseException:
        _take_back(challenge_id)
        raise
    return CodeSent(number, int(LIFETIME.total_seconds()), int(RESEND_AFTER.total_seconds()))


def _message(code: str, locale: str) -> str:
    with force_locale(locale):
        return _(
            "%(code)s is your code for %(store)s. It is good for %(minutes)s minutes. Tell it to nobody.",
            code=code,
            store=stores.current_store().name,
            minutes=int(LIFETIME.total_seconds()) // 60,
        )


@transaction()
def _write_down(phone: str, ip: str, code: str) -> int:
    limits.lock(f"otp:{phone}", f"otp-ip:{ip}")
    at = clock.now()
    _require_pause(phone, at)
    _require_allowance(OtpChallenge.phone == phone, PER_PHONE, at)
    _require_allowance(OtpChallenge.ip == ip, PER_ADDRESS, at)
    challenge = OtpChallenge(
        phone=phone, ip=ip, code_hash=_hash(phone, code), sent_at=at, expires_at=at + LIFETIME
    )
    db.session.add(challenge)
    db.session.flush()
    return challenge.id


@transaction()
def _take_back(challenge_id: int) -> None:
    db.session.execute(delete(OtpChallenge).where(OtpChallenge.id == challenge_id))


def _hash(phone: str, code: str) -> str:
    return crypto.keyed_hash("otp", f"{phone}:{code}")


def _require_pause(phone: str, at: datetime) -> None:
    last = db.session.scalar(select(func.max(OtpChallenge.sent_at)).where(OtpChallenge.phone == phone))
    if last is not None and last + RESEND_AFTER > at:
        raise TooMany(retry_after=_seconds(last + RESEND_AFTER - at))


def _require_allowance(whose: ColumnElement[bool], allowed: int, at: datetime) -> None:
    """At most `allowed` sends in the last hour; otherwise wait until the one that makes room is an hour old."""
    query = (
        select(OtpChallenge.sent_at)
        .where(whose, OtpChallenge.sent_at > at - WINDOW)
        .order_by(OtpChallenge.sent_at.desc())
        .offset(allowed - 1)
        .limit(1)
    )
    if (blocking := db.session.scalar(query)) is not None:
        raise TooMany(retry_after=_seconds(blocking + WINDOW - at))


def _seconds(span: timedelta) -> int:
    return max(1, int(span.total_seconds()) + 1)


def verify_otp(phone: str, code: str, *, source: str = "web") -> Person:
    """The person with this phone, made when new, with a customer profile in the current store.

    Call it outside a transaction: a wrong try is committed before it is refused. Raises InvalidInput on `phone` or
    `code`, WrongCode(tries_left), CodeExpired, TooMany(retry_after) from the sixth try on, AccountClosed.
    """
    number = normalise_phone(phone)
    digits = "".join(c for c in code if c.isdigit())
    if len(digits) != DIGITS:
        raise InvalidInput({"code": _("Enter the %(count)s digits from the message.", count=DIGITS)})
    with transaction():
        outcome = _try_code(number, digits, source)
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


def _try_code(phone: str, code: str, source: str) -> Person | DomainError:
    """Use up a try of the newest code. Refusals are returned, so that the caller's block commits the count."""
    at = clock.now()
    newest = select(func.max(OtpChallenge.id)).where(OtpChallenge.phone == phone).scalar_subquery()
    taken = db.session.execute(
        update(OtpChallenge)
        .where(
            OtpChallenge.id == newest,
            OtpChallenge.tries < TRIES,
            OtpChallenge.used_at.is_(None),
            OtpChallenge.expires_at > at,
        )
        .values(tries=OtpChallenge.tries + 1)
        .returning(OtpChallenge.id, OtpChallenge.code_hash, OtpChallenge.tries)
        .execution_options(synchronize_session=False)
    ).first()
    if taken is None:
        return _why_no_try(phone, at)
    if not hmac.compare_digest(taken.code_hash, _hash(phone, code)):
        audit.record("sign_in_failed", actor=Actor(source=source), subject=mask_phone(phone), way="code")
        return WrongCode(TRIES - taken.tries)
    db.session.execute(
        update(OtpChallenge)
        .where(OtpChallenge.id == taken.id)
        .values(used_at=at)
        .execution_options(synchronize_session=False)
    )
    return _admit(phone, at, source)


def _why_no_try(phone: str, at: datetime) -> DomainError:
    newest = db.session.execute(
        select(OtpChallenge.tries, OtpChallenge.used_at, OtpChallenge.sent_at, OtpChallenge.expires_at)
        .where(OtpChallenge.phone == phone)
        .order_by(OtpChallenge.id.desc())
        .limit(1)
    ).first()
    if newest is None or newest.used_at is not None or newest.expires_at <= at:
        return CodeExpired()
    return TooMany(retry_after=_seconds(max(newest.sent_at + RESEND_AFTER - at, timedelta(0))))


def _admit(phone: str, at: datetime, source: str) -> Person | DomainError:
    person = person_by_phone(phone) or _make_person(phone)
    if not person.active:
        audit.record("sign_in_failed", actor=person_actor(person, source=source), way="code")
        return AccountClosed()
    if person.phone_verified_at is None:
        person.phone_verified_at = at
    welcome(person, way="code", source=source)
    return person


def _make_person(phone: str) -> Person:
    """In the language they are reading. Two at once make one."""
    db.session.execute(
        insert(Person.__table__)
        .values(
            first_name="",
            last_name="",
            username=phone,
            email=phone.lstrip("+") + NO_EMAIL,
            phone=phone,
            locale=active_locale(),
            active=True,
            platform_admin=False,
            epoch=0,
        )
        .on_conflict_do_nothing()
    )
    person = db.session.scalars(select(Person).where(Person.phone == phone)).one()
    audit.record("person_joined", actor=person_actor(person), store=current_store_id())
    return person
