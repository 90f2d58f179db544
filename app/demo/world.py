"""The two demo stores: where they are, when they open, where they deliver."""

from dataclasses import dataclass, field
from datetime import time
from typing import Any


@dataclass(frozen=True)
class BranchSpec:
    """A place, open every day between two times."""

    code: str
    name: str
    line1: str
    city: str
    zip: str
    lat: float
    lng: float
    phone: str
    opens: time
    closes: time
    slot_capacity: int = 6
    chat: str = ""


@dataclass(frozen=True)
class ZoneSpec:
    """An area of a branch and its terms; minutes of the ETA as (low, high)."""

    name: str
    branch: str
    zips: tuple[str, ...]
    fee_minor: int
    minimum_minor: int
    free_from_minor: int
    eta: tuple[int, int]
    bands: tuple[tuple[int, int], ...] = ()  # from so many metres, so much more
    beyond: tuple[tuple[str, int], ...] = ()  # a ZIP that only a tier's perk reaches, its fee


@dataclass(frozen=True)
class WindowSpec:
    """Weekday hours in which some ZIPs cannot be reached."""

    zips: tuple[str, ...]
    from_time: time
    to_time: time
    note: dict[str, str]
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)


@dataclass(frozen=True)
class StoreSpec:
    """Everything a store needs before it has goods and people."""

    hosts: tuple[str, ...]
    columns: dict[str, Any]
    branches: tuple[BranchSpec, ...]
    zones: tuple[ZoneSpec, ...]
    windows: tuple[WindowSpec, ...] = field(default=())
    hourly: tuple[tuple[int, int, int], ...] = ()  # weekday, hour, what a slot takes at every branch


MIAMI = StoreSpec(
    hosts=("miami.localhost",),
    columns={
        "slug": "miami",
        "name": "Brickell Apothecary",
        "tagline": {
            "en": "The good apothecary, at your door tonight",
            "ru": "Хорошая аптека — у вашей двери уже сегодня",
            "es": "La buena botica, en su puerta esta noche",
        },
        "prefix": "MIA",
        "currency": "USD",
        "country": "US",
        "timezone": "America/New_York",
        "min_age": 21,
        "tax_rates_bp": {"standard": 700, "exempt": 0},
        "capabilities": ["delivery", "pickup"],
        "refund_limit_minor": 10_000,
        "support_phone": "+13055550100",
        "support_email": "help@miami.test",
        "brand": {"city": "Miami", "since": 2019},
    },
    branches=(
        BranchSpec(
            "mia-main",
            "Brickell",
            "901 S Miami Ave",
            "Miami",
            "33130",
            25.7654,
            -80.1936,
            "+13055550100",
            time(8),
            time(23),
            chat="-1002000000001",
        ),
    ),
    zones=(  # fees and thresholds in minor units, ETA in minutes
        ZoneSpec(
            "Downtown Miami",
            "mia-main",
            ("33101", "33128", "33130", "33131", "33132"),
            399,
            1500,
            7500,
            (25, 40),
        ),
        ZoneSpec("Coral Gables", "mia-main", ("33134", "33146", "33114"), 599, 2500, 9000, (40, 60)),
        ZoneSpec(
            "Brickell–Coconut Grove", "mia-main", ("33129", "33133", "33145"), 399, 1500, 7500, (35, 50)
        ),
        ZoneSpec(
            "Miami Beach",
            "mia-main",
            ("33139", "33140", "33141"),
            699,
            3000,
            10000,
            (45, 75),
            bands=((9000, 150),),
            beyond=(("33154", 1299),),
        ),
        ZoneSpec("Wynwood–Midtown", "mia-main", ("33127", "33137", "33138"), 499, 2000, 8000, (35, 55)),
        ZoneSpec(
            "Doral–Airport",
            "mia-main",
            ("33122", "33126", "33166", "33172", "33178"),
            799,
            3500,
            12000,
            (50, 90),
            bands=((10000, 100), (14000, 250)),
        ),
    ),
    hourly=tuple(
        [(day, hour, 4) for day in range(5) for hour in (17, 18, 19)]
        + [(day, hour, 8) for day in range(7) for hour in (11, 12)]
    ),
    windows=(
        WindowSpec(
            ("33129",),
            time(17),
            time(19),
            {
                "en": "Brickell Ave is closed to us from 5 to 7 PM on weekdays. Pick an earlier or later time.",
                "ru": "По будням с 17 до 19 проезд по Брикелл-авеню для нас закрыт. Выберите время раньше или позже.",
                "es": "Entre semana, de 17 a 19 h, no podemos circular por Brickell Ave. Elija otra hora.",
            },
        ),
    ),
)

JAKARTA = StoreSpec(
    hosts=("jakarta.localhost",),
    columns={
        "slug": "jakarta",
        "name": "Apotek Nusantara",
        "tagline": {
            "en": "Three branches, one good cabinet",
            "ru": "Три аптеки, одна хорошая аптечка",
            "es": "Tres sucursales, un buen botiquín",
        },
        "prefix": "JKT",
        "currency": "IDR",
        "country": "ID",
        "timezone": "Asia/Jakarta",
        "min_age": 0,
        "tax_inclusive": True,
        "tax_rates_bp": {"standard": 1100, "exempt": 0},
        "capabilities": ["pickup", "courier"],
        "refund_limit_minor": 500_000,
        "support_phone": "+6281255501000",
        "support_email": "help@jakarta.test",
        "brand": {"city": "Jakarta", "since": 2014},
    },
    branches=(
        BranchSpec(
            "jkt-kemang",
            "Kemang",
            "Jl. Kemang Raya No. 24",
            "Jakarta Selatan",
            "12730",
            -6.2607,
            106.8133,
            "+6281255501000",
            time(8),
            time(22),
            4,
            "-1002000000011",
        ),
        BranchSpec(
            "jkt-menteng",
            "Menteng",
            "Jl. HOS Cokroaminoto No. 81",
            "Jakarta Pusat",
            "10310",
            -6.1957,
            106.8312,
            "+6281255501002",
            time(7),
            time(22),
            4,
            "-1002000000012",
        ),
        BranchSpec(
            "jkt-kelapa-gading",
            "Kelapa Gading",
            "Jl. Boulevard Raya QJ1 No. 9",
            "Jakarta Utara",
            "14240",
            -6.1588,
            106.9056,
            "+6281255501003",
            time(9),
            time(21),
            4,
            "-1002000000013",
        ),
    ),
    zones=(  # fees and thresholds in minor units, ETA in minutes
        ZoneSpec(
            "Kemang",
            "jkt-kemang",
            ("12730", "12560", "12150", "12160", "12790"),
            15000,
            50000,
            300000,
            (30, 60),
        ),
        ZoneSpec(
            "Menteng",
            "jkt-menteng",
            ("10310", "10320", "10330", "10340", "10350"),
            15000,
            50000,
            300000,
            (30, 60),
        ),
        ZoneSpec("Kelapa Gading", "jkt-kelapa-gading", ("14240", "14250"), 12000, 50000, 250000, (25, 50)),
    ),
)

STORES: dict[str, StoreSpec] = {"miami": MIAMI, "jakarta": JAKARTA}
