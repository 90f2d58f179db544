"""Payments: methods, attempts, money that came in, refunds, and what providers say. Orders decide what it means."""
