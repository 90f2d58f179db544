"""Joining with an e-mail address and a password: the account is made when the address has been proved.

What was typed waits in a row with a code and a link, both good for 30 minutes; the newest row of an address counts.
Whether the address has an account already is told to its owner alone, by the letter: the page answers the same.
The link by itself proves the mailbox and not who chose the password, so another browser has to know the password.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, func, select
from werkzeug.security import check_password_hash, generate_password_hash

from app import stores
from app.core import audit, clock, crypto
from app.core.db import db, for_update, transaction
from app.core.errors import DomainError, InvalidInput, NotFound, TooMany
from app.core.i18n import LOCALES, _, active_locale
from app.identity import limits
from app.identity.emails import read_email
from app.identity.errors import CodeExpired, LetterNotSent, WrongCode, WrongCredentials
from app.identity.models import Person, SignUp
from app.identity.passwords import SHORTEST, weakness, welcome
from app.identity.people import person_actor, person_by_email
from app.identity.ports import Letter, letter_sender
from app.identity.profile import age_on, read_birth_date

DIGITS, TRIES = 6, 5
LIFETIME = timedelta(minutes=30)
RESEND_AFTER = timedelta(seconds=30)
WINDOW = timedelta(hours=1)
PER_ADDRESS, PER_IP = 5, 20
LONGEST_NAME = 64


@dataclass(frozen=True)
class Applicant:
    """What somebody typed who wants to join. `birth_date` as YYYY-MM-DD; required where the store has an age."""

    email: str
    password: str
    first_name: str
    last_name: str = ""
    birth_date: str = ""


@dataclass(frozen=True)
class Waiting:
    """A sign-up that waits for its code: its id, the address, seconds until another letter may be asked for."""

    id: int
    email: str
    resend_in: int


def start_sign_up(applicant: Applicant, ip: str, *, link: str) -> Waiting:
    """Keep what was typed and send the letter; `link` is the address of the confirming page, with {token}.

    Call it outside a transaction. Raises InvalidInput with every wrong field, TooMany(retry_after) beyond one letter
    in 30 s, 5 an address and hour or 20 an IP and hour, and LetterNotSent, which is not counted.
    """
    born = _require_sound(applicant)
    person = person_by_email(applicant.email)
    code, token = crypto.random_code(DIGITS, "0123456789"), crypto.random_token()
    kept = {
        "first_name": " ".join(applicant.first_name.split()),
        "last_name": " ".join(applicant.last_name.split()),
        "birth_date": born,
        "password": generate_password_hash(applicant.password),
    }
    return _send(_fold(applicant.email), kept, ip, code, token, link, known=person is not None)


def send_letter_again(sign_up_id: int, ip: str, *, link: str) -> Waiting:
    """Another letter with a new code for the same sign-up. Raises like `start_sign_up`, and CodeExpired."""
    earlier = db.session.get(SignUp, sign_up_id)
    if earlier is None or earlier.used_at is not None or earlier.sent_at < clock.now() - WINDOW:
        raise CodeExpired
    kept = {name: getattr(earlier, name) for name in ("first_name", "last_name", "birth_date", "password")}
    code, token = crypto.random_code(DIGITS, "0123456789"), crypto.random_token()
    known = person_by_email(earlier.email) is not None
    return _send(earlier.email, kept, ip, code, token, link, known=known)


def confirm_by_code(sign_up_id: int, code: str, *, source: str = "web") -> Person:
    """The new person, signed in by nobody yet. Call it outside a transaction: a wrong try is committed.

    Raises InvalidInput on `code`, WrongCode(tries_left), CodeExpired, TooMany.
    """
    digits = "".join(c for c in code if c.isdigit())
    if len(digits) != DIGITS:
        raise InvalidInput({"code": _("Enter the %(count)s digits from the letter.", count=DIGITS)})
    with transaction():
        outcome = _try_code(sign_up_id, digits, source)
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


def sign_up_of_link(token: str) -> int:
    """The id of the sign-up that a link belongs to. Raises NotFound when it has run out, was used or never was."""
    row = db.session.scalar(select(SignUp).where(SignUp.link_hash == _link_hash(token)))
    if row is None or _why_closed(row) is not None:
        raise NotFound
    return row.id


def confirm_by_link(token: str, password: str | None, ip: str, *, source: str = "web") -> Person:
    """The new person. `password` is None in the browser that signed up; elsewhere it must be the one chosen there.

    Call it outside a transaction. Raises NotFound, WrongCredentials on `password`, and TooMany(retry_after).
    """
    sign_up_id = sign_up_of_link(token)
    attempt = limits.take_attempt(f"sign-up:{sign_up_id}", ip) if password is not None else None
    with transaction():
        row = _locked(sign_up_id)
        if row is None or _why_closed(row) is not None:
            raise NotFound
        if password is not None and not check_password_hash(row.password, password):
            raise WrongCredentials
        if attempt is not None:
            limits.forgive(f"sign-up:{sign_up_id}", attempt)
        return _admit(row, source)


def _require_sound(applicant: Applicant) -> date | None:
    """The date of birth, when everything is in order; InvalidInput with all that is not."""
    email, errors = applicant.email.strip(), dict[str, str]()
    try:
        read_email(email)
    except InvalidInput as error:
        errors |= error.errors
    for field, name in (("first_name", applicant.first_name), ("last_name", applicant.last_name)):
        if len(name.strip()) > LONGEST_NAME:
            errors[field] = _("Use at most %(count)s characters.", count=LONGEST_NAME)
    if not applicant.first_name.strip():
        errors["first_name"] = _("Please fill this in.")
    words = (
        email,
        email.split("@")[0],
        applicant.first_name,
        f"{applicant.first_name} {applicant.last_name}".strip(),
    )
    if problem := weakness(applicant.password, shortest=SHORTEST, own_words=words):
        errors["password"] = problem
    born = _read_age(applicant.birth_date, errors)
    if errors:
        raise InvalidInput(errors)
    return born


def _read_age(typed: str, errors: dict[str, str]) -> date | None:
    store = stores.current_store()
    try:
        born = read_birth_date(typed)
    except InvalidInput as error:
        errors |= error.errors
        return None
    if store.min_age and born is None:
        errors["birth_date"] = _("Please fill this in.")
    today = stores.local_today()
    if store.min_age and born is not None and age_on(today, born) < store.min_age:
        errors["birth_date"] = _("This store is for people aged %(age)s and over.", age=store.min_age)
    return born


def _send(
    email: str, kept: Mapping[str, object], ip: str, code: str, token: str, link: str, *, known: bool
) -> Waiting:
    if (sender := letter_sender()) is None:
        raise LetterNotSent
    row_id = _write_down(email, kept, ip, "" if known else code, "" if known else token)
    letter = _already_here() if known else _letter(code, link.replace("{token}", token))
    try:
        sender.send(email, letter)
    except BaseException:
        _take_back(row_id)
        raise
    return Waiting(row_id, email, int(RESEND_AFTER.total_seconds()))


@transaction()
def _write_down(email: str, kept: Mapping[str, object], ip: str, code: str, token: str) -> int:
    limits.lock(f"sign-up:{email}", f"sign-up-ip:{ip}")
    at = clock.now()
    last = db.session.scalar(select(func.max(SignUp.sent_at)).where(SignUp.email == email))
    if last is not None and last + RESEND_AFTER > at:
        raise TooMany(retry_after=_seconds(last + RESEND_AFTER - at))
    for whose, allowed in ((SignUp.email == email, PER_ADDRESS), (SignUp.ip == ip, PER_IP)):
        sent = db.session.scalars(
            select(SignUp.sent_at).where(whose, SignUp.sent_at > at - WINDOW).order_by(SignUp.sent_at.desc())
        ).all()
        if len(sent) >= allowed:
            raise TooMany(retry_after=_seconds(sent[allowed - 1] + WINDOW - at))
    row = SignUp(email=email, **kept, locale=active_locale(), ip=ip, sent_at=at, expires_at=at + LIFETIME)
    # A letter to somebody who is here already carries no code: nothing that is typed can be right.
    row.code_hash = _code_hash(email, code) if code else crypto.random_token()
    row.link_hash = _link_hash(token or crypto.random_token())
    db.session.add(row)
    db.session.flush()
    return row.id


@transaction()
def _take_back(row_id: int) -> None:
    db.session.execute(delete(SignUp).where(SignUp.id == row_id))


def _try_code(sign_up_id: int, digits: str, source: str) -> Person | DomainError:
    """Refusals are returned, so that the caller's block commits the count."""
    row = _locked(sign_up_id)
    if row is None:
        return CodeExpired()
    if (refusal := _why_closed(row)) is not None:
        return refusal
    row.tries += 1
    if not hmac.compare_digest(row.code_hash, _code_hash(row.email, digits)):
        return WrongCode(TRIES - row.tries)
    return _admit(row, source)


def _locked(sign_up_id: int) -> SignUp | None:
    return db.session.scalar(for_update(select(SignUp).where(SignUp.id == sign_up_id)))


def _why_closed(row: SignUp) -> DomainError | None:
    newest = db.session.scalar(select(func.max(SignUp.id)).where(SignUp.email == row.email))
    if row.used_at is not None or row.expires_at <= clock.now() or newest != row.id:
        return CodeExpired()
    if row.tries >= TRIES:
        return TooMany(retry_after=_seconds(max(row.sent_at + RESEND_AFTER - clock.now(), timedelta(0))))
    return None


def _admit(row: SignUp, source: str) -> Person:
    """Make the account in the caller's transaction. Somebody who joined meanwhile by another way keeps theirs."""
    at = clock.now()
    limits.lock(f"sign-up:{row.email}")
    if person_by_email(row.email) is not None:
        raise NotFound
    person = Person(
        first_name=row.first_name,
        last_name=row.last_name,
        username=row.email,
        email=row.email,
        password=row.password,
        email_verified_at=at,
        birth_date=row.birth_date,
        locale=row.locale if row.locale in LOCALES else None,
        active=True,
    )
    db.session.add(person)
    row.used_at, row.password = at, ""
    db.session.flush()
    audit.record("person_joined", actor=person_actor(person, source=source), way="email")
    welcome(person, way="email", source=source)
    return person


def _letter(code: str, url: str) -> Letter:
    minutes = int(LIFETIME.total_seconds()) // 60
    parts = (
        _("%(code)s is your code for %(store)s.", code=code, store=stores.current_store().name),
        _(
            "It is good for %(minutes)s minutes. Type it where you signed up, or press the button.",
            minutes=minutes,
        ),
        _("If this was not you, nothing needs to be done: without the code no account is made."),
    )
    subject = _("%(code)s confirms your e-mail address", code=code)
    return Letter(subject, "\n\n".join(parts), url, _("Confirm my address"))


def _already_here() -> Letter:
    store = stores.current_store().name
    parts = (
        _(
            "Somebody, most likely you, wanted to open an account at %(store)s with this address.",
            store=store,
        ),
        _("You have one already: sign in with your password or by phone."),
        _("If this was not you, nothing needs to be done."),
    )
    subject = _("You have an account already")
    return Letter(subject, "\n\n".join(parts), stores.public_url("/sign-in"), _("Sign in"))


def _fold(email: str) -> str:
    return email.strip().casefold()


def _code_hash(email: str, code: str) -> str:
    return crypto.keyed_hash("sign-up-code", f"{email}:{code}")


def _link_hash(token: str) -> str:
    return crypto.keyed_hash("sign-up-link", token)


def _seconds(span: timedelta) -> int:
    return max(1, int(span.total_seconds()) + 1)
