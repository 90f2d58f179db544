"""What is said about money sent by hand, to whom: the rows and words a store begins with."""

from app.notifications.audiences import CUSTOMER, MANAGERS
from app.notifications.sorts import PUSH, TEXT

_PHONE, _TEAM = ("whatsapp", "sms"), ("pushover", "telegram")


TRANSFER_RULES: tuple[tuple[str, str, tuple[str, ...], int, int], ...] = (
    ("transfer.reminder", CUSTOMER, _PHONE, 0, 0),
    ("transfer.top_up", CUSTOMER, _PHONE, 1, 0),
    ("transfer.not_found", CUSTOMER, _PHONE, 1, 0),
    ("transfer.claimed", MANAGERS, _TEAM, 1, 0),
    ("transfer.second", MANAGERS, _TEAM, 1, 0),
)

TRANSFER_TEXTS: dict[tuple[str, str, str], dict[str, tuple[str, str]]] = {
    ("transfer.reminder", CUSTOMER, TEXT): {
        "en": (
            "",
            "%(store)s: order %(code)s waits for your %(method)s transfer of %(amount)s. Sent it already? "
            "Tell us here: %(link)s",
        ),
        "ru": (
            "",
            "%(store)s: заказ %(code)s ждёт перевода %(method)s на %(amount)s. Уже отправили? "
            "Сообщите нам: %(link)s",
        ),
        "es": (
            "",
            "%(store)s: su pedido %(code)s espera su transferencia de %(amount)s por %(method)s. ¿Ya la envió? "
            "Avísenos aquí: %(link)s",
        ),
    },
    ("transfer.top_up", CUSTOMER, TEXT): {
        "en": (
            "",
            "%(store)s: we received %(received)s for order %(code)s, thank you. %(amount)s is still missing: %(link)s",
        ),
        "ru": (
            "",
            "%(store)s: по заказу %(code)s получено %(received)s, спасибо. Осталось доплатить %(amount)s: %(link)s",
        ),
        "es": (
            "",
            "%(store)s: recibimos %(received)s por su pedido %(code)s, gracias. Faltan %(amount)s: %(link)s",
        ),
    },
    ("transfer.not_found", CUSTOMER, TEXT): {
        "en": (
            "",
            "%(store)s: we could not find your transfer for order %(code)s: %(reason)s. Please look: %(link)s",
        ),
        "ru": (
            "",
            "%(store)s: мы не нашли перевод по заказу %(code)s: %(reason)s. Подробности: %(link)s",
        ),
        "es": (
            "",
            "%(store)s: no encontramos su transferencia del pedido %(code)s: %(reason)s. Véalo aquí: %(link)s",
        ),
    },
    ("transfer.claimed", MANAGERS, PUSH): {
        "en": (
            "%(method)s %(amount)s: look for it",
            "%(name)s says that order %(code)s is paid. Note: %(memo)s.",
        ),
        "ru": (
            "%(method)s %(amount)s: проверьте поступление",
            "%(name)s сообщает об оплате заказа %(code)s. Комментарий к переводу: %(memo)s.",
        ),
        "es": (
            "%(method)s %(amount)s: búsquelo en el banco",
            "%(name)s dice que pagó el pedido %(code)s. Nota: %(memo)s.",
        ),
    },
    ("transfer.second", MANAGERS, PUSH): {
        "en": (
            "A second person, please: %(amount)s",
            "%(by)s saw %(method)s %(amount)s for order %(code)s. Somebody else has to confirm it.",
        ),
        "ru": (
            "Нужен второй сотрудник: %(amount)s",
            "%(by)s подтверждает %(method)s на %(amount)s по заказу %(code)s. Нужно подтверждение второго сотрудника.",
        ),
        "es": (
            "Hace falta otra persona: %(amount)s",
            "%(by)s vio %(amount)s por %(method)s del pedido %(code)s. Otra persona tiene que confirmarlo.",
        ),
    },
}
