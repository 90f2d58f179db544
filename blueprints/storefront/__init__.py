"""The shop a customer sees: window, basket, checkout, orders. One blueprint, one module for each of them.

Every module here takes `bp` from this package and is imported below, after `bp` exists.
"""

from flask import Blueprint

bp = Blueprint("storefront", __name__)

from blueprints.storefront import (  # noqa: E402, F401 - routes register on import
    back_in_stock,
    cart,
    checkout,
    delivery,
    kept_carts,
    menu,
    offline,
    pay,
    pay_coin,
    pay_manual,
    pay_picture,
    preferences,
    replacements,
    reviews,
    search,
    shop,
)
