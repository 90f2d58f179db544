"""How quantities and texts are written in the three languages: plural forms and spaces that do not break."""

from __future__ import annotations

import re

NBSP = "\u00a0"

# English singular and plural, as the catalogue files write them; Russian 1, 2–4, 5+; Spanish singular and plural.
COUNTED: dict[tuple[str, str], tuple[tuple[str, str, str], tuple[str, str]]] = {
    ("tablet", "tablets"): (("таблетка", "таблетки", "таблеток"), ("tableta", "tabletas")),
    ("caplet", "caplets"): (("таблетка", "таблетки", "таблеток"), ("comprimido", "comprimidos")),
    ("capsule", "capsules"): (("капсула", "капсулы", "капсул"), ("cápsula", "cápsulas")),
    ("softgel", "softgels"): (("капсула", "капсулы", "капсул"), ("cápsula blanda", "cápsulas blandas")),
    ("gummy", "gummies"): (("пастилка", "пастилки", "пастилок"), ("gomita", "gomitas")),
    ("lozenge", "lozenges"): (("пастилка", "пастилки", "пастилок"), ("pastilla", "pastillas")),
    ("sachet", "sachets"): (("саше", "саше", "саше"), ("sobre", "sobres")),
    ("patch", "patches"): (("пластырь", "пластыря", "пластырей"), ("parche", "parches")),
    ("piece", "pieces"): (("шт.", "шт.", "шт."), ("unidad", "unidades")),
    ("device", "devices"): (("шт.", "шт.", "шт."), ("unidad", "unidades")),
    ("pad", "pads"): (("салфетка", "салфетки", "салфеток"), ("gasa", "gasas")),
    ("mask", "masks"): (("маска", "маски", "масок"), ("mascarilla", "mascarillas")),
    ("test", "tests"): (("тест", "теста", "тестов"), ("prueba", "pruebas")),
    ("kit", "kits"): (("набор", "набора", "наборов"), ("kit", "kits")),
    ("bag", "bags"): (("фильтр-пакет", "фильтр-пакета", "фильтр-пакетов"), ("bolsita", "bolsitas")),
    ("drop", "drops"): (("капля", "капли", "капель"), ("gota", "gotas")),
}
MEASURED = {"g": ("г", "g"), "mL": ("мл", "mL")}

_UNITS = {
    "en": "mg/mL|mg|mcg|mL|g|kg|IU|cm|m|°C",
    "ru": "мг/мл|мг|мкг|мл|г|кг|МЕ|см|м|млрд|шт\\.|°C",
    "es": "mg/mL|mg|mcg|mL|g|kg|UI|cm|m|°C",
}
_RU_SHORT = "в|во|с|со|к|ко|и|о|об|у|а|на|не|ни|по|до|от|за|из|без|для|при|или|под"


def write_quantity(quantity: str) -> dict[str, str]:
    """ "90 capsules" or "240 mL" in every language; KeyError for a unit nobody has translated."""
    number, unit = quantity.split(" ", 1)
    if unit in MEASURED:
        russian, spanish = MEASURED[unit]
    else:
        forms = next(forms for names, forms in COUNTED.items() if unit in names)
        russian = forms[0][_russian_form(int(number))]
        spanish = forms[1][0 if number == "1" else 1]
    return {"en": quantity, "ru": f"{number}{NBSP}{russian}", "es": f"{number}{NBSP}{spanish}"}


def _russian_form(number: int) -> int:
    if number % 10 == 1 and number % 100 != 11:
        return 0
    return 1 if number % 10 in {2, 3, 4} and number % 100 not in {12, 13, 14} else 2


def set_spaces(text: str, locale: str) -> str:
    """The text with non-breaking spaces between figures and units and, in Russian, after short words."""
    text = re.sub(rf"(?<=\d) (?=(?:{_UNITS[locale]})(?!\w))", NBSP, text)
    if locale != "en":
        text = re.sub(r"(?<=\d)%", f"{NBSP}%", text)
    if locale == "ru":
        text = re.sub(rf"(?<![\w-])({_RU_SHORT}) (?=\S)", rf"\1{NBSP}", text, flags=re.IGNORECASE)
        text = text.replace(" — ", f"{NBSP}— ")
    return text
