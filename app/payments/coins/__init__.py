"""Coins: an address of its own for each order, an amount at a rate that is kept for a while, and what then arrives.

Only account public keys are known here. Orders decide what arrived money means (app/orders/coin_watch.py).
"""
