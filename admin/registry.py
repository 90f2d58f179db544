"""Every view of the console by area: reads like its side-nav."""

from flask_appbuilder import AppBuilder

from admin.catalog import CategoryAdmin, ProductAdmin, VariantAdmin
from admin.dispatch import DispatchView
from admin.inline import VariantCellView
from admin.inventory import StockAdmin, StockMovementAdmin
from admin.menu import add
from admin.photos import ProductPhotoAdmin
from app.core.i18n import _l


def add_views(builder: AppBuilder) -> None:
    """Register them in the order they are shown."""
    add(builder, "Catalogue", ProductAdmin, _l("Products"))
    add(builder, "Catalogue", VariantAdmin, _l("Prices"))
    add(builder, "Catalogue", CategoryAdmin, _l("Categories"))
    add(builder, "Inventory", StockAdmin, _l("Stock"))
    add(builder, "Inventory", StockMovementAdmin, _l("Movements"))
    builder.add_view_no_menu(DispatchView())
    builder.add_view_no_menu(VariantCellView())
    builder.add_view_no_menu(ProductPhotoAdmin())
