"""QR codes as drawings: black on white in both themes, or phones do not read them."""

import io

import segno
from markupsafe import Markup


def draw_qr(text: str) -> Markup:
    """An SVG of the text, as wide as the box it stands in. ValueError for more than a code holds."""
    drawing = _make(text).svg_inline(dark="#000", light="#fff", border=4, omitsize=True, svgclass="qr")
    return Markup(drawing)


def picture_qr(text: str) -> bytes:
    """A PNG of the text, to be kept and opened in another app. ValueError for more than a code holds."""
    out = io.BytesIO()
    _make(text).save(out, kind="png", scale=12, border=4)
    return out.getvalue()


def _make(text: str) -> segno.QRCode:
    try:
        return segno.make_qr(text, error="m")
    except segno.DataOverflowError as error:
        raise ValueError("too long for a QR code") from error
