"""Product pictures drawn from a few values, so that a whole catalogue looks like one photographer's work.

Nothing is random: the category gives the hue, the brand mostly the label, the form the container. Text is
outlined, so the same file works as <img>, in e-mail, in chat previews and in the back office.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path

from app.demo.catalog import Product
from app.demo.pack_ink import mix_inks
from app.demo.pack_labels import Print
from app.demo.pack_shapes import USUAL_GLASS, Pack, draw_pack


def render_packshot(product: Product) -> str:
    """The product's picture as SVG, 240×300, transparent; the same product always gives the same text."""
    shot = product.pack
    printed = Print(shot.name, shot.strength, shot.quantity, shot.number, shot.ornament, mix_inks(shot.hue))
    pack = Pack(printed, shot.style, shot.glass or USUAL_GLASS.get(shot.shape, "white"))
    title = escape(f"{product.name['en']} {shot.strength}")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="240" height="300" viewBox="0 0 240 300" role="img" '
        f'aria-label="{title}">{draw_pack(shot.shape, pack)}</svg>\n'
    )


def write_packshots(folder: Path, products: Iterable[Product]) -> None:
    """Write `<slug>.svg` of every product to `folder`; files that are right already keep their date."""
    folder.mkdir(parents=True, exist_ok=True)
    for product in products:
        target, drawing = folder / f"{product.slug}.svg", render_packshot(product)
        if not target.exists() or target.read_text("utf-8") != drawing:
            target.write_text(drawing, "utf-8")
