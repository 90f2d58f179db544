"""The members of Authorize.Net's requests in the order of its schema: another order is an error there, and here."""

from __future__ import annotations

from typing import Any

AUTH = ("merchantAuthentication", "clientId", "refId")
ORDERS: dict[str, tuple[str, ...]] = {
    "getHostedPaymentPageRequest": (*AUTH, "transactionRequest", "hostedPaymentSettings"),
    "getTransactionDetailsRequest": (*AUTH, "transId"),
    "getUnsettledTransactionListRequest": (*AUTH, "status", "sorting", "paging"),
    "getTransactionListRequest": (*AUTH, "batchId", "sorting", "paging"),
    "getSettledBatchListRequest": (*AUTH, "includeStatistics", "firstSettlementDate", "lastSettlementDate"),
    "createTransactionRequest": (*AUTH, "transactionRequest"),
    "createCustomerProfileFromTransactionRequest": (
        *AUTH, "transId", "customer", "customerProfileId", "defaultPaymentProfile", "defaultShippingAddress",
        "profileType",
    ),
    "getCustomerProfileRequest": (
        *AUTH, "customerProfileId", "merchantCustomerId", "email", "unmaskExpirationDate", "includeIssuerInfo",
    ),
    "getCustomerPaymentProfileRequest": (
        *AUTH, "customerProfileId", "customerPaymentProfileId", "unmaskExpirationDate", "includeIssuerInfo",
    ),
    "deleteCustomerPaymentProfileRequest": (*AUTH, "customerProfileId", "customerPaymentProfileId"),
    "authenticateTestRequest": AUTH,
    "getMerchantDetailsRequest": AUTH,
    # types
    "merchantAuthentication": ("name", "transactionKey"),
    "transactionRequest": (
        "transactionType", "amount", "currencyCode", "payment", "profile", "solution", "callId", "terminalNumber",
        "authCode", "refTransId", "splitTenderId", "order", "lineItems", "tax", "duty", "shipping", "taxExempt",
        "poNumber", "customer", "billTo", "shipTo", "customerIP", "cardholderAuthentication", "retail", "employeeId",
        "transactionSettings", "userFields", "surcharge", "merchantDescriptor", "subMerchant", "tip",
        "processingOptions", "subsequentAuthInformation",
    ),
    "hostedPaymentSettings": ("setting",),
    "transactionSettings": ("setting",),
    "setting": ("settingName", "settingValue"),
    "order": ("invoiceNumber", "description"),
    "payment": ("creditCard", "bankAccount", "trackData", "encryptedTrackData", "payPal", "opaqueData"),
    "creditCard": ("cardNumber", "expirationDate", "cardCode"),
    "opaqueData": ("dataDescriptor", "dataValue", "dataKey", "expirationTimeStamp"),
    "profile": ("createProfile", "customerProfileId", "paymentProfile", "shippingProfileId"),
    "paymentProfile": ("paymentProfileId", "cardCode"),
    "processingOptions": (
        "isFirstRecurringPayment", "isFirstSubsequentAuth", "isSubsequentAuth", "isStoredCredentials",
    ),
    "sorting": ("orderBy", "orderDescending"),
    "paging": ("limit", "offset"),
}  # fmt: skip
CUSTOMERS = {
    "transactionRequest": ("type", "id", "email"),
    "createCustomerProfileFromTransactionRequest": ("merchantCustomerId", "description", "email"),
}
REQUIRED = {
    "getHostedPaymentPageRequest": ("merchantAuthentication", "transactionRequest", "hostedPaymentSettings"),
    "getTransactionListRequest": ("merchantAuthentication", "batchId"),
    "createTransactionRequest": ("merchantAuthentication", "transactionRequest"),
    "transactionRequest": ("transactionType",),
    "opaqueData": ("dataDescriptor", "dataValue"),
    "deleteCustomerPaymentProfileRequest": ("merchantAuthentication", "customerProfileId", "customerPaymentProfileId"),
    "getCustomerPaymentProfileRequest": ("merchantAuthentication", "customerProfileId", "customerPaymentProfileId"),
}  # fmt: skip


def problem_with(name: str, members: Any) -> str:
    """What the schema has against a request's members, in its own words; empty when nothing."""
    if not isinstance(members, dict):
        return f"The element '{name}' has invalid content."
    order = ORDERS[name]
    last = -1
    for member in members:
        if member not in order or order.index(member) < last:
            expected = ", ".join(order[last + 1 :])
            return (
                f"The element '{name}' has invalid child element '{member}'. "
                f"List of possible elements expected: '{expected}'."
            )
        last = order.index(member)
    missing = [member for member in REQUIRED.get(name, ()) if member not in members]
    if missing:
        return f"The element '{name}' has incomplete content. List of possible elements expected: '{missing[0]}'."
    return next((p for member, value in members.items() if (p := _inner(name, member, value))), "")


def _inner(name: str, member: str, value: Any) -> str:
    if member == "customer":
        wrong = isinstance(value, dict) and list(value) != [key for key in CUSTOMERS[name] if key in value]
        return f"The element 'customer' has invalid child elements in {name}." if wrong else ""
    if member not in ORDERS or (member.endswith("Request") and member != "transactionRequest"):
        return ""
    values = value if isinstance(value, list) else [value]
    return next((p for one in values if (p := problem_with(member, one))), "")
