"""What packs are printed with: the category's inks, and letters set as outlines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from math import cos, radians, sin
from pathlib import Path
from typing import Literal

Face = Literal["display-500", "display-600", "text-500", "text-600", "text-700"]
Anchor = Literal["start", "middle", "end"]
Glyph = tuple[int, list[list[str | int]]]

PAPER, INK = "#FBF7EC", "#16281F"
CHROMA = 0.088  # low on purpose: amber glass is the brightest thing on the shelf
OUTLINES = Path(__file__).parent / "fonts" / "outlines.json"


@dataclass(frozen=True, slots=True)
class Inks:
    """The four inks of one hue, as #RRGGBB."""

    body: str
    dark: str
    tint: str
    light: str


@lru_cache(maxsize=64)
def mix_inks(hue: int) -> Inks:
    """The inks of a hue (OKLCH, 0–360); yellows are lifted, since they turn to mud when dark."""
    return Inks(
        body=oklch(0.62 if 50 < hue < 125 else 0.54, CHROMA, hue),
        dark=oklch(0.38, CHROMA * 0.72, hue),
        tint=oklch(0.92, CHROMA * 0.35, hue),
        light=oklch(0.72, CHROMA * 0.8, hue),
    )


def oklch(lightness: float, chroma: float, hue: float) -> str:
    """An OKLCH colour as sRGB #RRGGBB, clipped. Matrices: Björn Ottosson, "A perceptual color space"."""
    a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    channels = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return "#" + "".join(f"{_gamma(channel):02X}" for channel in channels)


def _gamma(linear: float) -> int:
    clipped = max(0.0, min(1.0, linear))
    return round(255 * (12.92 * clipped if clipped <= 0.0031308 else 1.055 * clipped ** (1 / 2.4) - 0.055))


@lru_cache(maxsize=1)
def _faces() -> dict[str, dict[str, Glyph]]:
    faces: dict[str, dict[str, Glyph]] = json.loads(OUTLINES.read_text("utf-8"))
    return faces


def _glyph(face: Face, character: str) -> Glyph:
    glyphs = _faces()[face]
    return glyphs.get(character) or glyphs["-"]


def measure(words: str, size: float, face: Face = "display-600", track: float = 0) -> float:
    """Width of a line of type, in the units of `size`."""
    width = sum(_glyph(face, character)[0] * size / 1000 + track for character in words)
    return width - track if words else 0.0


def wrap_words(words: str, size: float, width: float) -> list[str]:
    """The words in lines of at most `width`, except where one word alone is wider."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and measure(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def set_type(
    words: str,
    at: tuple[float, float],
    size: float,
    fill: str,
    face: Face = "display-600",
    *,
    track: float = 0,
    anchor: Anchor = "middle",
    fit: float | None = None,
) -> str:
    """A line of type as one <path>, its baseline starting, centred or ending at a point.

    It is set smaller when it would be wider than `fit`.
    """
    width = measure(words, size, face, track)
    if fit and width > fit:
        size, track, width = size * fit / width, track * fit / width, fit
    x, y = at
    pen = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
    drawn = []
    for character in words:
        advance, commands = _glyph(face, character)
        drawn += [_place(command, pen, y, size / 1000) for command in commands]
        pen += advance * size / 1000 + track
    return f'<path fill="{fill}" d="{"".join(drawn)}"/>'


def _place(command: list[str | int], x: float, y: float, scale: float) -> str:
    operator, *values = command
    points = [x + v * scale if i % 2 == 0 else y - v * scale for i, v in enumerate(map(int, values))]
    return f"{operator}{' '.join(map(trim, points))}"


def trim(value: float) -> str:
    """A coordinate to a tenth of a unit, without trailing zeros."""
    return f"{value:.1f}".rstrip("0").rstrip(".")
