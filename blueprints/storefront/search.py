"""Search as you type: the catalogue for a browser that searches by itself, and answers for one that cannot."""

import gzip
import json
from typing import Any

from flask import Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from app import catalog
from app.catalog import Filters, ProductCard, prices
from app.web.pictures import picture_url
from app.web.rendering import show_money
from app.web.sharing import share_bytes
from blueprints.storefront import bp
from blueprints.storefront.listing_state import read_state

MOST_IN_BROWSER = 5000
"""Products that a browser searches; a larger catalogue is searched here, word by word."""
SUGGESTED = 7

Row = list[Any]
"""name, subtitle, brand, words of its tags, price as text, address, picture, hue, whether any is there (1 or 0)."""


@bp.get("/search-index.json")
def search_index() -> ResponseReturnValue:
    """{goods: [Row, …]}, most asked for first; `large` and no goods when there are too many for a browser."""
    packed, tag = share_bytes(f"/search-index.json#{prices.own_mark()}", _pack)
    response = Response(mimetype="application/json")
    if "gzip" in request.accept_encodings:
        response.set_data(packed)
        response.headers["Content-Encoding"] = "gzip"
    else:
        response.set_data(gzip.decompress(packed))
    return _revalidated(response, tag)


@bp.get("/search.json")
def search_goods() -> ResponseReturnValue:
    """{goods: [Row, …], instead} for the words `q`: the first few."""
    words = read_state(request.args, "").filters.q
    if not words:
        return jsonify(goods=[], instead="")
    page = catalog.list_products(Filters(q=words), size=SUGGESTED)
    answer = jsonify(goods=[_row(card, ()) for card in page.items], instead=page.instead)
    answer.headers["Cache-Control"] = "private, max-age=60"
    return answer


def _pack() -> bytes:
    found = catalog.list_index(MOST_IN_BROWSER + 1)
    large = len(found) > MOST_IN_BROWSER
    goods = [] if large else [_row(card, tags) for card, tags in found]
    said = json.dumps({"goods": goods, "large": large}, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(said.encode(), 6, mtime=0)


def _row(card: ProductCard, tags: tuple[str, ...]) -> Row:
    return [
        card.name,
        card.subtitle,
        card.brand,
        " ".join(map(catalog.say_tag, tags)),
        show_money(card.price_minor),
        url_for("storefront.product", slug=card.slug),
        picture_url(card.image_path),
        card.hue,
        int(card.available > 0),
    ]


def _revalidated(response: Response, tag: str) -> Response:
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.update(("Cookie", "Accept-Language", "Accept-Encoding"))
    return response.make_conditional(request)  # type: ignore[return-value]
