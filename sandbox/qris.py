"""A QRIS code's text (EMVCo merchant-presented mode): tags with lengths, closed by a checksum."""

from __future__ import annotations


def qris(merchant: str, city: str, amount: int, reference: str) -> str:
    """The text of a code for one payment of whole rupiah."""
    account = _tag("00", "ID.CO.QRIS.WWW") + _tag("02", "ID1020000000000") + _tag("03", "UMI")
    text = "".join(
        (
            _tag("00", "01"),
            _tag("01", "12"),  # for one payment
            _tag("51", account),
            _tag("52", "5912"),  # drug stores
            _tag("53", "360"),  # rupiah
            _tag("54", str(amount)),
            _tag("58", "ID"),
            _tag("59", merchant[:25]),
            _tag("60", city[:15]),
            _tag("62", _tag("01", reference[-25:])),
            "6304",
        )
    )
    return f"{text}{checksum(text):04X}"


def checksum(text: str) -> int:
    """CRC-16/CCITT-FALSE, which ends such a text."""
    crc = 0xFFFF
    for byte in text.encode():
        crc ^= byte << 8
        for _bit in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
            crc &= 0xFFFF
    return crc


def _tag(name: str, value: str) -> str:
    return f"{name}{len(value):02d}{value}"
