"""Orders: cart, checkout, placing, states, and the history they are the projection of.

`place_order` makes one, `act` moves one, `get_order` shows one to whoever may see it.
"""

from app import promise
from app.orders.basket import fill_basket, price_basket
from app.orders.carriage import ask_couriers_for, courier_ask
from app.orders.carriage import chosen as chosen_courier
from app.orders.links import payment_url, review_url, substitution_url, token, tracking_url
from app.orders.models import Order, OrderLine
from app.orders.moves import Details, register_driver_check
from app.orders.placing import place_order
from app.orders.request import Address, PlaceRequest
from app.orders.reslot import lock_orders_in, move_orders
from app.orders.service import (
    acknowledge_order,
    act,
    add_note,
    get_order,
    get_order_by_link,
    notes_of,
    orders_of,
)
from app.orders.states import Action, Kind, Status

promise.learn_mover(lock_orders_in, move_orders)

__all__ = [
    "Action",
    "Address",
    "Details",
    "Kind",
    "Order",
    "OrderLine",
    "PlaceRequest",
    "Status",
    "acknowledge_order",
    "act",
    "add_note",
    "ask_couriers_for",
    "chosen_courier",
    "courier_ask",
    "fill_basket",
    "get_order",
    "get_order_by_link",
    "notes_of",
    "orders_of",
    "payment_url",
    "place_order",
    "price_basket",
    "register_driver_check",
    "review_url",
    "substitution_url",
    "token",
    "tracking_url",
]
