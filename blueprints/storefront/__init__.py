"""The shop a customer sees: window, basket, checkout, orders. One blueprint, one module for each of them.

Every module here takes `bp` from this package and is imported below, after `bp` exists.
"""

from flask import Blueprint

bp = Blueprint("storefront", __name__)

<<<<<<< HEAD
from blueprints.storefront import (  # noqa: E402, F401 - routes register on import
    cart,
    checkout,
    kept_carts,
    preferences,
    replacements,
    reviews,
    shop,
)
=======
from blueprints.storefront import cart, checkout, menu, preferences, reviews, shop  # noqa: E402, F401 - routes register on import
>>>>>>> 465a875 (Open every secondary step in one drawer)
