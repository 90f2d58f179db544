"""Names of live channels, the same for whoever writes to them and whoever listens."""

TRACKING, DRIVER, BOARD = "/tracking", "/driver", "/dispatch"
"""Namespaces."""


def order_room(store_id: int, order_id: int) -> str:
    """Everybody who looks at this order."""
    return f"s{store_id}:o{order_id}"


def board_room(store_id: int) -> str:
    """Everybody who looks at this store's board."""
    return f"s{store_id}:board"


def driver_room(store_id: int, driver_id: int) -> str:
    """The phones of this driver."""
    return f"s{store_id}:d{driver_id}"


def order_stream(store_id: int, order_id: int) -> str:
    """The key of the order's short stream of positions."""
    return f"theriac:track:s{store_id}:o{order_id}"
