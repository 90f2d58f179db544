"""Every route and who may use it: the authority matrix. A route without a row here fails the walk.

A row is (endpoint or prefix ending in a dot or *, audience). The first row that fits counts. Audiences name the
roles that are let in; what they may do with a row they do not own is another question, which the walk over foreign
ids answers.
"""

ROLES = ("anonymous", "customer", "driver", "dispatcher", "manager", "store_admin", "platform_admin")

EVERYONE = frozenset(ROLES)
SIGNED_IN = EVERYONE - {"anonymous"}
DRIVER = frozenset({"driver"})
PLATFORM = frozenset({"platform_admin"})
ADMINS = frozenset({"store_admin", "platform_admin"})
MANAGERS = ADMINS | {"manager"}
STAFF = MANAGERS | {"dispatcher"}
READ_BY_DISPATCHERS = (
    "BranchAdmin",
    "CategoryAdmin",
    "DeliveryPolicyView",
    "DeliverySlotAdmin",
    "DeliverySlotGrid",
    "ExpansionWishAdmin",
    "HourCapacityView",
    "HoursExceptionAdmin",
    "OpeningHoursAdmin",
    "ProductAdmin",
    "PurchaseLimitAdmin",
    "StockAdmin",
    "StockLotAdmin",
    "StockMovementAdmin",
    "StockTransferAdmin",
    "TrafficWindowAdmin",
    "VariantAdmin",
    "VariantPriceAdmin",
    "WhatIfView",
    "ZoneAdmin",
)

ROWS: tuple[tuple[str, frozenset[str]], ...] = (
    # machines and files
    ("static", EVERYONE),
    ("appbuilder.static", EVERYONE),
    ("ops.", EVERYONE),
    ("media.", EVERYONE),
    ("webhooks.", EVERYONE),  # each checks its provider's signature or receipt instead of a person
    # the shop
    ("storefront.order_placed", EVERYONE),  # by the signed link of the order
    ("storefront.", EVERYONE),
    ("track.", EVERYONE),  # by the signed link of the order
    # signing in, and one's own account
    ("account.sign_in", EVERYONE),
    ("account.start_signing_in", EVERYONE),
    ("account.enter_code", EVERYONE),
    ("account.check_code", EVERYONE),
    ("account.send_again", EVERYONE),
    ("account.sign_up", EVERYONE),
    ("account.start_joining", EVERYONE),
    ("account.verify_email", EVERYONE),
    ("account.check_email_code", EVERYONE),
    ("account.send_letter_again", EVERYONE),
    ("account.confirm_link", EVERYONE),  # by the link of the letter
    ("account.confirm_by_link", EVERYONE),
    ("account.sign_out", EVERYONE),
    ("account.leave", EVERYONE),
    ("account.", SIGNED_IN),
    # the driver's phone
    ("driver.", DRIVER),
    # the API
    ("api_store.", EVERYONE),
    ("api_catalogue.", EVERYONE),
    ("api_docs.", EVERYONE),
    ("api_auth.", EVERYONE),
    ("api_track.", EVERYONE),
    ("api_me.", SIGNED_IN),
    ("api_orders.", SIGNED_IN),
    ("api_reviews.", SIGNED_IN),
    ("api_dispatch.", STAFF),
    ("api_driver.", DRIVER),
    # the console
    ("DispatchView.", STAFF),
    ("ConsoleIndexView.", STAFF),
    ("OrderAdmin.", STAFF),
    ("RefundAdmin.", MANAGERS),
    ("ChargebackAdmin.", MANAGERS),
    ("ReconciliationAdmin.write_off", ADMINS),
    ("ReconciliationAdmin.", MANAGERS),
    ("StoreAuthView.", EVERYONE),  # both only lead to /sign-in and /sign-out
    ("LocaleView.", EVERYONE),
    ("UtilView.", EVERYONE),
    ("CustomerAdmin.", MANAGERS),
    ("TransferDeskView.", MANAGERS),
    ("BankStatementAdmin.", MANAGERS),
    ("WalletAdmin.correct", ADMINS),
    ("WalletAdmin.", MANAGERS),
    ("ReviewAdmin.", MANAGERS),
    ("SearchMissAdmin.", MANAGERS),
    ("RoleMatrixView.", MANAGERS),
    ("NotificationRuleAdmin.list", MANAGERS),
    ("NotificationTemplateAdmin.list", MANAGERS),
    ("NotificationRuleAdmin.", ADMINS),
    ("NotificationTemplateAdmin.", ADMINS),
    ("DeliveryAdmin.", MANAGERS),
    ("MembershipAdmin.", ADMINS),
    ("ContactPointAdmin.", ADMINS),
    ("PaymentAttemptAdmin.", MANAGERS),
    ("PaymentReviewAdmin.", MANAGERS),
    ("WebhookMessageAdmin.", MANAGERS),
    ("PaymentMethodView.", ADMINS),
    ("StoreAdmin.", ADMINS),
    ("AuditAdmin.", ADMINS),
    ("PlatformStoreAdmin.", PLATFORM),
    ("PersonAdmin.", PLATFORM),
    # catalogue, stock and delivery: dispatchers read the lists, managers change what is in them
    ("ProductWordAdmin.list", STAFF),
    ("ProductWordAdmin.", MANAGERS),
    ("ProductImportAdmin.list", STAFF),
    ("ProductImportAdmin.show", STAFF),
    ("ProductImportAdmin.state", STAFF),
    ("ProductImportAdmin.", MANAGERS),
    ("WhatIfView.show", STAFF),
    ("StockAdmin.show", STAFF),
    ("StockTransferAdmin.show", STAFF),
    *((f"{view}.list", STAFF) for view in READ_BY_DISPATCHERS),
    *((f"{view}.", MANAGERS) for view in READ_BY_DISPATCHERS),
    ("ProductPhotoAdmin.", MANAGERS),
    ("VariantCellView.read", STAFF),
    ("VariantCellView.", MANAGERS),
)


def audience_of(endpoint: str) -> frozenset[str] | None:
    """Who may use it; None when the matrix has no row for it."""
    for name, audience in ROWS:
        if endpoint == name or (name.endswith(".") and endpoint.startswith(name)):
            return audience
    return None
