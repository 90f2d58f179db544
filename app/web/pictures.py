"""Where a product's picture is served, and in which widths."""

from flask import url_for

from app.catalog import photos

PLAIN_WIDTH = 640
"""For a browser, a mail or a program that is given one address only."""


def picture_url(path: str, *, absolute: bool = False) -> str:
    """The address of a picture, '' without one: an uploaded one by its store's route, a pack shot by static files."""
    if not path:
        return ""
    if path.startswith(photos.MEDIA):
        fitting = [width for width in photos.widths_of(path) if width <= PLAIN_WIDTH]
        file = photos.path_at(path, fitting[-1]) if fitting else path
        return _address(file, absolute=absolute)
    return url_for("static", filename=path, _external=absolute)


def picture_srcset(path: str | None) -> str:
    """The `srcset` of an uploaded picture: each width with its address; '' for a drawn pack shot, which fits any."""
    widths = photos.widths_of(path or "")
    if len(widths) < 2:
        return ""
    return ", ".join(f"{_address(photos.path_at(path or '', width))} {width}w" for width in widths)


def _address(file: str, *, absolute: bool = False) -> str:
    return url_for("media.photo", name=file.removeprefix(photos.MEDIA), _external=absolute)
