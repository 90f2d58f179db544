"""What a store begins with of the matrix and the words about wallets."""

from app.notifications.audiences import CUSTOMER
from app.notifications.sorts import LETTER, TEXT

_PHONE = ("whatsapp", "sms")

RULES: tuple[tuple[str, str, tuple[str, ...], int, int], ...] = (
    ("wallet.change_kept", CUSTOMER, _PHONE, 0, 0),
    ("wallet.added", CUSTOMER, (*_PHONE, "email"), 0, 0),
    ("wallet.taken", CUSTOMER, (*_PHONE, "email"), 0, 0),
    ("wallet.ending", CUSTOMER, (*_PHONE, "email"), -1, 0),
)

TEXTS: dict[tuple[str, str, str], dict[str, tuple[str, str]]] = {
    ("wallet.change_kept", CUSTOMER, TEXT): {
        "en": (
            "",
            "%(store)s: %(amount)s of change from order %(code)s is in your wallet. It holds %(balance)s: %(link)s",
        ),
        "ru": (
            "",
            "%(store)s: сдача %(amount)s с заказа %(code)s зачислена в ваш кошелёк. Сейчас в нём %(balance)s: "
            "%(link)s",
        ),
        "es": (
            "",
            "%(store)s: el cambio de %(amount)s del pedido %(code)s está en su monedero. Saldo: %(balance)s. %(link)s",
        ),
    },
    ("wallet.added", CUSTOMER, TEXT): {
        "en": (
            "",
            "%(store)s: we put %(amount)s into your wallet: %(reason)s. It holds %(balance)s. %(ends)s%(link)s",
        ),
        "ru": (
            "",
            "%(store)s: мы зачислили %(amount)s в ваш кошелёк: %(reason)s. Сейчас в нём %(balance)s. %(ends)s%(link)s",
        ),
        "es": (
            "",
            "%(store)s: abonamos %(amount)s en su monedero: %(reason)s. Saldo: %(balance)s. %(ends)s%(link)s",
        ),
    },
    ("wallet.added", CUSTOMER, LETTER): {
        "en": (
            "%(amount)s for you at %(store)s",
            "We put %(amount)s into your wallet: %(reason)s.\n\nIt holds %(balance)s now. %(ends)s",
        ),
        "ru": (
            "%(amount)s для вас в %(store)s",
            "Мы зачислили %(amount)s в ваш кошелёк: %(reason)s.\n\nСейчас в нём %(balance)s. %(ends)s",
        ),
        "es": (
            "%(amount)s para usted en %(store)s",
            "Abonamos %(amount)s en su monedero: %(reason)s.\n\nSu saldo es de %(balance)s. %(ends)s",
        ),
    },
    ("wallet.taken", CUSTOMER, TEXT): {
        "en": (
            "",
            "%(store)s: we took %(amount)s out of your wallet: %(reason)s. It holds %(balance)s: %(link)s",
        ),
        "ru": (
            "",
            "%(store)s: мы списали %(amount)s с вашего кошелька: %(reason)s. Остаток — %(balance)s: %(link)s",
        ),
        "es": (
            "",
            "%(store)s: retiramos %(amount)s de su monedero: %(reason)s. Saldo: %(balance)s. %(link)s",
        ),
    },
    ("wallet.taken", CUSTOMER, LETTER): {
        "en": (
            "Your wallet at %(store)s was corrected",
            "We took %(amount)s out of your wallet: %(reason)s.\n\nIt holds %(balance)s now. If you think this is "
            "wrong, please call us.",
        ),
        "ru": (
            "Исправление в вашем кошельке, %(store)s",
            "Мы списали %(amount)s с вашего кошелька: %(reason)s.\n\nОстаток — %(balance)s. Если вы считаете, что это "
            "ошибка, позвоните нам, пожалуйста.",
        ),
        "es": (
            "Se corrigió su monedero en %(store)s",
            "Retiramos %(amount)s de su monedero: %(reason)s.\n\nSu saldo es de %(balance)s. Si cree que es un error, "
            "llámenos, por favor.",
        ),
    },
    ("wallet.ending", CUSTOMER, TEXT): {
        "en": (
            "",
            "%(store)s: %(amount)s in your wallet can be spent until %(day)s. Use it with your next order: %(link)s",
        ),
        "ru": (
            "",
            "%(store)s: %(amount)s в вашем кошельке можно потратить до %(day)s включительно. Оплатите ими следующий "
            "заказ: %(link)s",
        ),
        "es": (
            "",
            "%(store)s: puede usar %(amount)s de su monedero hasta el %(day)s. Aprovéchelos en su próximo pedido: "
            "%(link)s",
        ),
    },
    ("wallet.ending", CUSTOMER, LETTER): {
        "en": (
            "%(amount)s in your wallet until %(day)s",
            "%(amount)s in your wallet at %(store)s can be spent until %(day)s. Use it at the checkout of your next "
            "order; the rest of your wallet stays.",
        ),
        "ru": (
            "%(amount)s в вашем кошельке до %(day)s",
            "%(amount)s в вашем кошельке %(store)s можно потратить до %(day)s включительно. Выберите кошелёк при "
            "оформлении следующего заказа; остальные деньги не сгорают.",
        ),
        "es": (
            "%(amount)s en su monedero hasta el %(day)s",
            "Puede usar %(amount)s de su monedero en %(store)s hasta el %(day)s. Elíjalo al pagar su próximo pedido; "
            "el resto del saldo se conserva.",
        ),
    },
}
