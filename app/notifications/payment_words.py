"""What a store begins with of the matrix and the words about payments."""

from app.notifications.audiences import CUSTOMER, MANAGERS
from app.notifications.sorts import PUSH, TEXT

_TEAM, _PHONE = ("pushover", "telegram"), ("whatsapp", "sms")

RULES: tuple[tuple[str, str, tuple[str, ...], int, int], ...] = (
    ("payment.review", MANAGERS, _TEAM, 1, 0),
    ("payment.vanished", MANAGERS, _TEAM, 1, 0),
    ("payment.twice", MANAGERS, _TEAM, 0, 0),
    ("payment.twice", CUSTOMER, _PHONE, 0, 0),
)

TEXTS: dict[tuple[str, str, str], dict[str, tuple[str, str]]] = {
    ("payment.review", MANAGERS, PUSH): {
        "en": (
            "A payment does not fit: %(code)s",
            "%(paid)s came by %(method)s, %(asked)s was asked for. The order waits for your decision.",
        ),
        "ru": (
            "Платёж не сходится: %(code)s",
            "Пришло %(paid)s (%(method)s), а ждали %(asked)s. Заказ ждёт вашего решения.",
        ),
        "es": (
            "Un pago no coincide: %(code)s",
            "Llegaron %(paid)s por %(method)s y se pidieron %(asked)s. El pedido espera su decisión.",
        ),
    },
    ("payment.vanished", MANAGERS, PUSH): {
        "en": (
            "A payment has vanished: %(code)s",
            "%(paid)s by %(method)s had paid this order and is on the chain no more. Stop it if it has not left.",
        ),
        "ru": (
            "Платёж исчез: %(code)s",
            "%(paid)s (%(method)s) оплатили этот заказ, но в сети их уже нет. Остановите заказ, если он не уехал.",
        ),
        "es": (
            "Un pago ha desaparecido: %(code)s",
            "%(paid)s por %(method)s habían pagado este pedido y ya no están en la cadena. Deténgalo si aún no salió.",
        ),
    },
    ("payment.twice", MANAGERS, PUSH): {
        "en": (
            "Paid without need: %(code)s",
            "%(paid)s came by %(method)s when nothing was left to pay. It is in the customer’s wallet.",
        ),
        "ru": (
            "Лишний платёж: %(code)s",
            "Пришло %(paid)s (%(method)s), хотя платить было уже нечего. Деньги в кошельке покупателя.",
        ),
        "es": (
            "Pago de más: %(code)s",
            "Llegaron %(paid)s por %(method)s cuando ya no se debía nada. Están en el monedero del cliente.",
        ),
    },
    ("payment.twice", CUSTOMER, TEXT): {
        "en": (
            "",
            "%(store)s: %(name)s, we received %(paid)s for order %(code)s, which needed no payment any more. "
            "The money is in your wallet: %(link)s",
        ),
        "ru": (
            "",
            "%(store)s: %(name)s, по заказу %(code)s пришло %(paid)s, хотя оплата уже не требовалась. "
            "Деньги в вашем кошельке: %(link)s",
        ),
        "es": (
            "",
            "%(store)s: %(name)s, recibimos %(paid)s por el pedido %(code)s, que ya no requería pago. "
            "El dinero está en su monedero: %(link)s",
        ),
    },
}
