"""Every view of the console by area: reads like its side-nav."""

from flask_appbuilder import AppBuilder

from admin.bank_lists import BankStatementAdmin
from admin.branches import BranchAdmin, HoursExceptionAdmin
from admin.catalog import CategoryAdmin, ProductAdmin
from admin.delivery import DeliverySlotAdmin
from admin.dispatch import DispatchView
from admin.disputes import ChargebackAdmin
from admin.hours import OpeningHoursAdmin
from admin.imports import ProductImportAdmin
from admin.inline import VariantCellView
from admin.inventory import StockAdmin, StockMovementAdmin
from admin.limits import PurchaseLimitAdmin
from admin.lots import StockLotAdmin
from admin.marketing import ReviewAdmin
from admin.menu import add
from admin.messages import DeliveryAdmin, NotificationRuleAdmin, NotificationTemplateAdmin
from admin.orders import OrderAdmin
from admin.payment_methods import PaymentMethodView
from admin.payments import PaymentAttemptAdmin, PaymentReviewAdmin, WebhookMessageAdmin
from admin.people import ContactPointAdmin, CustomerAdmin, MembershipAdmin
from admin.photos import ProductPhotoAdmin
from admin.platform import PersonAdmin, PlatformStoreAdmin
from admin.policy import DeliveryPolicyView
from admin.prices import VariantPriceAdmin
from admin.reconciliation import ReconciliationAdmin
from admin.refunds import RefundAdmin
from admin.searches import SearchMissAdmin
from admin.settings import AuditAdmin, RoleMatrixView, StoreAdmin
from admin.times import DeliverySlotGrid
from admin.traffic import TrafficWindowAdmin
from admin.transfer_desk import TransferDeskView
from admin.transfers import StockTransferAdmin
from admin.usual import HourCapacityView
from admin.variants import VariantAdmin
from admin.wallets import WalletAdmin
from admin.whatif import WhatIfView
from admin.wishes import ExpansionWishAdmin
from admin.words import ProductWordAdmin
from admin.zones import ZoneAdmin
from app.core.i18n import _l

VIEWS = (
    # area, view, label
    ("Orders", OrderAdmin, _l("Orders")),
    ("Payments", PaymentAttemptAdmin, _l("All payments")),
    ("Payments", PaymentReviewAdmin, _l("To decide")),
    ("Payments", WebhookMessageAdmin, _l("Providers’ calls")),
    ("Payments", PaymentMethodView, _l("Methods")),
    ("Payments", RefundAdmin, _l("Refunds")),
    ("Payments", ChargebackAdmin, _l("Chargebacks")),
    ("Payments", ReconciliationAdmin, _l("Reconciliation")),
    ("Payments", TransferDeskView, _l("Transfers by hand")),
    ("Payments", BankStatementAdmin, _l("Bank lists")),
    ("Catalogue", ProductAdmin, _l("Products")),
    ("Catalogue", VariantAdmin, _l("Prices")),
    ("Catalogue", VariantPriceAdmin, _l("Special prices")),
    ("Catalogue", CategoryAdmin, _l("Categories")),
    ("Catalogue", SearchMissAdmin, _l("Searches in vain")),
    ("Catalogue", ProductWordAdmin, _l("Brands and tags")),
    ("Catalogue", ProductImportAdmin, _l("Import and export")),
    ("Inventory", StockAdmin, _l("Stock")),
    ("Inventory", StockLotAdmin, _l("Expiry dates")),
    ("Inventory", StockTransferAdmin, _l("Transfers")),
    ("Inventory", StockMovementAdmin, _l("Movements")),
    ("Inventory", PurchaseLimitAdmin, _l("Purchase limits")),
    ("Customers", CustomerAdmin, _l("Customers")),
    ("Customers", WalletAdmin, _l("Wallets")),
    ("Delivery", ZoneAdmin, _l("Zones")),
    ("Delivery", DeliverySlotGrid, _l("Delivery times")),
    ("Delivery", TrafficWindowAdmin, _l("Traffic windows")),
    ("Delivery", WhatIfView, _l("What if")),
    ("Delivery", ExpansionWishAdmin, _l("Wished-for ZIPs")),
    ("Delivery", BranchAdmin, _l("Branches")),
    ("Delivery", OpeningHoursAdmin, _l("Opening hours")),
    ("Delivery", HoursExceptionAdmin, _l("Special days")),
    ("Delivery", DeliveryPolicyView, _l("Delivery settings")),
    ("Marketing", ReviewAdmin, _l("Reviews")),
    ("Messages", NotificationRuleAdmin, _l("Matrix")),
    ("Messages", NotificationTemplateAdmin, _l("Templates")),
    ("Messages", DeliveryAdmin, _l("Sent messages")),
    ("Settings", StoreAdmin, _l("Store details")),
    ("Settings", MembershipAdmin, _l("Staff")),
    ("Settings", ContactPointAdmin, _l("Contact points")),
    ("Settings", RoleMatrixView, _l("Roles")),
    ("Settings", AuditAdmin, _l("Audit trail")),
    ("Platform", PlatformStoreAdmin, _l("Stores")),
    ("Platform", PersonAdmin, _l("People")),
)


def add_views(builder: AppBuilder) -> None:
    """Register them in the order they are shown."""
    for area, view, label in VIEWS:
        add(builder, area, view, label)
    for hidden in (DeliverySlotAdmin, HourCapacityView, DispatchView, VariantCellView, ProductPhotoAdmin):
        builder.add_view_no_menu(hidden())
