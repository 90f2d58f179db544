"""The twelve containers. Each stands on y = 276 of a 240×300 page, so packs share a shelf.

Layers: shadow, vessel, label clipped to the vessel, shade of the cylinder, highlight, cap.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.demo.pack_ink import INK, PAPER, set_type
from app.demo.pack_labels import Area, Print, draw_label

GLASS = {
    "amber": ("#4A2408", "#8F4C12", "#C9822F", "#E9B569"),
    "green": ("#0E2A1E", "#235240", "#4C8467", "#9CC7AC"),
    "clear": ("#9FB0A8", "#D5DFD8", "#EEF3EE", "#FFFFFF"),
    "white": ("#BDB7A8", "#ECE8DD", "#FAF8F2", "#FFFFFF"),
}
CAPS = {"amber": ("#1B241F", "#39463F"), "green": ("#E8E1CF", "#FBF7EC"), "clear": ("#2B3B33", "#51635A")}
GOLD = ("#C9A25A", "#F0DBA6")
METAL = "#AEB7B1"
USUAL_GLASS = {"jar": "amber", "bottle": "amber", "dropper": "amber", "tall": "green", "vial": "clear"}
CYLINDER = "".join(
    f'<stop offset="{offset}" stop-color="{colour}" stop-opacity="{opacity}"/>'
    for offset, colour, opacity in (
        ("0", "#1B1206", ".3"), (".16", "#1B1206", "0"), (".3", "#fff", ".22"),
        (".42", "#fff", "0"), (".78", "#1B1206", "0"), ("1", "#1B1206", ".34"),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pack:
    """One pack to draw: its label and what it is made of."""

    print: Print
    style: str
    glass: str

    @property
    def cap(self) -> tuple[str, str]:
        """Cap and its highlight: by the glass, or in the category's inks."""
        return CAPS.get(self.glass, (self.print.inks.dark, self.print.inks.light))

    def label(self, area: Area, style: str | None = None) -> str:
        """The printed label."""
        return draw_label(style or self.style, area, self.print)


def draw_pack(shape: str, pack: Pack) -> str:
    """Gradients and drawing of one container; KeyError when there is no such shape."""
    return f"<defs>{_gradients(pack.glass)}</defs>{SHAPES[shape](pack)}"


def _gradients(glass: str) -> str:
    edge, body, bright, _ = GLASS[glass]
    stops = zip(("0", ".14", ".3", ".62", "1"), (edge, body, bright, body, edge), strict=True)
    drawn = "".join(f'<stop offset="{offset}" stop-color="{colour}"/>' for offset, colour in stops)
    return (
        f'<linearGradient id="g" x1="0" x2="1" y1="0" y2="0">{drawn}</linearGradient>'
        f'<linearGradient id="s" x1="0" x2="1" y1="0" y2="0">{CYLINDER}</linearGradient>'
    )


def _ground(left: float, right: float) -> str:
    cx, rx = (left + right) / 2, (right - left) / 2
    return (
        f'<ellipse cx="{cx + 5}" cy="277" rx="{rx + 9}" ry="6.5" fill="#1B1206" opacity=".13"/>'
        f'<ellipse cx="{cx + 2}" cy="276" rx="{rx}" ry="3.6" fill="#1B1206" opacity=".26"/>'
    )


def _clip(outline: str, content: str) -> str:
    return f'<clipPath id="k"><path d="{outline}"/></clipPath><g clip-path="url(#k)">{content}</g>'


def _shade(x: float, y: float, width: float, height: float) -> str:
    return f'<path fill="url(#s)" d="M{x} {y}h{width}v{height}h{-width}z"/>'


def _vessel(pack: Pack, outline: str, area: Area, highlight: str = "") -> str:
    content = pack.label(area) + _shade(area.x, area.y, area.width, area.height)
    drawn = f'<path d="{outline}" fill="url(#g)"/>{_clip(outline, content)}'
    if highlight:
        drawn += (
            f'<path d="{highlight}" fill="none" stroke="{GLASS[pack.glass][3]}" stroke-opacity=".75" '
            'stroke-width="4" stroke-linecap="round"/>'
        )
    return drawn


def _cap(x: float, y: float, width: float, height: float, colours: tuple[str, str], radius: int = 5) -> str:
    count = int(width // 7)
    ribs = "".join(f"M{x + width * (i + 0.5) / count:.1f} {y + 6}v{height - 11}" for i in range(count))
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}" fill="{colours[0]}"/>'
        f'<path fill="{colours[1]}" opacity=".75" d="M{x + width * 0.16:.1f} {y + 2}h{width * 0.16:.1f}'
        f'v{height - 4}h{-width * 0.16:.1f}z"/>'
        f'<path stroke="#000" stroke-opacity=".22" stroke-width="1.4" d="{ribs}"/>'
        f'<path fill="#000" opacity=".2" d="M{x} {y + height - 5}h{width}v{5 - radius / 2}q0 {radius / 2} '
        f'{-radius / 2} {radius / 2}h{-width + radius}q{-radius / 2} 0 {-radius / 2} {-radius / 2}z"/>'
    )


def _bottle(pack: Pack) -> str:
    outline = (
        "M97 66V82C97 96 60 98 60 130V258Q60 276 78 276H162Q180 276 180 258V130C180 98 143 96 143 82V66Z"
    )
    shine = "M72 132C73 116 86 108 96 102M70 256v6"
    body = _vessel(pack, outline, Area(60, 138, 120, 112), shine)
    return _ground(60, 180) + body + _cap(86, 26, 68, 44, pack.cap)


def _tall(pack: Pack) -> str:
    outline = "M104 60V84C104 100 72 102 72 134V260Q72 276 88 276H152Q168 276 168 260V134C168 102 136 100 136 84V60Z"
    body = _vessel(pack, outline, Area(72, 142, 96, 108), "M84 136C85 118 96 110 104 104")
    collar = f'<rect x="100" y="64" width="40" height="9" rx="3" fill="{GLASS[pack.glass][1]}"/>'
    return _ground(72, 168) + body + collar + _cap(97, 22, 46, 44, pack.cap)


def _dropper(pack: Pack) -> str:
    outline = (
        "M100 108V118C100 128 70 130 70 156V258Q70 276 88 276"
        "H152Q170 276 170 258V156C170 130 140 128 140 118V108Z"
    )
    body = _vessel(pack, outline, Area(70, 160, 100, 98), "M82 158C83 144 94 138 102 132")
    bulb = (
        f'<path d="M112 20q8-9 16 0q5 24 5 44h-26q0-20 5-44z" fill="{pack.print.inks.dark}"/>'
        f'<path d="M114 24q2 18 0 38" stroke="{pack.print.inks.light}" stroke-width="3" stroke-linecap="round" '
        'fill="none" opacity=".8"/>'
    )
    return _ground(70, 170) + body + bulb + _cap(96, 62, 48, 46, GOLD if pack.glass == "amber" else pack.cap)


def _jar(pack: Pack) -> str:
    outline = "M56 146Q46 150 46 164V256Q46 276 66 276H174Q194 276 194 256V164Q194 150 184 146Z"
    body = _vessel(pack, outline, Area(46, 168, 148, 88), "M58 162v4")
    neck = f'<path d="M60 138h120v10H60z" fill="{GLASS[pack.glass][1]}"/>'
    return _ground(46, 194) + body + neck + _cap(48, 104, 144, 38, pack.cap)


def _tub(pack: Pack) -> str:
    outline = "M60 92H180Q186 92 186 100V260Q186 276 170 276H70Q54 276 54 260V100Q54 92 60 92Z"
    body = _vessel(pack, outline, Area(54, 112, 132, 140))
    return _ground(54, 186) + body + _cap(50, 56, 140, 38, (pack.print.inks.dark, pack.print.inks.light))


def _tube(pack: Pack) -> str:
    inks, outline = pack.print.inks, "M62 40H178L164 236H76Z"
    ridges = "".join(f"M{64 + i * 6} 28v12" for i in range(20))
    style = "plate" if pack.style == "band" else pack.style  # a band would be cut by the taper
    return "".join(
        (
            _ground(82, 158),
            f'<path d="M60 26h120v16H60z" fill="{inks.dark}"/>',
            f'<path stroke="#fff" stroke-opacity=".3" d="{ridges}"/>',
            f'<path d="{outline}" fill="{inks.body if style == "solid" else inks.tint}"/>',
            _clip(outline, pack.label(Area(72, 62, 96, 130), style) + _shade(62, 40, 116, 200)),
            _cap(80, 234, 80, 42, (inks.dark, inks.light), radius=6),
        )
    )


def _blister(pack: Pack) -> str:
    inks = pack.print.inks
    pills = "".join(
        f'<ellipse cx="{16 + i * 18}" cy="{19 + j * 25}" rx="6.6" ry="9" fill="{inks.body}"/>'
        f'<ellipse cx="{14.2 + i * 18:.1f}" cy="{15.5 + j * 25}" rx="2.1" ry="3.4" fill="#fff" opacity=".65"/>'
        for i in range(5)
        for j in range(2)
    )
    return "".join(
        (
            _ground(38, 210),
            f'<path d="M176 84l26 10v176l-26 6z" fill="{inks.dark}"/>',
            f'<path d="M46 84h130v192H46z" fill="{PAPER}"/>',
            pack.label(Area(46, 84, 130, 192)),
            '<path d="M46 84h130v192H46z" fill="#1B1206" opacity=".03"/>',
            f'<path d="M46 84l20-9h128l8 19-26-10z" fill="{inks.light}"/>',
            '<g transform="translate(118 190) rotate(-9)">'
            '<rect x="3" y="5" width="104" height="62" rx="7" fill="#1B1206" opacity=".18"/>'
            '<rect width="104" height="62" rx="7" fill="#D9DDD8"/>'
            '<rect width="104" height="62" rx="7" fill="none" stroke="#fff" stroke-opacity=".8"/>',
            pills,
            "</g>",
        )
    )


def _carton(pack: Pack) -> str:
    inks = pack.print.inks
    return "".join(
        (
            _ground(50, 204),
            f'<path d="M168 62l32 12v196l-32 6z" fill="{inks.dark}"/>',
            pack.label(Area(52, 62, 116, 214)),
            f'<path d="M52 62l24-12h112l12 24-32-12z" fill="{inks.light}"/>',
        )
    )


def _pouch(pack: Pack) -> str:
    inks = pack.print.inks
    outline = "M58 44H182Q178 150 188 262Q189 276 174 276H66Q51 276 52 262Q62 150 58 44Z"
    style = "plate" if pack.style == "band" else pack.style  # a band would vanish into the foil
    seal = (
        '<path d="M50 44h140v17H50z" fill="#000" opacity=".16"/><path stroke="#fff" stroke-opacity=".35" '
        'stroke-width="1.4" stroke-dasharray="4 4" d="M56 66h128"/>'
    )
    content = seal + pack.label(Area(68, 92, 104, 138), style) + _shade(50, 40, 140, 240)
    foil = f'<path d="{outline}" fill="{inks.dark if style == "solid" else inks.body}"/>'
    return (
        _ground(54, 186)
        + foil
        + _clip(outline, content)
        + '<circle cx="120" cy="53" r="4.5" fill="#F6F2E8"/>'
    )


def _spray(pack: Pack) -> str:
    inks = pack.print.inks
    outline = (
        "M106 118V128C106 138 80 142 80 164V260Q80 276 94 276"
        "H146Q160 276 160 260V164C160 142 134 138 134 128V118Z"
    )
    nozzle = (
        f'<path d="M113 34h14l3 44h-20z" fill="{PAPER}"/><path d="M116 36l-1 40" stroke="#fff" stroke-width="3"/>'
        '<path d="M127 34l3 44h-7l-1-44z" fill="#000" opacity=".08"/>'
        f'<path d="M92 78h56l4 16H88z" fill="{inks.body}"/>'
    )
    body = _vessel(pack, outline, Area(80, 166, 80, 96))
    return _ground(80, 160) + body + nozzle + _cap(98, 92, 44, 28, (inks.dark, inks.light))


def _vial(pack: Pack) -> str:
    outline = "M102 92V108C102 120 82 122 82 144V260Q82 276 98 276H142Q158 276 158 260V144C158 122 138 120 138 108V92Z"
    stopper = (
        f'<path d="M98 78h44v18q0 5-5 5h-34q-5 0-5-5z" fill="{METAL}"/>'
        '<path d="M104 80h8v19h-8z" fill="#fff" opacity=".6"/>'
        f'<rect x="94" y="62" width="52" height="18" rx="4" fill="{pack.print.inks.body}"/>'
        '<path fill="#fff" opacity=".3" d="M102 64h9v14h-9z"/>'
    )
    return (
        _ground(84, 156)
        + _vessel(pack, outline, Area(82, 158, 76, 88), "M94 142C95 132 102 128 106 124")
        + stopper
    )


def _device(pack: Pack) -> str:
    inks, p = pack.print.inks, pack.print
    body = '<rect x="94" y="36" width="54" height="228" rx="26" fill="{}"/>'
    return "".join(
        (
            _ground(86, 154),
            '<g transform="translate(0 12) rotate(14 120 160)">',
            body.format(PAPER) + body.format("url(#s)"),
            f'<path d="M112 22q9-8 18 0l4 20h-26z" fill="{METAL}"/>',
            '<rect x="103" y="84" width="36" height="54" rx="6" fill="#1C2B24"/>',
            set_type(p.quantity, (121, 116), 15, "#BFE3C9", "text-600", fit=30),
            f'<circle cx="121" cy="168" r="13" fill="{inks.body}"/>',
            '<path fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round" d="M121 161v8"/>',
            set_type(p.name.split()[0], (121, 222), 12, INK, fit=46),
            set_type(p.strength, (121, 234), 8, inks.dark, "text-600", fit=46),
            "</g>",
        )
    )


SHAPES: dict[str, Callable[[Pack], str]] = {
    "bottle": _bottle,
    "tall": _tall,
    "dropper": _dropper,
    "jar": _jar,
    "tub": _tub,
    "tube": _tube,
    "blister": _blister,
    "carton": _carton,
    "pouch": _pouch,
    "spray": _spray,
    "vial": _vial,
    "device": _device,
}
