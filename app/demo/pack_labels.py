"""The five printed labels, one per brand line: band, solid, numeral, plate, split."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.demo.pack_ink import INK, PAPER, Inks, measure, set_type, wrap_words
from app.demo.pack_ornaments import draw_ornament

PAD = 7


@dataclass(frozen=True, slots=True)
class Print:
    """What a label says. `strength` stands under the name, `quantity` at the foot."""

    name: str
    strength: str
    quantity: str
    number: int
    ornament: str
    inks: Inks


@dataclass(frozen=True, slots=True)
class Area:
    """The rectangle a label fills, in pack units."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """The vertical axis."""
        return self.x + self.width / 2

    @property
    def foot(self) -> float:
        """The lower edge."""
        return self.y + self.height

    def paint(self, fill: str) -> str:
        """The whole area in one colour."""
        return _rectangle(self.x, self.y, self.width, self.height, f'fill="{fill}"')


@dataclass(frozen=True, slots=True)
class Heading:
    """A name set in lines that fit both ways."""

    lines: list[str]
    size: float

    @property
    def leading(self) -> float:
        """From baseline to baseline."""
        return self.size * 0.98

    @property
    def height(self) -> float:
        """From the top of the first line to the last baseline."""
        return self.size * 0.75 + (len(self.lines) - 1) * self.leading

    def draw(self, x: float, top: float, fill: str, *, left: bool = False) -> str:
        """The lines, the first cap height at `top`."""
        return "".join(
            set_type(
                line,
                (x, top + self.size * 0.75 + i * self.leading),
                self.size,
                fill,
                anchor="start" if left else "middle",
            )
            for i, line in enumerate(self.lines)
        )


def draw_label(style: str, area: Area, print_: Print) -> str:
    """The label of a brand line; KeyError when there is no such style."""
    return LABELS[style](area, print_)


def set_heading(name: str, area: Area, room: float) -> Heading:
    """The name in at most three lines, as large as the label's width and `room` below its top allow."""
    size = 21.0 if area.width > 110 else 18.5 if area.width > 90 else 14.5
    width = area.width - 2 * PAD - 6
    lines = wrap_words(name, size, width)[:3]
    size *= min(1.0, width / max(measure(line, size) for line in lines))
    heading = Heading(lines, size)
    return heading if heading.height <= room else Heading(lines, size * max(0.62, room / heading.height))


def _band(area: Area, p: Print) -> str:
    x, y, width, height = area.x, area.y, area.width, area.height
    band = height * 0.27
    heading = set_heading(p.name, area, height - band - 7 - 13 - 21)
    rule = f'<path stroke="{p.inks.body}" d="M{x + PAD} {area.foot - 15:.1f}h{width - 2 * PAD}"/>'
    number = set_type(
        f"№ {p.number}", (x + PAD, area.foot - 5.5), 7, p.inks.dark, "text-700", track=0.3, anchor="start"
    )
    quantity = set_type(
        p.quantity,
        (x + width - PAD, area.foot - 5.5),
        7,
        p.inks.dark,
        "text-600",
        anchor="end",
        fit=width * 0.6,
    )
    return "".join(
        (
            area.paint(PAPER),
            _rectangle(x, y, width, band, f'fill="{p.inks.body}"'),
            draw_ornament(p.ornament, (x + 4, y + 3, width - 8, band - 6), "#FFFFFF", 0.55),
            _name_and_strength(area, y + band + 7, heading, p, (INK, p.inks.dark)),
            rule,
            number,
            quantity,
        )
    )


def _solid(area: Area, p: Print) -> str:
    x, y, width, height = area.x, area.y, area.width, area.height
    heading = set_heading(p.name, area, height - 13 - 13 - 20)
    frame = _rectangle(
        x + 3.5, y + 3.5, width - 7, height - 7, f'fill="none" stroke="{PAPER}" stroke-opacity=".65"'
    )
    top = y + 13 + heading.height + 19
    room = area.foot - 19 - top
    drawing = (
        draw_ornament(p.ornament, (x + width * 0.18, top, width * 0.64, room), PAPER, 0.8)
        if room > 12
        else ""
    )
    return "".join(
        (
            area.paint(p.inks.body),
            frame,
            _name_and_strength(area, y + 13, heading, p, (PAPER, "#FFFFFF")),
            drawing,
            set_type(
                p.quantity, (area.middle, area.foot - 8.5), 7, PAPER, "text-600", track=0.2, fit=width - 16
            ),
        )
    )


def _numeral(area: Area, p: Print) -> str:
    x, y, width, height = area.x, area.y, area.width, area.height
    left, room, inks = x + PAD, width - 2 * PAD, p.inks
    top = y + height * 0.36 + 9
    heading = set_heading(p.name, area, area.foot - 12 - 11.5 - top)
    strength_at = top + heading.height + 11.5
    figure, base = height * 0.34, (left, y + height * 0.36)
    parts = [
        area.paint(PAPER),
        _rectangle(x, area.foot - 7, width, 7, f'fill="{inks.body}"'),
        set_type(
            str(p.number), base, figure, inks.body, "display-500", track=-1, anchor="start", fit=width * 0.62
        ),
        set_type("№", (x + width - PAD, y + 14), 10, inks.dark, anchor="end"),
        heading.draw(left, top, INK, left=True),
        set_type(
            p.strength, (left, strength_at), 9, inks.dark, "text-600", track=0.1, anchor="start", fit=room
        ),
    ]
    if area.foot - 12 - strength_at > 8:
        foot = (left, area.foot - 12.5)
        parts.append(set_type(p.quantity, foot, 7, inks.dark, "text-500", anchor="start", fit=room))
    return "".join(parts)


def _plate(area: Area, p: Print) -> str:
    x, width = area.x, area.width
    heading = set_heading(p.name, area, area.height - 42)
    tall = len(heading.lines) * heading.leading + 33
    # On a tall box the plate sits high, clear of what stands in front of it.
    top = area.y + (area.height - tall) * (0.5 if area.height < 150 else 0.26)
    inner = (x + 7.5, top + 2.5, width - 15, tall - 5)
    return "".join(
        (
            area.paint(p.inks.tint),
            draw_ornament(p.ornament, (x + 5, area.y + 4, width - 10, area.height - 8), p.inks.body, 0.55),
            _rectangle(x + 5, top, width - 10, tall, f'fill="{PAPER}" stroke="{p.inks.dark}"'),
            _rectangle(*inner, f'fill="none" stroke="{p.inks.dark}" stroke-width=".6"'),
            _name_and_strength(area, top + 9, heading, p, (INK, p.inks.dark), inset=PAD + 4),
        )
    )


def _split(area: Area, p: Print) -> str:
    x, y, width, height = area.x, area.y, area.width, area.height
    half = height * 0.58
    heading = set_heading(p.name, area, half - 10 - 13 - 7)
    return "".join(
        (
            area.paint(PAPER),
            _rectangle(x, y + half, width, height - half, f'fill="{p.inks.dark}"'),
            draw_ornament(
                p.ornament, (x + 5, y + half + 4, width - 10, height - half - 18), p.inks.tint, 0.75
            ),
            _name_and_strength(area, y + 10, heading, p, (INK, p.inks.dark)),
            set_type(
                p.quantity, (area.middle, area.foot - 6), 7, PAPER, "text-600", track=0.2, fit=width - 16
            ),
        )
    )


def _name_and_strength(
    area: Area, top: float, heading: Heading, p: Print, inks: tuple[str, str], *, inset: float = PAD
) -> str:
    strength = set_type(
        p.strength,
        (area.middle, top + heading.height + 13),
        9.6,
        inks[1],
        "text-600",
        track=0.2,
        fit=area.width - 2 * inset,
    )
    return heading.draw(area.middle, top, inks[0]) + strength


def _rectangle(x: float, y: float, width: float, height: float, paint: str) -> str:
    return f'<path {paint} d="M{x:.1f} {y:.1f}h{width:.1f}v{height:.1f}h{-width:.1f}z"/>'


LABELS: dict[str, Callable[[Area, Print], str]] = {
    "band": _band,
    "solid": _solid,
    "numeral": _numeral,
    "plate": _plate,
    "split": _split,
}
