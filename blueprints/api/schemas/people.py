"""Signing in, and who one is."""

from marshmallow import fields

from blueprints.api.fields import Answer, Asked, Text

DEVICE = {
    "description": "A name the client keeps for itself; a refresh token is good on the device it was made for."
}


class CodeAsked(Asked):
    """Where to send a code."""

    phone = Text(40, shortest=1, required=True, metadata={"examples": ["+13055550101"]})


class CodeSent(Answer):
    """The same for known and unknown phones; spans in seconds."""

    phone = fields.String(metadata={"description": "The number in E.164."})
    expires_in = fields.Integer()
    resend_in = fields.Integer()


class CodeTyped(Asked):
    """The code from the message."""

    phone = Text(40, shortest=1, required=True, metadata={"examples": ["+13055550101"]})
    code = Text(20, shortest=1, required=True, metadata={"examples": ["123456"]})
    device_id = Text(64, load_default="", metadata=DEVICE)


class PasswordTyped(Asked):
    """E-mail and password."""

    email = Text(254, shortest=1, required=True)
    password = Text(1000, shortest=1, required=True)
    device_id = Text(64, load_default="", metadata=DEVICE)


class RefreshAsked(Asked):
    """The refresh token of the last answer. It is good once."""

    refresh_token = Text(400, shortest=1, required=True)
    device_id = Text(64, load_default="", metadata=DEVICE)


class TokenGiven(Asked):
    """The refresh token of a client that leaves."""

    refresh_token = Text(400, shortest=1, required=True)


class Tokens(Answer):
    """`expires_in` is of the access token, in seconds."""

    access_token = fields.String()
    refresh_token = fields.String()
    expires_in = fields.Integer()


class Me(Answer):
    """The caller, as this store knows them."""

    id = fields.Integer()
    name = fields.String()
    phone = fields.String(allow_none=True)
    email = fields.String(allow_none=True)
    locale = fields.String(allow_none=True)
    birth_date = fields.Date(allow_none=True)
    roles = fields.List(fields.String())
    driver_id = fields.Integer(allow_none=True, metadata={"description": "null for everybody but drivers."})
    store = fields.String(metadata={"description": "The slug of the store this token is of."})


class WalletPart(Answer):
    """Money that ends: it can be spent up to this moment."""

    amount_minor = fields.Integer()
    until = fields.DateTime()


class WalletOperation(Answer):
    """One line of the history. `amount_minor` above zero came in; `balance_minor` is what there was after it."""

    at = fields.DateTime()
    kind = fields.String(
        metadata={"description": "A stable word for what happened.", "examples": ["order_placed"]}
    )
    title = fields.String(metadata={"description": "The same in the caller's language."})
    reason = fields.String(metadata={"description": "Why the pharmacy moved it; empty for all else."})
    amount_minor = fields.Integer()
    balance_minor = fields.Integer()
    order = fields.String(allow_none=True, metadata={"description": "The code of the order behind it."})


class Wallet(Answer):
    """A wallet and a page of its history."""

    currency = fields.String()
    balance_minor = fields.Integer()
    ending = fields.List(fields.Nested(WalletPart), metadata={"description": "Soonest first."})
    items = fields.List(fields.Nested(WalletOperation))
    next_cursor = fields.String(allow_none=True)


class SavedCard(Answer):
    """A card kept at the payment provider; nobody here has its number."""

    id = fields.Integer()
    method = fields.String(metadata={"description": "The payment method by which it pays."})
    brand = fields.String()
    last_four = fields.String()
    expires = fields.String(metadata={"description": "The month, as 2028-12; empty when it is not known."})
    expired = fields.Boolean()


class SavedCardList(Answer):
    """The one used last comes first."""

    items = fields.List(fields.Nested(SavedCard))
