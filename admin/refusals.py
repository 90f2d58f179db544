"""What is wrong, said beside the field it is wrong in, in people's words: never the database's."""

from sqlalchemy.exc import IntegrityError
from wtforms import Form

from app.core.errors import DomainError, InvalidInput
from app.core.i18n import _, _l

TAKEN = {
    "uq_category_store_id_slug": ("slug", _l("Another category has this address already.")),
    "uq_product_store_id_slug": ("slug", _l("Another product has this address already.")),
    "uq_variant_store_id_sku": ("sku", _l("Another variant has this SKU already.")),
    "uq_zone_store_id_name": ("name", _l("Another zone has this name already.")),
    "uq_zone_zip_store_id_zip": ("zips", _l("Another zone delivers to one of these ZIPs already.")),
    "uq_purchase_limit_product": ("product", _l("This product has a limit already.")),
    "uq_purchase_limit_category": ("category_id", _l("This category has a limit already.")),
    "uq_branch_store_id_code": ("code", _l("Another branch has this code already.")),
    "uq_opening_hours_store_id_branch_id_weekday_opens": (
        "opens",
        _l("The branch opens at this time already."),
    ),
    "uq_contact_point_store_id_user_id_channel": (
        "channel",
        _l("This person has an address for this channel already."),
    ),
    "uq_notification_rule_store_id_event_audience_position": (
        "position",
        _l("This place in the order is taken for this event and audience."),
    ),
    "ex_price_override_overlap": (
        "starts_at",
        _l("This buyer has another price for this SKU in part of that time."),
    ),
}
"""Constraint of the database → the field it speaks of, and what to say."""


class StillNeeded(DomainError):
    """Something else points at the row."""

    message = _l("Other records still use this, so it cannot be deleted. Switch it off instead.")


class Refused(DomainError):
    """The database refused the values for a reason that has no field."""

    message = _l("These values do not fit together. Please check them.")


def refusal_of(error: DomainError | IntegrityError) -> DomainError:
    """A refusal of the database as one of the domain."""
    if isinstance(error, DomainError):
        return error
    state = getattr(error.orig, "pgcode", "")
    name = str(getattr(getattr(error.orig, "diag", None), "constraint_name", "") or "")
    if name in TAKEN:
        field, message = TAKEN[name]
        return InvalidInput({field: str(message)})
    return StillNeeded() if state == "23503" else Refused()


def put_errors(form: Form, refusal: DomainError) -> None:
    """Put the messages beside their fields; what has no field stands above the form."""
    errors = refusal.errors if isinstance(refusal, InvalidInput) else {refusal.field or "": str(refusal)}
    for name, message in errors.items():
        if name not in form:
            form.form_errors.append(str(message))
            continue
        form[name].errors = [*form[name].errors, str(message)]


def message_of(refusal: DomainError) -> str:
    """One line for a refusal, whatever its kind."""
    if isinstance(refusal, InvalidInput):
        return " ".join(str(message) for message in refusal.errors.values()) or _("Please correct this.")
    return str(refusal)


def errors_of(error: DomainError) -> dict[str, str]:
    """Messages by field; what has none stands above the form."""
    if isinstance(error, InvalidInput):
        return dict(error.errors)
    return {error.field or "": message_of(error)}
