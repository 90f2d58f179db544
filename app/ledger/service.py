"""Post, reverse, read: the only code that writes the ledger.

The database keeps the balances as postings arrive and refuses, at commit, an entry that does not sum to zero. Locks:
accounts that may not go below a floor (wallets, envelopes) come before stock, `lock_balance`; all others are taken
last of all, by the posting itself.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.core.actor import Actor
from app.core.db import db
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


@dataclass(frozen=True)
class Moment:
    """A moment of `rules.RULES` that has come: its amounts, and whose accounts they fall on."""

    name: str
    fact: Fact
    amounts: Mapping[str, Minor]
    subjects: Mapping[AccountKind, str | int] = field(default_factory=dict)

    def sums(self) -> dict[Account, Minor]:
        """Account → signed amount."""
        return rules.postings(self.name, self.amounts, {k: str(whose) for k, whose in self.subjects.items()})


@dataclass(frozen=True)
class _Draft:
    """An entry before it is written."""

    moment: str
    fact: Fact
    sums: dict[Account, Minor]
    reverses_id: int | None = None


def post(
    name: str,
    fact: Fact,
    amounts: Mapping[str, Minor],
    subjects: Mapping[AccountKind, str | int] | None = None,
) -> int | None:
    """Write the entry of a moment of `rules.RULES`, in the caller's transaction; the entry's id.

    None when the reference was posted before, or when every amount is zero: there is nothing to write then.
    IntegrityError when a balance would pass its floor: lock and look first (`lock_balance`).
    """
    return next(iter(post_all([Moment(name, fact, amounts, subjects or {})]).values()), None)


def post_all(moments: Iterable[Moment]) -> dict[str, int]:
    """`post` for many of one currency at once: reference → entry, for those that were written now."""
    drafts = [_Draft(moment.name, moment.fact, moment.sums()) for moment in moments]
    return _write([draft for draft in drafts if draft.sums])


def reverse(entry_id: int, fact: Fact) -> int:
    """Undo an entry by its mirror image, once; the new entry's id. NotFound, AlreadyReversed."""
    entry = db.session.get(LedgerEntry, entry_id)
    if entry is None:
        raise NotFound
    mirrored = {
        Account(posting.account.kind, posting.account.subject): -posting.amount_minor
        for posting in entry.postings
    }
    written = _write([_Draft("reversal", fact, mirrored, reverses_id=entry.id)])
    if not written:
        raise AlreadyReversed
    return written[fact.reference]


def _write(drafts: Sequence[_Draft]) -> dict[str, int]:
    if not drafts:
        return {}
    currency = drafts[0].fact.currency
    written = {
        reference: entry_id
        for entry_id, reference in db.session.execute(
            insert(LedgerEntry)
            .values([_row(draft) for draft in drafts])
            .on_conflict_do_nothing()
            .returning(LedgerEntry.id, LedgerEntry.reference)
        )
    }
    fresh = [draft for draft in drafts if draft.fact.reference in written]
    ids = _account_ids({account for draft in fresh for account in draft.sums}, currency)
    rows = [
        {
            "entry_id": written[draft.fact.reference],
            "account_id": ids[account],
            "currency": draft.fact.currency,
            "amount_minor": amount,
        }
        for draft in fresh
        for account, amount in sorted(draft.sums.items())
    ]
    if rows:
        db.session.execute(insert(LedgerPosting).values(rows))
    return written


def _row(draft: _Draft) -> dict[str, object]:
    fact = draft.fact
    return {
        "reference": fact.reference,
        "moment": draft.moment,
        "currency": fact.currency,
        "document": fact.document,
        "document_id": fact.document_id,
        "reverses_id": draft.reverses_id,
        "note": fact.note[:200],
        "actor_id": fact.actor.user_id,
        "actor_name": fact.actor.name[:128],
        "occurred_at": fact.at or clock.now(),
    }


def _account_ids(accounts: Set[Account], currency: str) -> dict[Account, int]:
    """The rows of these accounts, made when somebody uses them for the first time."""
    found = _find(accounts, currency)
    if missing := sorted(accounts - found.keys()):
        db.session.execute(
            insert(LedgerAccount)
            .values([{"kind": a.kind, "subject": a.subject, "currency": currency} for a in missing])
            .on_conflict_do_nothing()
        )
        found |= _find(set(missing), currency)
    return found


def _find(accounts: Set[Account], currency: str) -> dict[Account, int]:
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
    return dict(db.session.execute(query.order_by(LedgerAccount.subject)).all())


def lock_balance(kind: AccountKind, currency: str, subject: str | int) -> Minor:
    """The balance, held until this transaction ends: nobody else spends from it meanwhile."""
    _account_ids({Account(kind, str(subject))}, currency)
    query = select(LedgerAccount.balance_minor).where(*_is(kind, currency, subject))
    # Key share: a posting of somebody else may refer to the account, and waits where the balance is changed.
    return db.session.scalars(query.with_for_update(key_share=True)).one()


def _is(kind: AccountKind, currency: str, subject: str | int) -> tuple[ColumnElement[bool], ...]:
    return (
        LedgerAccount.kind == kind,
        LedgerAccount.currency == currency,
        LedgerAccount.subject == str(subject),
    )


def sum_for(document: str, document_id: int, kind: AccountKind) -> Minor:
    """What all entries about one document came to on the accounts of a kind, signed."""
    return sums_for(document, document_id, [kind])[kind]


def sums_for(document: str, document_id: int, kinds: Collection[AccountKind]) -> dict[AccountKind, Minor]:
    """`sum_for` of several kinds, in one query."""
    query = (
        select(LedgerAccount.kind, func.sum(LedgerPosting.amount_minor))
        .select_from(LedgerEntry)
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(LedgerEntry.document == document, LedgerEntry.document_id == document_id)
        .where(LedgerAccount.kind.in_(kinds))
        .group_by(LedgerAccount.kind)
    )
    found = {kind: int(minor) for kind, minor in db.session.execute(query)}
    return {kind: found.get(kind, 0) for kind in kinds}


def entries_of(document: str, document_id: int) -> list[LedgerEntry]:
    """Every entry about one document, oldest first."""
    query = select(LedgerEntry).where(
        LedgerEntry.document == document, LedgerEntry.document_id == document_id
    )
    return list(db.session.scalars(query.order_by(LedgerEntry.id)))
