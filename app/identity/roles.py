"""Roles and what each may see of the console: the one list. The matrix page of the console shows this table.

The framework asks for (view, permission) pairs as patterns; authority over rows and transitions is the domain's.
"""

ROLES = (
    "platform_admin",
    "store_admin",
    "manager",
    "dispatcher",
    "driver",
    "customer",
    "doctor",
    "patient",
)

STAFF_ROLES = ("platform_admin", "store_admin", "manager", "dispatcher")

_READ = "can_list|can_show|can_get|can_info|menu_access|can_this_form_get"
_EVERYTHING = ".*"

_CATALOGUE = "Category.*|Product.*|Variant.*|ProductPhoto.*|Catalogue"
_INVENTORY = "Stock.*|PurchaseLimit.*|Inventory"
_ORDERS = "Order.*|Orders"
_PAYMENTS = "PaymentAttempt.*|PaymentReview.*|WebhookMessage.*|TransferDesk.*|BankStatement.*|Payments"
_DISPATCH = "DispatchView|Dispatch|Driver.*"
_DELIVERY = (
    "Zone.*|DeliverySlot.*|HourCapacity.*|DeliveryPolicy.*|WhatIf.*|TrafficWindow.*|OpeningHours.*"
    "|HoursException.*|Branch.*|ExpansionWish.*|Delivery"
)
_MESSAGES = "Notification.*|DeliveryAdmin|Messages"
_REVIEWS = "Review.*|SearchMiss.*|Marketing"
_MONEY = "Refund.*|Chargeback.*|Reconciliation.*|Payments"
_HOME = "ConsoleIndexView|Home"
_CUSTOMERS = "CustomerAdmin|Customers"
_WALLETS = "WalletAdmin"
_STAFF = "MembershipAdmin|ContactPoint.*|StoreAdmin|Settings|AuditAdmin|RoleMatrixView"

PERMISSIONS: dict[str, list[tuple[str, str]]] = {
    "platform_admin": [(_EVERYTHING, _EVERYTHING)],
    "store_admin": [
        (
            "|".join(
                (
                    _HOME,
                    _CATALOGUE,
                    _INVENTORY,
                    _ORDERS,
                    _PAYMENTS,
                    "PaymentMethodView",
                    _DISPATCH,
                    _DELIVERY,
                    _MESSAGES,
                    _REVIEWS,
                    _CUSTOMERS,
                    _MONEY,
                    _WALLETS,
                    _STAFF,
                )
            ),
            _EVERYTHING,
        )
    ],
    "manager": [
        (
            "|".join(
                (
                    _HOME,
                    _CATALOGUE,
                    _INVENTORY,
                    _ORDERS,
                    _PAYMENTS,
                    _DISPATCH,
                    _DELIVERY,
                    _REVIEWS,
                    _CUSTOMERS,
                    _MONEY,
                )
            ),
            _EVERYTHING,
        ),
        ("|".join((_MESSAGES, _WALLETS, "RoleMatrixView", "Settings")), _READ),
    ],
    "dispatcher": [
        ("|".join((_HOME, _ORDERS, _DISPATCH)), _EVERYTHING),
        ("|".join((_CATALOGUE, _INVENTORY, _DELIVERY)), _READ),
    ],
    "driver": [],
    "customer": [],
    "doctor": [],
    "patient": [],
}


def framework_permissions() -> dict[str, list[list[str]]]:
    """PERMISSIONS in the form of the framework's FAB_ROLES, patterns anchored."""
    return {
        role: [[f"^(?:{view})$", f"^(?:{permission})$"] for view, permission in rows]
        for role, rows in PERMISSIONS.items()
    }
