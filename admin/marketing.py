"""Reviews: read by staff before others see them."""

from flask import flash, redirect, request
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from sqlalchemy.orm import joinedload

from admin import cells
from admin.base import READ_ONLY, Answer, StoreInterface, StoreModelView
from admin.cells import Column
from admin.filters import Choice
from admin.refusals import message_of
from app import marketing
from app.core.errors import DomainError
from app.core.i18n import _, _l
from app.identity.models import Customer
from app.marketing.models import Review, ReviewStatus
from app.web.actor import current_actor

STATES = {
    ReviewStatus.pending: _l("To read"),
    ReviewStatus.published: _l("Published"),
    ReviewStatus.rejected: _l("Rejected"),
}
STATE_COLOURS = {
    ReviewStatus.pending: "warning",
    ReviewStatus.published: "success",
    ReviewStatus.rejected: "danger",
}


def stars(review: Review) -> str:
    """Five signs, filled up to the rating."""
    return "★" * review.stars + "☆" * (5 - review.stars)


class ReviewAdmin(StoreModelView):
    """What buyers wrote, and whether others may read it."""

    datamodel = StoreInterface(Review)
    route_base = "/console/reviews"
    list_title = _l("Reviews")
    list_template = "admin/reviews.html"
    exclude_route_methods = READ_ONLY | {"show"}
    eager = (
        joinedload(Review.product),
        joinedload(Review.order),
        joinedload(Review.customer).joinedload(Customer.user),
    )
    order = "-created"
    search_in = (Review.body,)
    filters = (
        Choice(
            "status",
            _l("State"),
            lambda: [(state.value, word) for state, word in STATES.items()],
            lambda value: Review.status == ReviewStatus(value),
        ),
        Choice(
            "stars",
            _l("Stars"),
            lambda: [(str(count), "★" * count) for count in range(1, 6)],
            lambda value: Review.stars == int(value),
        ),
    )
    columns = (
        Column("stars", _l("Stars"), stars, Review.stars, "th-stars"),
        Column("body", _l("Review"), cells.plain("body")),
        Column(
            "product", _l("Product"), lambda row: str(row.product) if row.product else _("The whole order")
        ),
        Column(
            "order",
            _l("Order"),
            cells.linked("order", "OrderAdmin.show", cells.plain("order.code"), "order_id"),
        ),
        Column("customer", _l("Customer"), lambda row: str(row.customer)),
        Column("status", _l("State"), cells.chips("status", STATES, STATE_COLOURS), Review.status),
        Column("created", _l("Written"), cells.moment("created_at"), Review.created_at, "when"),
    )

    @expose("/moderate/<pk>/<verdict>", methods=["POST"])
    @has_access
    @permission_name("moderate")
    def moderate(self, pk: str, verdict: str) -> Answer:
        """Publish or reject a review; the product's average follows."""
        review = self.row(pk)
        act = marketing.publish_review if verdict == "publish" else marketing.reject_review
        try:
            act(review, current_actor())
        except DomainError as error:
            flash(message_of(error), "danger")
        else:
            flash(_("Published.") if verdict == "publish" else _("Rejected."), "success")
        kept = {name: request.args[name] for name in ("status", "page", "stars") if name in request.args}
        return redirect(self.url("list", **kept), 303)
