"""The matrix and the words a store begins with; both are rows that its staff may change.

Texts for phones name the order, a first name, an amount and a link: never goods, never a whole address.
"""

from app.notifications import payment_words, wallet_words
from app.notifications.audiences import BRANCH, CUSTOMER, DISPATCHERS, DRIVER, MANAGERS
from app.notifications.sorts import LETTER, PUSH, TEXT
from app.notifications.transfer_words import TRANSFER_RULES, TRANSFER_TEXTS

_GROUPS = {"pushover": PUSH, "telegram": PUSH, "whatsapp": TEXT, "sms": TEXT, "email": LETTER}

CHANNELS = tuple(_GROUPS)

_PHONE = ("whatsapp", "sms")
_TEAM = ("pushover", "telegram")

RULES: tuple[tuple[str, str, tuple[str, ...], int, int], ...] = (
    # event, audience, channels (the first, then its fallbacks), priority, position
    ("order.placed", DISPATCHERS, _TEAM, 2, 0),
    ("order.placed", DISPATCHERS, ("telegram",), 1, 1),
    ("order.placed", BRANCH, ("telegram",), 1, 0),
    ("order.placed", CUSTOMER, _PHONE, 0, 0),
    ("order.unacknowledged", DISPATCHERS, ("telegram", "sms"), 1, 0),
    ("order.unacknowledged_long", MANAGERS, ("sms", "telegram"), 1, 0),
    ("order.ready_for_pickup", CUSTOMER, _PHONE, 0, 0),
    ("order.assigned", DRIVER, _TEAM, 2, 0),
    ("order.picked_up", CUSTOMER, _PHONE, 0, 0),
    ("order.handed_over", CUSTOMER, _PHONE, 0, 0),
    ("order.delivered", DISPATCHERS, _TEAM, 1, 0),
    ("order.delivered", CUSTOMER, _PHONE, 0, 0),
    ("order.collected", CUSTOMER, _PHONE, 0, 0),
    ("order.cancelled", DISPATCHERS, _TEAM, 0, 0),
    ("order.cancelled", BRANCH, ("telegram",), 0, 0),
    ("order.cancelled", CUSTOMER, _PHONE, 0, 0),
    ("order.failed", BRANCH, ("telegram",), 0, 0),
    ("order.failed", DISPATCHERS, _TEAM, 1, 0),
    ("order.failed", CUSTOMER, _PHONE, 0, 0),
    ("review.requested", CUSTOMER, _PHONE, 0, 0),
    ("expansion.asked", CUSTOMER, ("email",), 0, 0),
    ("expansion.granted", CUSTOMER, ("email",), 0, 0),
    ("substitution.proposed", CUSTOMER, _PHONE, 1, 0),
    ("substitution.answered", DISPATCHERS, _TEAM, 1, 0),
    ("cart.waiting", CUSTOMER, _PHONE, -1, 0),
    ("order.unpaid", CUSTOMER, _PHONE, 0, 0),
    ("refund.done", CUSTOMER, _PHONE, 0, 0),
    ("refund.failed", MANAGERS, _TEAM, 1, 0),
    ("stock.low", MANAGERS, _TEAM, 0, 0),
    ("stock.expiring", MANAGERS, _TEAM, 1, 0),
    ("stock.back", CUSTOMER, ("email", *_PHONE), -1, 0),
    *payment_words.RULES,
    *TRANSFER_RULES,
    *wallet_words.RULES,
)

Texts = dict[str, tuple[str, str]]

TEXTS: dict[tuple[str, str, str], Texts] = {
    ("order.placed", DISPATCHERS, PUSH): {
        "en": ("New order %(code)s", "%(zone)s, by %(until)s. Items: %(items)s, total %(amount)s."),
        "ru": ("Новый заказ %(code)s", "%(zone)s, до %(until)s. Позиций: %(items)s, сумма %(amount)s."),
        "es": (
            "Pedido nuevo %(code)s",
            "%(zone)s, antes de las %(until)s. Artículos: %(items)s, total %(amount)s.",
        ),
    },
    ("order.placed", CUSTOMER, TEXT): {
        "en": (
            "",
            "%(store)s: thank you, %(name)s! We have your order %(code)s, %(amount)s. Follow it: %(link)s",
        ),
        "ru": ("", "%(store)s: спасибо, %(name)s! Заказ %(code)s на %(amount)s принят. Следить: %(link)s"),
        "es": (
            "",
            "%(store)s: ¡gracias, %(name)s! Recibimos su pedido %(code)s, %(amount)s. Sígalo: %(link)s",
        ),
    },
    ("order.unacknowledged", DISPATCHERS, PUSH): {
        "en": ("Still waiting: %(code)s", "Nobody has acknowledged this order yet. %(zone)s, by %(until)s."),
        "ru": ("Всё ещё ждёт: %(code)s", "Этот заказ пока никто не принял. %(zone)s, до %(until)s."),
        "es": (
            "Sigue en espera: %(code)s",
            "Nadie ha atendido este pedido. %(zone)s, antes de las %(until)s.",
        ),
    },
    ("order.unacknowledged", DISPATCHERS, TEXT): {
        "en": ("", "%(store)s: nobody has acknowledged order %(code)s yet. %(link)s"),
        "ru": ("", "%(store)s: заказ %(code)s пока никто не принял. %(link)s"),
        "es": ("", "%(store)s: nadie ha atendido el pedido %(code)s. %(link)s"),
    },
    ("order.unacknowledged_long", MANAGERS, TEXT): {
        "en": ("", "%(store)s: order %(code)s has been waiting for 10 minutes and nobody answers. %(link)s"),
        "ru": ("", "%(store)s: заказ %(code)s ждёт уже 10 минут, никто не отвечает. %(link)s"),
        "es": ("", "%(store)s: el pedido %(code)s lleva 10 minutos en espera y nadie responde. %(link)s"),
    },
    ("order.unacknowledged_long", MANAGERS, PUSH): {
        "en": ("%(code)s: 10 minutes without an answer", "No dispatcher has acknowledged this order."),
        "ru": ("%(code)s: 10 минут без ответа", "Ни один диспетчер не принял этот заказ."),
        "es": ("%(code)s: 10 minutos sin respuesta", "Ningún despachador ha atendido este pedido."),
    },
    ("order.ready_for_pickup", CUSTOMER, TEXT): {
        "en": (
            "",
            "%(store)s: order %(code)s is ready at %(branch)s. Your pickup code: %(pickup_code)s. %(link)s",
        ),
        "ru": ("", "%(store)s: заказ %(code)s ждёт вас в %(branch)s. Код выдачи: %(pickup_code)s. %(link)s"),
        "es": (
            "",
            "%(store)s: su pedido %(code)s está listo en %(branch)s. Código: %(pickup_code)s. %(link)s",
        ),
    },
    ("order.assigned", DRIVER, PUSH): {
        "en": ("Delivery %(code)s is yours", "%(zone)s, by %(until)s. To collect: %(due)s."),
        "ru": ("Доставка %(code)s за вами", "%(zone)s, до %(until)s. Получить: %(due)s."),
        "es": ("La entrega %(code)s es suya", "%(zone)s, antes de las %(until)s. Por cobrar: %(due)s."),
    },
    ("order.picked_up", CUSTOMER, TEXT): {
        "en": ("", "%(store)s: order %(code)s is on its way, %(driver)s is driving. Watch the map: %(link)s"),
        "ru": ("", "%(store)s: заказ %(code)s в пути, везёт %(driver)s. Смотреть на карте: %(link)s"),
        "es": ("", "%(store)s: su pedido %(code)s va en camino con %(driver)s. Véalo en el mapa: %(link)s"),
    },
    ("order.handed_over", CUSTOMER, TEXT): {
        "en": ("", "%(store)s: order %(code)s is with the courier. Follow it: %(link)s"),
        "ru": ("", "%(store)s: заказ %(code)s передан курьерской службе. Следить: %(link)s"),
        "es": ("", "%(store)s: su pedido %(code)s ya está con el mensajero. Sígalo: %(link)s"),
    },
    ("order.delivered", DISPATCHERS, PUSH): {
        "en": ("Delivered: %(code)s", "%(driver)s, %(zone)s, %(amount)s."),
        "ru": ("Доставлен: %(code)s", "%(driver)s, %(zone)s, %(amount)s."),
        "es": ("Entregado: %(code)s", "%(driver)s, %(zone)s, %(amount)s."),
    },
    ("order.delivered", CUSTOMER, TEXT): {
        "en": ("", "%(store)s: order %(code)s is delivered, %(amount)s. Thank you, %(name)s! %(link)s"),
        "ru": ("", "%(store)s: заказ %(code)s доставлен, %(amount)s. Спасибо, %(name)s! %(link)s"),
        "es": ("", "%(store)s: su pedido %(code)s fue entregado, %(amount)s. ¡Gracias, %(name)s! %(link)s"),
    },
    ("order.collected", CUSTOMER, TEXT): {
        "en": ("", "%(store)s: order %(code)s is in your hands, %(amount)s. Thank you, %(name)s! %(link)s"),
        "ru": ("", "%(store)s: заказ %(code)s выдан, %(amount)s. Спасибо, %(name)s! %(link)s"),
        "es": ("", "%(store)s: ya tiene su pedido %(code)s, %(amount)s. ¡Gracias, %(name)s! %(link)s"),
    },
    ("order.cancelled", DISPATCHERS, PUSH): {
        "en": ("Cancelled: %(code)s", "Reason: %(reason)s"),
        "ru": ("Отменён: %(code)s", "Причина: %(reason)s"),
        "es": ("Cancelado: %(code)s", "Motivo: %(reason)s"),
    },
    ("order.cancelled", CUSTOMER, TEXT): {
        "en": ("", "%(store)s: order %(code)s was cancelled. Nothing is due. Details: %(link)s"),
        "ru": ("", "%(store)s: заказ %(code)s отменён, платить не нужно. Подробности: %(link)s"),
        "es": ("", "%(store)s: su pedido %(code)s fue cancelado. No debe nada. Detalles: %(link)s"),
    },
    ("order.failed", DISPATCHERS, PUSH): {
        "en": ("Not delivered: %(code)s", "%(driver)s: %(reason)s"),
        "ru": ("Не доставлен: %(code)s", "%(driver)s: %(reason)s"),
        "es": ("No entregado: %(code)s", "%(driver)s: %(reason)s"),
    },
    ("order.failed", CUSTOMER, TEXT): {
        "en": ("", "%(store)s: we could not hand over order %(code)s. We will be in touch. %(link)s"),
        "ru": ("", "%(store)s: не удалось вручить заказ %(code)s. Мы свяжемся с вами. %(link)s"),
        "es": ("", "%(store)s: no pudimos entregar su pedido %(code)s. Nos pondremos en contacto. %(link)s"),
    },
    ("review.requested", CUSTOMER, TEXT): {
        "en": ("", "%(store)s: how did we do, %(name)s? Two taps are enough: %(link)s"),
        "ru": ("", "%(store)s: всё ли понравилось, %(name)s? Достаточно двух касаний: %(link)s"),
        "es": ("", "%(store)s: ¿qué tal lo hicimos, %(name)s? Bastan dos toques: %(link)s"),
    },
}
TEXTS |= {
    ("substitution.proposed", CUSTOMER, TEXT): {
        "en": (
            "",
            "%(store)s: %(name)s, something in order %(code)s has run out and we suggest a replacement. "
            "Please say yes or no by %(answer_by)s: %(link)s",
        ),
        "ru": (
            "",
            "%(store)s: %(name)s, в заказе %(code)s закончился один товар, предлагаем замену. "
            "Ответьте, пожалуйста, до %(answer_by)s: %(link)s",
        ),
        "es": (
            "",
            "%(store)s: %(name)s, se agotó un artículo de su pedido %(code)s y le proponemos otro. "
            "Díganos sí o no antes de las %(answer_by)s: %(link)s",
        ),
    },
    ("substitution.answered", DISPATCHERS, PUSH): {
        "en": ("%(code)s: replacement %(answer)s", "%(old)s → %(new)s. New total: %(amount)s."),
        "ru": ("%(code)s: замена %(answer)s", "%(old)s → %(new)s. Сумма теперь: %(amount)s."),
        "es": ("%(code)s: sustitución %(answer)s", "%(old)s → %(new)s. Total ahora: %(amount)s."),
    },
    ("cart.waiting", CUSTOMER, TEXT): {
        "en": (
            "",
            "%(store)s: %(name)s, you asked us to remind you of your cart. It is still here: %(link)s "
            "No more reminders: %(stop)s",
        ),
        "ru": (
            "",
            "%(store)s: %(name)s, вы просили напомнить о корзине. Она вас ждёт: %(link)s "
            "Больше не напоминать: %(stop)s",
        ),
        "es": (
            "",
            "%(store)s: %(name)s, nos pidió que le recordáramos su carrito. Aquí sigue: %(link)s "
            "No recordarme más: %(stop)s",
        ),
    },
    ("expansion.granted", CUSTOMER, LETTER): {
        "en": (
            "We deliver to %(zip)s now",
            "You asked us to tell you: from today %(store)s delivers to %(zip)s.\n\n"
            "This was the letter you wished for; there will be no other from this list.",
        ),
        "ru": (
            "Мы начали доставку в %(zip)s",
            "Вы просили сообщить: с сегодняшнего дня %(store)s доставляет в %(zip)s.\n\n"
            "Это то самое письмо, других по этому списку не будет.",
        ),
        "es": (
            "Ya entregamos en %(zip)s",
            "Nos pidió que le avisáramos: desde hoy %(store)s entrega en %(zip)s.\n\n"
            "Esta era la carta que esperaba; no habrá más de esta lista.",
        ),
    },
    ("expansion.asked", CUSTOMER, LETTER): {
        "en": (
            "Shall we tell you when we deliver to %(zip)s?",
            "Somebody, we hope you, asked us to write when %(store)s delivers to %(zip)s.\n\n"
            "Please confirm, and you will get one letter on that day. If it was not you, do nothing: "
            "we will not write again.",
        ),
        "ru": (
            "Сообщить вам, когда мы начнём возить в %(zip)s?",
            "Кто-то, надеемся, что вы, попросил написать, когда %(store)s начнёт доставку в %(zip)s.\n\n"
            "Подтвердите, пожалуйста, и в тот день вы получите одно письмо. Если это были не вы, "
            "ничего не делайте: больше мы не напишем.",
        ),
        "es": (
            "¿Le avisamos cuando entreguemos en %(zip)s?",
            "Alguien, esperamos que usted, nos pidió escribir cuando %(store)s entregue en %(zip)s.\n\n"
            "Confírmelo y ese día recibirá una sola carta. Si no fue usted, no haga nada: "
            "no volveremos a escribirle.",
        ),
    },
}

TEXTS |= {
    ("order.unpaid", CUSTOMER, TEXT): {
        "en": (
            "",
            "%(store)s: order %(code)s was not paid in time, so we cancelled it. Nothing was charged. %(link)s",
        ),
        "ru": (
            "",
            "%(store)s: заказ %(code)s не был оплачен вовремя, и мы его отменили. Деньги не списаны. %(link)s",
        ),
        "es": (
            "",
            "%(store)s: su pedido %(code)s no se pagó a tiempo y lo cancelamos. No se cobró nada. %(link)s",
        ),
    },
    ("stock.low", MANAGERS, PUSH): {
        "en": (
            "Running low: %(product)s",
            "%(branch)s has %(left)s left of %(sku)s; you asked to be told at %(threshold)s.",
        ),
        "ru": (
            "Заканчивается: %(product)s",
            "%(branch)s: осталось %(left)s, артикул %(sku)s. Порог оповещения — %(threshold)s.",
        ),
        "es": (
            "Quedan pocas: %(product)s",
            "%(branch)s: quedan %(left)s de %(sku)s. El aviso está puesto en %(threshold)s.",
        ),
    },
    ("stock.expiring", MANAGERS, PUSH): {
        "en": (
            "Promised, but past its date: %(product)s",
            "%(branch)s: %(units)s of %(sku)s will be past their date (%(day)s) when these orders are handed over: "
            "%(codes)s. Free elsewhere: %(elsewhere)s.",
        ),
        "ru": (
            "Обещано, но истекает срок: %(product)s",
            "%(branch)s: %(units)s шт. (%(sku)s) со сроком до %(day)s не доживут до выдачи заказов %(codes)s. "
            "Свободно в других филиалах: %(elsewhere)s.",
        ),
        "es": (
            "Reservado, pero caduca: %(product)s",
            "%(branch)s: %(units)s de %(sku)s caducan (%(day)s) antes de entregar estos pedidos: %(codes)s. "
            "Libres en otras sucursales: %(elsewhere)s.",
        ),
    },
    ("stock.back", CUSTOMER, LETTER): {
        "en": (
            "It is back: %(product)s",
            "You asked us to tell you when %(product)s is there again. It is on our shelf now, as long as it lasts."
            "\n\nThis was the one letter you asked for. To take back other wishes: %(stop)s",
        ),
        "ru": (
            "Снова в продаже: %(product)s",
            "Вы просили сообщить, когда %(product)s снова появится. Товар уже на полке, но количество ограничено."
            "\n\nЭто единственное письмо по вашей просьбе. Отказаться от уведомлений: %(stop)s",
        ),
        "es": (
            "Ya está de vuelta: %(product)s",
            "Nos pidió que le avisáramos cuando %(product)s volviera. Ya está en nuestros estantes, hasta agotarse."
            "\n\nEste es el único aviso que pidió. Para no recibir más: %(stop)s",
        ),
    },
    # To a phone without the name of the goods: what somebody takes is nobody else's business.
    ("stock.back", CUSTOMER, TEXT): {
        "en": ("", "%(store)s: what you were waiting for is back: %(link)s No more of this: %(stop)s"),
        "ru": ("", "%(store)s: товар, которого вы ждали, снова в продаже: %(link)s Не сообщать: %(stop)s"),
        "es": ("", "%(store)s: lo que esperaba ya está de vuelta: %(link)s No avisar más: %(stop)s"),
    },
}

TEXTS |= {
    ("refund.done", CUSTOMER, TEXT): {
        "en": ("", "%(store)s: we have given you %(back)s back for order %(code)s, %(where)s. %(link)s"),
        "ru": ("", "%(store)s: мы вернули вам %(back)s за заказ %(code)s, %(where)s. %(link)s"),
        "es": ("", "%(store)s: le devolvimos %(back)s del pedido %(code)s, %(where)s. %(link)s"),
    },
    ("refund.failed", MANAGERS, PUSH): {
        "en": ("Refund refused: %(code)s", "%(back)s did not go back: %(problem)s. Choose another way."),
        "ru": (
            "В возврате отказано: %(code)s",
            "%(back)s не возвращены: %(problem)s. Выберите другой способ.",
        ),
        "es": ("Devolución rechazada: %(code)s", "No se devolvieron %(back)s: %(problem)s. Elija otra vía."),
    },
}
TEXTS |= TRANSFER_TEXTS

# The group of a branch packs the order, so it reads what is in it and where it goes.
TEXTS |= {
    ("order.placed", BRANCH, PUSH): {
        "en": (
            "New order %(code)s, %(branch)s",
            "%(customer)s\n%(address)s\n\n%(lines)s\n\nTotal: %(amount)s\nCourier: %(courier)s\n%(note)s",
        ),
        "ru": (
            "Новый заказ %(code)s, %(branch)s",
            "%(customer)s\n%(address)s\n\n%(lines)s\n\nИтого: %(amount)s\nДоставка: %(courier)s\n%(note)s",
        ),
        "es": (
            "Pedido nuevo %(code)s, %(branch)s",
            "%(customer)s\n%(address)s\n\n%(lines)s\n\nTotal: %(amount)s\nMensajero: %(courier)s\n%(note)s",
        ),
    },
    ("order.cancelled", BRANCH, PUSH): {
        "en": ("Cancelled: %(code)s", "Do not pack it, or put it back on the shelf. %(reason)s"),
        "ru": ("Отменён: %(code)s", "Не собирайте заказ, а собранное верните на полку. %(reason)s"),
        "es": ("Cancelado: %(code)s", "No lo prepare; si ya está listo, devuélvalo al estante. %(reason)s"),
    },
    ("order.failed", BRANCH, PUSH): {
        "en": ("Not delivered: %(code)s", "%(reason)s"),
        "ru": ("Не доставлен: %(code)s", "%(reason)s"),
        "es": ("No entregado: %(code)s", "%(reason)s"),
    },
}

TEXTS |= payment_words.TEXTS
TEXTS |= wallet_words.TEXTS


def group_of(channel: str) -> str:
    """Which sort of words a channel takes."""
    return _GROUPS[channel]
