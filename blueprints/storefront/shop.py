"""The shop window: home, listings, product pages, and what search engines read."""

from typing import Any

from flask import Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.local import LocalProxy

from app import catalog, marketing, stores
from app.catalog import CategoryView, Sort, Tree, misses
from app.core.i18n import LOCALES, _
from app.web.actor import client_ip
from app.web.pictures import picture_url
from app.web.sharing import shared_page
from blueprints.storefront import bp
from blueprints.storefront.age import ungated
from blueprints.storefront.cards import show_cards, show_rating
from blueprints.storefront.listing_state import STARS, ListingState, read_state, show_plain, show_stars
from blueprints.storefront.product_data import describe_product, describe_tax
from blueprints.storefront.strip import Standing, read_standing

FRAMED = frozenset({"storefront", "account", "track"})
"""Blueprints whose pages stand in the store's frame."""
LISTING_PARAMETERS = ("brand", "from", "lang", "page", "sort", "stars", "stock", "tag", "to")
"""What a shared listing depends on. Searches (`q`) are of endless kinds and are counted, so each is its own."""


@bp.get("/")
@shared_page("lang")
def home() -> ResponseReturnValue:
    """The first page."""
    view = catalog.load_home(_tree())
    return render_template(
        "storefront/home.html",
        drawers=[(drawer, picture_url(path)) for drawer, path in view.drawers],
        popular=show_cards(view.popular),
        new=show_cards(view.new),
        standing=_standing(),
        nav="home",
        **_alternates(),
    )


@bp.get("/shop")
@shared_page(*LISTING_PARAMETERS)
def listing() -> ResponseReturnValue:
    """Everything, or what a search finds."""
    return _show_listing(read_state(request.args, url_for("storefront.listing")))


@bp.get("/c/<slug>")
@shared_page(*LISTING_PARAMETERS)
def category(slug: str) -> ResponseReturnValue:
    """One drawer of the cabinet with everything below it."""
    return _show_listing(read_state(request.args, url_for("storefront.category", slug=slug), slug))


@bp.get("/p/<slug>")
@shared_page("lang", "sku", "told")
def product(slug: str) -> ResponseReturnValue:
    """One remedy."""
    return _fresh(render_product(slug))


def render_product(slug: str, **context: Any) -> str:
    """The page of one remedy, with what a form on it says besides."""
    view = catalog.get_product(slug, _tree())
    wanted = request.form.get("sku") or request.args.get("sku")
    return render_template(
        "storefront/product.html",
        product=view,
        chosen=next((v for v in view.variants if v.sku == wanted), view.lead),
        rating=show_rating(view.rating_centi),
        related=show_cards(view.related),
        reviews=marketing.published_reviews(view.id),
        structured=describe_product(view),
        tax=describe_tax(view.lead.tax_class),
        picture_url=picture_url,
        say_tag=catalog.say_tag,
        standing=_standing(),
        category_slug=view.trail[0].slug,
        told=request.args.get("told") == "1",
        **_alternates(),
        **context,
    )


@bp.get("/robots.txt")
@ungated
def robots() -> ResponseReturnValue:
    """What crawlers may read."""
    rules = "User-agent: *\nDisallow: /cart\nDisallow: /checkout\nDisallow: /account\nAllow: /\n"
    return Response(f"{rules}Sitemap: {stores.public_url('/sitemap.xml')}\n", mimetype="text/plain")


@bp.get("/sitemap.xml")
@ungated
def sitemap() -> ResponseReturnValue:
    """Every drawer and every remedy."""
    tree = _tree()
    page = render_template(
        "storefront/sitemap.xml",
        drawers=tree.by_id.values(),
        goods=catalog.list_slugs(tree),
        public_url=stores.public_url,
    )
    return Response(page, mimetype="application/xml")


def _show_listing(state: ListingState) -> ResponseReturnValue:
    page = catalog.list_products(state.filters, state.sort, page=state.page, tree=_tree())
    if not page.items and state.page > 1:
        return redirect(state.url())
    if not page.items and state.is_plain_search:
        misses.record_miss(state.filters.q, visitor=client_ip())
    return _fresh(
        render_template(
            "storefront/listing.html",
            state=state,
            page=page,
            cards=show_cards(page.items),
            sorts=_sorts(searching=bool(state.filters.q)),
            stars=[(show_stars(least), least) for least in STARS],
            say_tag=catalog.say_tag,
            plain=show_plain,
            query=state.filters.q,
            category_slug=page.trail[0].slug if page.trail else "",
            nav="search",
            **_alternates(),
        )
    )


def _fresh(page: str) -> Response:
    """Prices and stock change by the minute: a browser asks again, and is told when nothing changed."""
    response = make_response(page)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _sorts(*, searching: bool) -> list[tuple[str, str]]:
    return [
        (Sort.popular, _("Best match") if searching else _("Most asked for")),
        (Sort.price_asc, _("Price, low to high")),
        (Sort.price_desc, _("Price, high to low")),
        (Sort.new, _("Newest first")),
        (Sort.rating, _("Best rated")),
    ]


def _alternates() -> dict[str, Any]:
    """The page's own address and the same page in each language, for search engines."""
    plain = stores.public_url(request.path)
    return {"canonical": plain, "alternates": {code: f"{plain}?lang={code}" for code in LOCALES}}


def _tree() -> Tree:
    if "tree" not in g:
        g.tree = catalog.load_tree()
    tree: Tree = g.tree
    return tree


def _nav() -> tuple[CategoryView, ...]:
    return _tree().top


def _standing() -> Standing:
    """All that one page says of the moment is of one moment."""
    if "standing" not in g:
        g.standing = read_standing()
    standing: Standing = g.standing
    return standing


@bp.app_context_processor
def _frame() -> dict[str, Any]:
    """What the frame of a store page shows; asked for only when a template does."""
    if request.blueprint not in FRAMED:
        return {}
    return {
        "nav_categories": LocalProxy(_nav),
        "promise": LocalProxy(lambda: _standing().promise_line),
        "hours": LocalProxy(lambda: _standing().hours_line),
    }
