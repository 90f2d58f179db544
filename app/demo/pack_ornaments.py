"""The ornaments printed on labels, each filling a box of the label."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import cos, pi, sin

Box = tuple[float, float, float, float]  # x, y, width, height


def draw_ornament(kind: str, box: Box, colour: str, opacity: float = 0.9) -> str:
    """One of ORNAMENTS inside `box`; KeyError when there is no such ornament."""
    strokes = "".join(ORNAMENTS[kind](*box)).replace("currentColor", colour)
    return (
        f'<g fill="none" stroke="{colour}" stroke-width="1.5" stroke-linecap="round" opacity="{opacity}">'
        f"{strokes}</g>"
    )


def _wave(x: float, y: float, width: float, height: float) -> Iterator[str]:
    step = width / 6
    for row in range(4):
        crests = "".join(f"q{step / 2:.1f} {-5 if k % 2 else 5} {step:.1f} 0" for k in range(6))
        yield f'<path d="M{x:.1f} {y + height * (row + 0.6) / 4.2:.1f}{crests}"/>'


def _leaf(x: float, y: float, width: float, height: float) -> Iterator[str]:
    stem, foot = x + width / 2, y + height
    yield f'<path d="M{stem:.1f} {foot:.1f}V{y + 2:.1f}"/>'
    for pair in range(4):
        joint, reach = foot - height * (0.16 + pair * 0.2), width * 0.2 * (1 - pair * 0.14)
        for side in (-1, 1):
            r = side * reach
            yield (
                f'<path d="M{stem:.1f} {joint:.1f}q{r * 0.3:.1f} {-reach * 0.9:.1f} {r:.1f} {-reach * 0.8:.1f}'
                f'q{-r * 0.1:.1f} {reach * 0.8:.1f} {-r:.1f} {reach * 0.8:.1f}Z"/>'
            )


def _sun(x: float, y: float, width: float, height: float) -> Iterator[str]:
    cx, cy, r = x + width / 2, y + height * 0.55, min(width, height) * 0.2
    yield f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="{r:.1f}"/>'
    for ray in range(16):
        dx, dy, reach = cos(ray * pi / 8) * r, sin(ray * pi / 8) * r, 2 if ray % 2 else 1.7
        yield (
            f'<path d="M{cx + dx * 1.35:.1f} {cy + dy * 1.35:.1f}L{cx + dx * reach:.1f} {cy + dy * reach:.1f}"/>'
        )


def _moon(x: float, y: float, width: float, height: float) -> Iterator[str]:
    cx, cy, r = x + width / 2, y + height / 2, min(width, height) * 0.36
    yield (
        f'<path d="M{cx + r * 0.3:.1f} {cy - r:.1f}a{r:.1f} {r:.1f} 0 1 0 {r * 0.6:.1f} {r * 1.5:.1f}'
        f'a{r * 0.85:.1f} {r * 0.85:.1f} 0 0 1 {-r * 0.6:.1f} {-r * 1.5:.1f}Z"/>'
    )
    for dx, dy in ((0.9, -0.7), (1.3, 0.1), (-1.5, -0.5)):
        yield f'<circle cx="{cx + r * dx:.1f}" cy="{cy + r * dy:.1f}" r="1.4"/>'


def _dots(x: float, y: float, width: float, height: float) -> Iterator[str]:
    for i in range(int(width // 9)):
        for j in range(int(height // 9)):
            radius = 1.1 + ((i * 3 + j * 5) % 4) * 0.55
            yield (
                f'<circle cx="{x + 4.5 + i * 9:.1f}" cy="{y + 4.5 + j * 9:.1f}" r="{radius:.1f}" '
                'fill="currentColor" stroke="none"/>'
            )


def _cross(x: float, y: float, width: float, height: float) -> Iterator[str]:
    columns = int(width // 14)
    for i in range(columns):
        for j in range(max(1, int(height // 14))):
            cx, cy = x + width / 2 - (columns - 1) * 7 + i * 14, y + 8 + j * 14
            yield f'<path d="M{cx - 3:.1f} {cy:.1f}h6M{cx:.1f} {cy - 3:.1f}v6"/>'


def _rays(x: float, y: float, width: float, height: float) -> Iterator[str]:
    for i in range(13):
        yield f'<path d="M{x + width / 2:.1f} {y + height:.1f}L{x + width * i / 12:.1f} {y:.1f}"/>'


def _lines(x: float, y: float, width: float, height: float) -> Iterator[str]:
    for i in range(6):
        yield f'<path d="M{x:.1f} {y + height * (i + 0.5) / 6:.1f}h{width * (1 - 0.12 * ((i * 7) % 5)):.1f}"/>'


ORNAMENTS: dict[str, Callable[[float, float, float, float], Iterator[str]]] = {
    "wave": _wave,
    "leaf": _leaf,
    "sun": _sun,
    "moon": _moon,
    "dots": _dots,
    "cross": _cross,
    "rays": _rays,
    "lines": _lines,
}
