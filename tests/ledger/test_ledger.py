"""The ledger on a real database: what it keeps by itself, and what it refuses."""

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InternalError, ProgrammingError

from app import ledger
from app.core.actor import SYSTEM
from app.core.db import db, transaction
from app.ledger import AccountKind, AlreadyReversed, LedgerAccount, LedgerEntry, LedgerPosting
from app.ledger.verify import check_balances, check_entries, check_floors
from app.verify import verify_store
from tests.factories import MIAMI
from tests.races.test_placing import at_once

A = AccountKind


def fact(reference: str, **more) -> ledger.Fact:
    return ledger.Fact(reference=reference, currency="USD", actor=SYSTEM, **more)


def give(reference: str, amount: int, customer: int = 7) -> int | None:
    return ledger.post("wallet_gift", fact(reference), {"amount": amount}, {A.wallet: customer})


def check_now() -> None:
    """What a commit would check."""
    db.session.flush()
    db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def test_balances_follow_their_postings(store):
    give("a", 500)
    give("b", 250)
    give("c", 100, customer=8)
    assert ledger.balance(A.wallet, "USD", 7) == -750
    assert ledger.balances(A.wallet, "USD") == {"7": -750, "8": -100}
    assert ledger.balance(A.gifts, "USD") == 850
    assert ledger.balance(A.wallet, "IDR", 7) == 0
    check_now()


def test_a_reference_is_posted_once(store):
    assert give("once", 500) is not None
    assert give("once", 500) is None
    assert ledger.balance(A.wallet, "USD", 7) == -500
    assert db.session.scalar(select(func.count()).select_from(LedgerEntry)) == 1


def test_a_reversal_undoes_once(store):
    entry_id = give("gift", 500)
    ledger.reverse(entry_id, fact("undo"))
    assert ledger.balance(A.wallet, "USD", 7) == 0
    with pytest.raises(AlreadyReversed):
        ledger.reverse(entry_id, fact("undo again"))
    check_now()


def test_a_wallet_never_goes_below_zero(store):
    give("gift", 500)
    with pytest.raises(IntegrityError, match="never_above_zero"), db.session.begin_nested():
        ledger.post("wallet_correction_down", fact("too much"), {"amount": 501}, {A.wallet: 7})
    assert ledger.balance(A.wallet, "USD", 7) == -500


def unbalanced(amounts: list[int]) -> None:
    account = db.session.scalars(select(LedgerAccount).where(LedgerAccount.kind == A.gifts)).one()
    other = db.session.scalars(select(LedgerAccount).where(LedgerAccount.kind == A.wallet)).one()
    entry = LedgerEntry(reference="bad", moment="wallet_gift", currency="USD", occurred_at=func.now())
    db.session.add(entry)
    db.session.flush()
    for one, amount in zip((account, other), amounts, strict=False):
        db.session.add(
            LedgerPosting(entry_id=entry.id, account_id=one.id, currency="USD", amount_minor=amount)
        )
    check_now()


@pytest.mark.parametrize("amounts", [[], [5], [5, -4]], ids=["empty", "one side", "off by one"])
def test_an_entry_that_does_not_balance_is_refused(store, amounts):
    give("gift", 500)
    check_now()
    with pytest.raises(DBAPIError, match="postings that sum to"):
        unbalanced(amounts)


def test_a_posting_of_another_currency_is_refused(store):
    give("gift", 500)
    entry = db.session.scalars(select(LedgerEntry)).one()
    bank = LedgerAccount(kind=A.bank, currency="USD")
    db.session.add(bank)
    db.session.flush()
    db.session.add(LedgerPosting(entry_id=entry.id, account_id=bank.id, currency="IDR", amount_minor=5))
    with pytest.raises(IntegrityError, match="foreign key"):
        db.session.flush()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_posting SET amount_minor = 1",
        "DELETE FROM ledger_posting",
        "UPDATE ledger_entry SET note = 'changed'",
        "DELETE FROM ledger_entry",
        "DELETE FROM ledger_account",
        "UPDATE ledger_account SET kind = 'gifts'",
        "UPDATE ledger_account SET balance_minor = 0",
        "INSERT INTO ledger_account (kind, currency, balance_minor) VALUES ('bank', 'USD', 5)",
    ],
)
def test_the_application_may_not(store, statement):
    give("gift", 500)
    with pytest.raises((ProgrammingError, InternalError)):
        db.session.execute(text(statement))


def test_one_wallet_spent_twenty_times_at_once(committed):
    """Ten of twenty fit."""
    with transaction():
        give("start", 1000)

    def spend(number: int):
        def run() -> bool:
            with transaction():
                if -ledger.lock_balance(A.wallet, "USD", 7) < 100:
                    return False
                ledger.post("wallet_correction_down", fact(f"s{number}"), {"amount": 100}, {A.wallet: 7})
            return True

        return run

    results = at_once(committed, *(spend(number) for number in range(20)))
    assert results.count(True) == 10
    assert results.count(False) == 10
    db.session.remove()
    assert ledger.balance(A.wallet, "USD", 7) == 0
    assert not any(verify_store().values())


def test_entries_in_both_directions_do_not_deadlock(committed):
    """Accounts with a floor are locked first, then by id, whatever the order of the rules."""
    with transaction():
        for customer in range(4):
            give(f"start{customer}", 10_000, customer)

    def turn(number: int):
        def run() -> bool:
            with transaction():
                customer = number % 4
                name = "wallet_correction_down" if number % 2 else "wallet_gift"
                ledger.post(name, fact(f"t{number}"), {"amount": 1}, {A.wallet: customer})
                ledger.post(
                    "payment_to_wallet",
                    fact(f"p{number}"),
                    {"paid": 1},
                    {A.wallet: customer, A.clearing: "zelle"},
                )
            return True

        return run

    assert at_once(committed, *(turn(number) for number in range(16))) == [True] * 16
    db.session.remove()
    assert [*check_entries(), *check_balances(), *check_floors()] == []


def test_a_posting_changed_by_hand_is_named(committed, app):
    with transaction():
        give("gift", 500)
    engine = create_engine(app.config["DATABASE_URL"])
    with engine.begin() as superuser:
        superuser.execute(text("SET LOCAL session_replication_role = replica"))
        superuser.execute(
            text("UPDATE ledger_posting SET amount_minor = amount_minor + 1 WHERE amount_minor > 0")
        )
    engine.dispose()
    db.session.remove()
    assert next(check_entries()).endswith("2 postings that sum to 1")
    assert list(check_balances()) == ["account gifts: balance 500, postings 501"]
    assert list(check_floors()) == []


def test_a_wallet_below_nothing_is_named(committed, app):
    with transaction():
        give("gift", 500)
    engine = create_engine(app.config["DATABASE_URL"])
    with engine.begin() as superuser:
        superuser.execute(
            text("ALTER TABLE ledger_account DROP CONSTRAINT ck_ledger_account_never_above_zero")
        )
        superuser.execute(text("SET LOCAL session_replication_role = replica"))
        superuser.execute(text("UPDATE ledger_account SET balance_minor = 5 WHERE kind = 'wallet'"))
    db.session.remove()
    try:
        assert list(check_floors()) == ["account wallet:7: balance 5 is below its floor"]
    finally:
        db.session.remove()
        with engine.begin() as superuser:
            superuser.execute(text("SET LOCAL session_replication_role = replica"))
            superuser.execute(text("UPDATE ledger_account SET balance_minor = -500 WHERE kind = 'wallet'"))
            superuser.execute(
                text(
                    "ALTER TABLE ledger_account ADD CONSTRAINT ck_ledger_account_never_above_zero "
                    "CHECK (kind NOT IN ('wallet') OR balance_minor <= 0)"
                )
            )
        engine.dispose()


def test_another_stores_ledger_is_not_seen(world):
    from app.core.tenancy import store_scope
    from tests.factories import JAKARTA

    with store_scope(MIAMI):
        give("gift", 500)
        db.session.flush()
    with store_scope(JAKARTA):
        assert ledger.balance(A.wallet, "USD", 7) == 0
        assert db.session.scalars(select(LedgerEntry)).all() == []
