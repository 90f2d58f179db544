"""Writes outlines.json, the glyphs that pack shots print, from the two web fonts of the product.

Run by hand when a face or the character set changes; the result is committed, so neither the web
process nor a seed needs a font library:

    pip install fonttools brotli
    python app/demo/fonts/build_outlines.py <folder with the .woff2 files>

Piazzolla and Onest are published under the SIL Open Font License 1.1.
"""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont

FACES: dict[str, tuple[str, dict[str, int]]] = {
    "display-500": ("piazzolla-{}-opsz-normal.woff2", {"opsz": 30, "wght": 500}),
    "display-600": ("piazzolla-{}-opsz-normal.woff2", {"opsz": 30, "wght": 600}),
    "text-500": ("onest-{}-wght-normal.woff2", {"wght": 500}),
    "text-600": ("onest-{}-wght-normal.woff2", {"wght": 600}),
    "text-700": ("onest-{}-wght-normal.woff2", {"wght": 700}),
}
SUBSETS = ("latin", "latin-ext", "cyrillic")
CHARACTERS = "".join(map(chr, range(0x20, 0x7F))) + "№·–—’×°®áéíóúñüÁÉÍÓÚÑ½µ"
COMMANDS = {"moveTo": "M", "lineTo": "L", "qCurveTo": "Q", "curveTo": "C", "closePath": "Z", "endPath": "Z"}


def main(folder: Path) -> None:
    """Write every face that packs use, in units of a thousandth of the type size, y upwards."""
    outlines = {name: build_face(folder, *face) for name, face in FACES.items()}
    target = Path(__file__).with_name("outlines.json")
    target.write_text(
        json.dumps(outlines, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n", "utf-8"
    )


def build_face(folder: Path, pattern: str, location: dict[str, int]) -> dict[str, list[Any]]:
    """{character: [advance, [[command, x, y, …], …]]} of one face at one place on its axes."""
    face: dict[str, list[Any]] = {}
    for subset in SUBSETS:
        font = TTFont(folder / pattern.format(subset))
        glyphs, cmap = font.getGlyphSet(location=location), font.getBestCmap()
        scale = 1000 / font["head"].unitsPerEm
        for character in CHARACTERS:
            if ord(character) in cmap and character not in face:
                glyph = glyphs[cmap[ord(character)]]
                face[character] = [round(glyph.width * scale), outline_glyph(glyph, glyphs, scale)]
    return face


def outline_glyph(glyph: Any, glyphs: Any, scale: float) -> list[list[Any]]:
    """The drawing commands of a glyph; TrueType's implied on-curve points are made explicit."""
    pen = DecomposingRecordingPen(glyphs)
    glyph.draw(pen)
    commands: list[list[Any]] = []
    for operator, points in pen.value:
        if operator == "qCurveTo":
            commands += [["Q", *flat(pair, scale)] for pair in explicit_quadratics(points)]
        else:
            commands.append([COMMANDS[operator], *flat(points, scale)])
    return commands


def explicit_quadratics(points: tuple[Any, ...]) -> list[tuple[Any, Any]]:
    """(control, end) pairs of one TrueType spline."""
    *controls, end = points
    ends = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in pairwise(controls)]
    return list(zip(controls, [*ends, end], strict=True))


def flat(points: Any, scale: float) -> list[int]:
    """Coordinates in a row, whole thousandths."""
    return [round(value * scale) for point in points for value in point]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
