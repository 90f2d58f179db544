"""Pictures of products: uploading, ordering, describing."""

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from werkzeug.wrappers import Response

from admin.base import Answer
from admin.catalog import ProductAdmin
from admin.filters import read_id
from admin.refusals import message_of
from app.catalog import gallery, photos
from app.catalog.models import Product, ProductPhoto
from app.core.db import db
from app.core.errors import DomainError, InvalidInput
from app.core.i18n import LOCALES, _, _n
from app.web.actor import current_actor
from app.web.errors import STATUS


class ProductPhotoAdmin(BaseView):
    """The row of pictures below a product's form."""

    route_base = "/console/photos"
    default_view = "move"

    @expose("/upload/<product_id>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def upload(self, product_id: str) -> Answer:
        """Keep the uploaded pictures as the product's last ones. What was kept before a bad one stays."""
        product, added = self._found(Product, product_id), 0
        sent = [file for file in request.files.getlist("photo") if file.filename]
        try:
            if not sent:
                raise InvalidInput({"photo": _("Choose a picture first.")})
            for file in sent:
                content, alt = file.stream.read(photos.MAX_BYTES + 1), _alt() if len(sent) == 1 else {}
                gallery.add_photo(product, content, alt, actor=current_actor())
                added += 1
        except DomainError as error:
            name = sent[added].filename if len(sent) > 1 else ""
            refusal = f"{name}: {message_of(error)}" if name else message_of(error)
            return self._products().render_refused_photo(product, refusal, STATUS[error.kind])
        flash(_n("The picture is there.", "%(num)d pictures are there.", added), "success")
        return self._back(product)

    @expose("/order/<product_id>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def order(self, product_id: str) -> Answer:
        """The pictures in the order they were dragged into."""
        product = self._found(Product, product_id)
        wanted = [number for text in request.form.getlist("id") if (number := read_id(text)) is not None]
        gallery.order_photos(product, wanted, actor=current_actor())
        return "", 204

    @expose("/describe/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def describe(self, pk: str) -> Answer:
        """Say what is on the picture."""
        photo = gallery.describe_photo(self._found(ProductPhoto, pk), _alt(), actor=current_actor())
        flash(_("Saved."), "success")
        return self._back(photo.product_id)

    @expose("/move/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def move(self, pk: str) -> Answer:
        """One place to the front or to the back."""
        step = 1 if request.form.get("to") == "back" else -1
        photo = gallery.move_photo(self._found(ProductPhoto, pk), step, actor=current_actor())
        return self._back(photo.product_id)

    @expose("/delete/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def delete(self, pk: str) -> Answer:
        """Take the picture away."""
        product = gallery.remove_photo(self._found(ProductPhoto, pk), actor=current_actor())
        flash(_("Deleted."), "success")
        return self._back(product)

    def _products(self) -> ProductAdmin:
        return next(view for view in self.appbuilder.baseviews if isinstance(view, ProductAdmin))

    def _found(self, model: type, pk: str) -> int:
        number = read_id(pk)
        row = db.session.get(model, number) if number is not None else None
        return row.id if row is not None else abort(404)

    def _back(self, product: int) -> Response:
        return redirect(url_for("ProductAdmin.edit", pk=product, _anchor="photos"), 303)


def _alt() -> dict[str, str]:
    typed = {locale: request.form.get(f"alt-{locale}", "").strip()[:200] for locale in LOCALES}
    return {locale: text for locale, text in typed.items() if text}
