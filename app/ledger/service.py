"""Post, reverse, read: the only code that writes the ledger.

The database keeps the balances as postings arrive and refuses, at commit, an entry that does not sum to zero. Locks:
accounts that may not go below a floor (wallets, envelopes) come before stock, `lock_balance`; all others are taken
last of all, by the posting itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.core.actor import Actor
from app.core.db import db, for_update
from app.core.errors import NotFound
from app.core.money import Minor
from app.ledger import rules
from app.ledger.chart import AccountKind
from app.ledger.errors import AlreadyReversed
from app.ledger.models import LedgerAccount, LedgerEntry, LedgerPosting
from app.ledger.rules import Account


@dataclass(frozen=True, kw_only=True)
class Fact:
    """What an entry says besides its amounts. `reference` is unique in the store; `at` is when it happened."""

    reference: str
    currency: str
    actor: Actor
    document: str = ""
    document_id: int | None = None
    note: str = ""
    at: datetime | None = None


def post(
    moment: str,
    fact: Fact,
    amounts: Mapping[str, Minor],
    subjects: Mapping[AccountKind, str | int] | None = None,
) -> int | None:
    """Write the entry of a moment of `rules.RULES`, in the caller's transaction; the entry's id.

    None when the reference was posted before, or when every amount is zero: there is nothing to write then.
    IntegrityError when a balance would pass its floor: lock and look first (`lock_balance`).
    """
    whose = {kind: str(subject) for kind, subject in (subjects or {}).items()}
    sums = rules.postings(moment, amounts, whose)
    return _write(moment, fact, sums) if sums else None


def reverse(entry_id: int, fact: Fact) -> int:
    """Undo an entry by its mirror image, once; the new entry's id. NotFound, AlreadyReversed."""
    entry = db.session.get(LedgerEntry, entry_id)
    if entry is None:
        raise NotFound
    mirrored = {
        Account(posting.account.kind, posting.account.subject): -posting.amount_minor
        for posting in entry.postings
    }
    done = _write("reversal", fact, mirrored, reverses_id=entry.id)
    if done is None:
        raise AlreadyReversed
    return done


def _write(
    moment: str, fact: Fact, sums: Mapping[Account, Minor], reverses_id: int | None = None
) -> int | None:
    entry_id = db.session.scalar(
        insert(LedgerEntry)
        .values(
            reference=fact.reference,
            moment=moment,
            currency=fact.currency,
            document=fact.document,
            document_id=fact.document_id,
            reverses_id=reverses_id,
            note=fact.note[:200],
            actor_id=fact.actor.user_id,
            actor_name=fact.actor.name[:128],
            occurred_at=fact.at or clock.now(),
        )
        .on_conflict_do_nothing()
        .returning(LedgerEntry.id)
    )
    if entry_id is None:
        return None
    ids = _account_ids(sums, fact.currency)
    db.session.execute(
        insert(LedgerPosting),
        [
            {
                "entry_id": entry_id,
                "account_id": ids[account],
                "currency": fact.currency,
                "amount_minor": sum_,
            }
            for account, sum_ in sorted(sums.items())
        ],
    )
    return entry_id


def _account_ids(accounts: Mapping[Account, Minor], currency: str) -> dict[Account, int]:
    """The rows of these accounts, made when somebody uses them for the first time."""
    found = _find(accounts, currency)
    if missing := sorted(accounts.keys() - found.keys()):
        db.session.execute(
            insert(LedgerAccount).on_conflict_do_nothing(),
            [{"kind": a.kind, "subject": a.subject, "currency": currency} for a in missing],
        )
        found |= _find(missing, currency)
    return found


def _find(accounts: Mapping[Account, Minor] | list[Account], currency: str) -> dict[Account, int]:
    keys = [(account.kind, account.subject) for account in accounts]
    query = select(LedgerAccount.kind, LedgerAccount.subject, LedgerAccount.id).where(
        LedgerAccount.currency == currency, tuple_(LedgerAccount.kind, LedgerAccount.subject).in_(keys)
    )
    return {Account(kind, subject): id_ for kind, subject, id_ in db.session.execute(query)}


def balance(kind: AccountKind, currency: str, subject: str | int = "") -> Minor:
    """The signed balance of one account, debit above zero; 0 for one that was never used."""
    query = select(LedgerAccount.balance_minor).where(*_is(kind, currency, subject))
    return db.session.scalar(query) or 0


def balances(kind: AccountKind, currency: str) -> dict[str, Minor]:
    """Subject → signed balance of every account of a kind."""
    query = select(LedgerAccount.subject, LedgerAccount.balance_minor).where(
        LedgerAccount.kind == kind, LedgerAccount.currency == currency
    )
    return dict(db.session.execute(query.order_by(LedgerAccount.subject)).tuples())


def lock_balance(kind: AccountKind, currency: str, subject: str | int) -> Minor:
    """The balance, held until this transaction ends: nobody else spends from it meanwhile."""
    _account_ids({Account(kind, str(subject)): 0}, currency)
    query = for_update(select(LedgerAccount).where(*_is(kind, currency, subject)))
    return db.session.scalars(query).one().balance_minor


def _is(kind: AccountKind, currency: str, subject: str | int) -> tuple[ColumnElement[bool], ...]:
    return (
        LedgerAccount.kind == kind,
        LedgerAccount.currency == currency,
        LedgerAccount.subject == str(subject),
    )


def sum_for(document: str, document_id: int, kind: AccountKind) -> Minor:
    """What all entries about one document came to on the accounts of a kind, signed."""
    query = (
        select(func.coalesce(func.sum(LedgerPosting.amount_minor), 0))
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(LedgerEntry.document == document, LedgerEntry.document_id == document_id)
        .where(LedgerAccount.kind == kind)
    )
    return int(db.session.scalars(query).one())


def entries_of(document: str, document_id: int) -> list[LedgerEntry]:
    """Every entry about one document, oldest first."""
    query = select(LedgerEntry).where(
        LedgerEntry.document == document, LedgerEntry.document_id == document_id
    )
    return list(db.session.scalars(query.order_by(LedgerEntry.id)))
