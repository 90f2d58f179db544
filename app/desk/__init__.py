"""The desk for money sent by hand (Zelle, Cash App, Venmo): customers say that they sent it, staff find it in the
bank, a bank's list finds it by itself. Whatever is found becomes money by `orders.settling.receive`."""

from app.desk import listing  # noqa: F401 - registers the banks' lists for reconciliation
