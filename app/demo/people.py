"""The people of the demo stores: staff to sign in as, customers and doorsteps for the history, and reviews.

Nobody here exists. American telephone numbers come from the range kept for fiction (555-01xx); house
numbers are invented on streets that do exist, so that routes and maps look right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["store_admin", "manager", "dispatcher", "driver", "customer"]
Locale = Literal["en", "ru", "es"]

PASSWORD = "theriac-demo"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in with `email` and PASSWORD. Drivers have a vehicle and a plate."""

    login: str
    store: str
    role: Role
    first_name: str
    last_name: str
    phone: str
    locale: Locale = "en"
    vehicle: str = ""
    plate: str = ""

    @property
    def email(self) -> str:
        """`<login>@<store>.test`."""
        return f"{self.login}@{self.store}.test"


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who ordered in the past ninety days."""

    first_name: str
    last_name: str
    phone: str
    locale: Locale


@dataclass(frozen=True, slots=True)
class Address:
    """A doorstep. `area` is the delivery zone in Miami and the code of the nearest branch in Jakarta."""

    area: str
    line1: str
    line2: str
    city: str
    postcode: str


@dataclass(frozen=True, slots=True)
class ReviewText:
    """What a customer wrote after delivery, with 1 to 5 stars."""

    stars: int
    locale: Locale
    text: str


def list_staff(store: str) -> tuple[Person, ...]:
    """Everybody with a sign-in of their own at "miami" or "jakarta", `ana` the customer included."""
    return tuple(
        Person(login, store, role, first, last, phone, locale, vehicle, plate)
        for login, role, first, last, phone, locale, vehicle, plate in _STAFF[store]
    )


def list_customers(store: str) -> tuple[Customer, ...]:
    """The other customers of a store, every one with a telephone number of their own."""
    prefix, first = _CUSTOMER_PHONES[store]
    named = [(name, locale) for locale, names in _CUSTOMERS[store].items() for name in names.split(", ")]
    customers = []
    for number, (name, locale) in enumerate(named, start=first):
        given, family = name.rsplit(" ", 1)
        customers.append(Customer(given, family, f"{prefix}{number}", locale))
    return tuple(customers)


def list_addresses(store: str) -> tuple[Address, ...]:
    """At least ten doorsteps in every area of a store."""
    return tuple(
        Address(area, line1, line2, city, postcode)
        for area, (city, lines) in _DOORSTEPS[store].items()
        for postcode, line1, line2 in (
            map(str.strip, f"{line}//".split("/")[:3]) for line in lines.strip().split("\n")
        )
    )


def list_reviews() -> tuple[ReviewText, ...]:
    """What customers write, in the three languages, mostly content."""
    return tuple(
        ReviewText(stars, locale, text) for locale, texts in _REVIEWS.items() for stars, text in texts
    )


_Staff = tuple[str, Role, str, str, str, Locale, str, str]

_STAFF: dict[str, tuple[_Staff, ...]] = {
    "miami": (
        ("owner", "store_admin", "Marisol", "Ferrer", "+13055550110", "en", "", ""),
        ("manager", "manager", "Dmitri", "Volkov", "+13055550111", "ru", "", ""),
        ("dispatcher", "dispatcher", "Carla", "Mendez", "+13055550112", "en", "", ""),
        ("driver1", "driver", "Boris", "Levin", "+13055550121", "ru", "Honda PCX 125", "MCA 417"),
        ("driver2", "driver", "Luis", "Cabrera", "+13055550122", "es", "Toyota Corolla", "QRT 28B"),
        ("driver3", "driver", "Denise", "Baptiste", "+13055550123", "en", "Kia Soul", "JKL 905"),
        ("driver4", "driver", "Marcus", "Hill", "+13055550124", "en", "Vespa Primavera", "MCB 133"),
        ("driver5", "driver", "Yaneli", "Ortega", "+13055550125", "es", "Nissan Leaf", "EVZ 61F"),
        ("driver6", "driver", "Artem", "Sokolov", "+13055550126", "ru", "Ford Transit Connect", "TRX 74C"),
        ("ana", "customer", "Ana", "Reyes", "+13055550101", "en", "", ""),
    ),
    "jakarta": (
        ("owner", "store_admin", "Ratna", "Kusumawati", "+6281255501010", "en", "", ""),
        ("manager", "manager", "Bayu", "Pratama", "+6281255501011", "en", "", ""),
        ("dispatcher", "dispatcher", "Sinta", "Maharani", "+6281255501012", "en", "", ""),
        ("driver1", "driver", "Agus", "Setiawan", "+6281255501021", "en", "Honda Vario 160", "B 4172 SKM"),
        ("driver2", "driver", "Rizky", "Hidayat", "+6281255501022", "en", "Yamaha NMAX", "B 3390 KLT"),
        ("driver3", "driver", "Dewi", "Anggraini", "+6281255501023", "en", "Honda Scoopy", "B 6128 PQA"),
        ("driver4", "driver", "Fajar", "Nugroho", "+6281255501024", "en", "Honda BeAT", "B 5543 UZT"),
        ("driver5", "driver", "Hendra", "Gunawan", "+6281255501025", "en", "Yamaha Gear 125", "B 4809 TFE"),
        ("driver6", "driver", "Yusuf", "Siregar", "+6281255501026", "en", "Daihatsu Gran Max", "B 9217 UCJ"),
        ("ana", "customer", "Ana", "Lestari", "+6281255501001", "en", "", ""),
    ),
}

_CUSTOMER_PHONES = {"miami": ("+130555501", 30), "jakarta": ("+62812555", 20100)}

_CUSTOMERS: dict[str, dict[Locale, str]] = {
    "miami": {
        "en": "Grace Whitfield, Tyrone Banks, Hannah Brooks, Jasper Cole, Nadia Rahman, Owen McKay, Priya Nair, "
        "Simone Laurent, Walter Grady, Keisha Morgan, Ethan Feldman, Monique Desir, Rachel Stein, Devon Clarke, "
        "Lila Hoffman, Samuel Okafor, Tessa Lindgren, Victor Huang, Joanne Petit, Andre Thompson",
        "es": "Camila Rojas, Javier Castillo, Lucía Fernández, Orlando Peña, Mariana Duarte, Ernesto Valdés, "
        "Daniela Quintero, Raúl Benítez, Patricia Salgado, Iván Morales, Gabriela Núñez, Héctor Zamora, "
        "Yolanda Prieto, Andrés Villalba, Rosa Echevarría, Felipe Arango, Beatriz Cordero, Tomás Guzmán",
        "ru": "Ольга Крылова, Павел Соболев, Марина Гордеева, Илья Левитин, Светлана Панова, Тимур Ахметов, "
        "Елена Зайцева, Константин Рудаков, Наталья Фомина, Григорий Штерн, Вера Мельник, Алексей Дроздов",
    },
    "jakarta": {
        "en": "Putri Handayani, Andi Wibowo, Citra Permata, Budi Santoso, Maya Kartika, Reza Firmansyah, "
        "Wulan Safitri, Dimas Prakoso, Nadya Paramita, Ilham Saputra, Kartika Dewi, Joko Susilo, Intan Puspita, "
        "Arif Rahman, Melati Siahaan, Kevin Tanuwijaya, Lidya Halim, Bagus Wicaksono, Shinta Aulia, "
        "Gilang Ramadhan, Tania Salim, Yoga Aditya, Fitri Rahayu, Steven Lim, Anisa Zahra, Doni Kurniawan, "
        "Clara Simanjuntak, Hasan Basri, Emma Lindqvist, Thomas Berger",
        "ru": "Анна Белова, Максим Орлов, Дарья Ким, Никита Осипов",
        "es": "Laura Giménez, Diego Paredes, Sofía Herrera",
    },
}

# postcode / street and number / flat
_DOORSTEPS: dict[str, dict[str, tuple[str, str]]] = {
    "miami": {
        "Downtown Miami": (
            "Miami",
            """
            33132 / 1146 NE 2nd Ave / Unit 6
            33132 / 851 Biscayne Blvd / Apt 2104
            33132 / 73 NE 3rd St
            33132 / 417 NE 1st Ave / Apt 908
            33131 / 296 SE 2nd St / Apt 1712
            33131 / 1082 S Miami Ave / Apt 405
            33131 / 665 SE 8th St / Apt 12A
            33130 / 432 SW 7th St / Apt 3
            33130 / 718 SW 2nd Ave
            33130 / 257 SW 10th St / Apt 5
            33128 / 314 NW 1st Ave / Apt 1106
            33128 / 541 SW 1st St / Apt 2
            """,
        ),
        "Coral Gables": (
            "Coral Gables",
            """
            33134 / 428 Alhambra Cir
            33134 / 817 Majorca Ave
            33134 / 263 Giralda Ave / Apt 7
            33134 / 1214 Castile Ave
            33134 / 936 Ponce de Leon Blvd / Apt 302
            33134 / 541 Aragon Ave
            33134 / 2317 Segovia St / Apt 4
            33146 / 648 Blue Rd
            33146 / 1409 Alminar Ave
            33146 / 5836 San Amaro Dr
            33146 / 1177 Hardee Rd
            33146 / 624 Zamora Ave
            """,
        ),
        "Brickell–Coconut Grove": (
            "Miami",
            """
            33129 / 248 SW 23rd Rd / Apt 4B
            33129 / 1873 SW 3rd Ave
            33129 / 2164 Brickell Ave / Apt 815
            33129 / 126 SW 15th Rd / Apt 11
            33129 / 2239 S Miami Ave
            33133 / 3146 Grand Ave / Apt 6
            33133 / 2951 Tigertail Ave / Apt 203
            33133 / 3384 Virginia St
            33133 / 3618 Matilda St
            33133 / 2765 SW 28th Ter
            33145 / 1928 SW 22nd Ave
            33145 / 2087 Coral Way / Apt 510
            33145 / 1742 SW 17th Ave
            """,
        ),
        "Miami Beach": (
            "Miami Beach",
            """
            33139 / 1337 Meridian Ave / Apt 9
            33139 / 826 Euclid Ave / Apt 4
            33139 / 1452 West Ave / Apt 1203
            33139 / 745 Michigan Ave / Apt 2
            33139 / 1918 Collins Ave / Apt 607
            33140 / 4163 Pine Tree Dr
            33140 / 4527 Sheridan Ave
            33140 / 5273 Collins Ave / Apt 1408
            33140 / 3934 Royal Palm Ave
            33141 / 7426 Harding Ave / Apt 3
            33141 / 7718 Byron Ave
            33141 / 1165 Normandy Dr / Apt 8
            """,
        ),
        "Wynwood–Midtown": (
            "Miami",
            """
            33127 / 2634 NW 2nd Ave / Apt 5
            33127 / 187 NW 29th St / Apt 402
            33127 / 3528 N Miami Ave
            33127 / 462 NW 33rd St
            33137 / 3291 NE 1st Ave / Apt 1510
            33137 / 436 NE 34th St / Apt 7
            33137 / 4217 NE 2nd Ave
            33137 / 5148 Biscayne Blvd / Apt 12
            33137 / 573 NE 52nd Ter
            33138 / 6846 NE 6th Ct
            33138 / 721 NE 72nd Ter
            33138 / 8235 NE 8th Ave / Apt 3
            """,
        ),
        "Doral–Airport": (
            "Miami",
            """
            33122 / 7285 NW 25th St / Suite 140
            33122 / 2761 NW 79th Ave / Suite 8
            33126 / 5534 NW 7th St / Apt 316
            33126 / 6127 W Flagler St / Apt 9
            33126 / 836 NW 57th Ave / Apt 21
            33166 / 217 Curtiss Pkwy
            33166 / 648 Westward Dr
            33166 / 7362 NW 36th St
            33172 / 9351 Fontainebleau Blvd / Apt 510
            33172 / 1284 NW 107th Ave / Apt 204
            33178 / 10437 NW 41st St / Apt 118
            33178 / 5726 NW 114th Ave / Apt 307
            """,
        ),
    },
    "jakarta": {
        "jkt-kemang": (
            "Jakarta Selatan",
            """
            12730 / Jl. Kemang Raya No. 47
            12730 / Jl. Kemang Timur No. 88 / Unit 3
            12730 / Jl. Kemang Selatan VIII No. 16
            12730 / Jl. Bangka Raya No. 102
            12730 / Jl. Kemang Utara No. 29
            12730 / Jl. Benda No. 14
            12560 / Jl. Ampera Raya No. 131 / Lt. 2
            12560 / Jl. Kemang Dalam IV No. 9
            12150 / Jl. Prapanca Raya No. 38
            12160 / Jl. Wijaya I No. 61
            12790 / Jl. Duren Tiga Raya No. 24
            """,
        ),
        "jkt-menteng": (
            "Jakarta Pusat",
            """
            10310 / Jl. Cikini Raya No. 73
            10310 / Jl. Teuku Umar No. 52
            10310 / Jl. HOS Cokroaminoto No. 119
            10310 / Jl. Menteng Raya No. 27 / Unit 5B
            10310 / Jl. Surabaya No. 44
            10310 / Jl. Imam Bonjol No. 68
            10350 / Jl. Sutan Syahrir No. 21
            10330 / Jl. Cikini IV No. 12
            10320 / Jl. Proklamasi No. 57
            10340 / Jl. Kebon Sirih No. 83 / Lt. 6
            10340 / Jl. Wahid Hasyim No. 96
            """,
        ),
        "jkt-kelapa-gading": (
            "Jakarta Utara",
            """
            14240 / Jl. Boulevard Raya Blok QA No. 18
            14240 / Jl. Kelapa Nias Raya Blok PB No. 7
            14240 / Jl. Kelapa Hybrida Blok QJ No. 22
            14240 / Jl. Boulevard Barat Raya Blok XC No. 5
            14240 / Jl. Kelapa Puan Timur III Blok NA No. 31
            14240 / Jl. Kelapa Gading Permai Blok TB No. 12
            14250 / Jl. Pegangsaan Dua No. 64
            14250 / Jl. Gading Griya Lestari Blok D No. 9
            14240 / Jl. Kelapa Cengkir Raya Blok FY No. 3
            14240 / Jl. Raya Gading Kirana Blok A No. 26
            14250 / Jl. Gading Nirwana Raya Blok PF No. 15
            """,
        ),
    },
}

_REVIEWS: dict[Locale, tuple[tuple[int, str], ...]] = {
    "en": (
        (5, "Ordered at lunch, at my door before my meeting ended. Everything sealed."),
        (5, "The driver called from the lobby instead of guessing the apartment. Small thing, big help."),
        (5, "Cheaper than the chain on the corner and I did not have to leave a sick kid alone."),
        (4, "Good service. The bag was damp from the rain, the boxes inside were fine."),
        (5, "I could see the pin move the whole way. No need to stand at the window."),
        (4, "Right items, right price. Came eight minutes after the slot, but they wrote to say so."),
        (3, "The tablets are what I asked for. I wish the 24-pack were in stock more often."),
        (5, "Same magnesium I used to order online and wait four days for."),
        (2, "One item was missing. The refund came the same evening, still an extra trip for me."),
        (5, "Polite, quick, asked for my ID once and did not make a fuss."),
        (4, "The gel works for me. The cap is hard to open with wet hands."),
        (5, "Paid cash, got exact change. That almost never happens."),
    ),
    "ru": (
        (5, "Заказала вечером, привезли через сорок минут. Упаковка целая, сроки хорошие."),
        (5, "Курьер позвонил заранее и поднялся на этаж. Спасибо, с малышом на руках это важно."),
        (4, "Всё как в описании. Хотелось бы побольше окон доставки после девяти вечера."),
        (5, "Магний беру уже третий раз, цена ниже, чем в соседней аптеке."),
        (5, "Удобно, что видно, где едет курьер. Не пришлось ждать у двери."),
        (3, "Лекарство привезли, но на десять минут позже обещанного. Предупредили сообщением."),
        (5, "Вежливо, быстро, сдача до цента. Буду заказывать ещё."),
        (4, "Капли хорошие, пипетка немного подтекает. На вопрос ответили сразу."),
        (5, "Маме за семьдесят, она справилась с заказом сама. Это о многом говорит."),
        (2, "Привезли не ту дозировку. Заменили в тот же день, но осадок остался."),
        (5, "Чай с ромашкой пахнет ромашкой, а не пылью. Взяла ещё две пачки."),
        (4, "Удобный сайт, всё на русском. Не хватает только оплаты привычной картой."),
    ),
    "es": (
        (5, "Pedí a la hora del almuerzo y llegó antes de las dos. Todo bien cerrado."),
        (5, "El repartidor fue muy amable y me dio el cambio exacto."),
        (4, "Buen servicio. Me gustaría que hubiera más horarios los domingos."),
        (5, "Seguí el pedido en el mapa y bajé justo cuando llegaba."),
        (5, "Más barato que en la farmacia de la esquina y sin hacer fila."),
        (3, "El producto es bueno, pero llegó quince minutos tarde por el tráfico. Avisaron."),
        (5, "Mi mamá no maneja y ahora pide ella sola. Un alivio para las dos."),
        (4, "La crema se absorbe rápido. El tubo podría ser más grande por ese precio."),
        (5, "Tenía fiebre y no podía salir. En media hora tenía el termómetro en la puerta."),
        (2, "Faltó una caja. Me devolvieron el dinero el mismo día, pero la necesitaba esa noche."),
        (5, "Los electrolitos de cítricos, los mejores después de correr con este calor."),
        (4, "Todo correcto. La bolsa venía mojada por la lluvia, lo de adentro seco."),
    ),
}
