"""The watcher of the chains."""

from app.orders import coin_watch


def watch_coins() -> None:
    """Every few seconds: look at the addresses that somebody is paying to, and now and then at older ones."""
    coin_watch.watch()
