"""Brands and tags over the whole catalogue: counted, renamed, joined, taken off."""

import re
from typing import Literal

from sqlalchemy import func, select, true

from app.catalog.models import Product
from app.catalog.service import require_editor, touch
from app.core import audit
from app.core.actor import Actor
from app.core.db import db, for_update, transaction
from app.core.errors import InvalidInput
from app.core.i18n import _

Kind = Literal["brand", "tag"]
LONGEST = {"brand": 80, "tag": 40}
_TAG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)


def count_words(kind: Kind) -> list[tuple[str, int]]:
    """Every brand or tag with how many products carry it, hidden ones too, by name."""
    if kind == "brand":
        query = select(Product.brand, func.count()).where(Product.brand != "").group_by(Product.brand)
    else:
        word = func.unnest(Product.tags).table_valued("value", name="tag").render_derived()
        query = (
            select(word.c.value, func.count()).select_from(Product).join(word, true()).group_by(word.c.value)
        )
    rows = [(name, count) for name, count in db.session.execute(query)]
    return sorted(rows, key=lambda row: row[0].casefold())


@transaction()
def rename_word(kind: Kind, name: str, new_name: str, *, actor: Actor) -> int:
    """Write another brand or tag in its place on every product; how many those were.

    A name that is there already joins the two; '' takes it off. Raises InvalidInput on `name`.
    """
    require_editor(actor)
    new = new_name.replace("\x00", "").strip()
    if len(new) > LONGEST[kind]:
        raise InvalidInput({"name": _("At most %(count)s characters, please.", count=LONGEST[kind])})
    if kind == "tag" and new and not _TAG.fullmatch(new):
        raise InvalidInput({"name": _("A tag is a short word in small letters, for example dry-skin.")})
    carries = Product.brand == name if kind == "brand" else Product.tags.contains([name])
    products = list(db.session.scalars(for_update(select(Product).where(carries).order_by(Product.id))))
    for product in products if new != name else []:
        if kind == "brand":
            product.brand = new
        else:
            kept = [new if tag == name else tag for tag in product.tags]
            product.tags = list(dict.fromkeys(tag for tag in kept if tag))
        touch(product, actor)
    if products and new != name:
        audit.record(f"{kind}_renamed", actor=actor, subject=f"{kind}:{name}", changes=[name, new])
    return len(products)
