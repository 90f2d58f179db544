"""QR codes as drawings: black on white in both themes, or phones do not read them."""

import segno
from markupsafe import Markup


def draw_qr(text: str) -> Markup:
    """An SVG of the text, as wide as the box it stands in. ValueError for more than a code holds."""
    try:
        code = segno.make_qr(text, error="m")
    except segno.DataOverflowError as error:
        raise ValueError("too long for a QR code") from error
    return Markup(code.svg_inline(dark="#000", light="#fff", border=4, omitsize=True, svgclass="qr"))
