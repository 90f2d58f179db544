"""Where a product's picture is served."""

from flask import url_for

from app.catalog import photos


def picture_url(path: str, *, absolute: bool = False) -> str:
    """The address of a picture, '' without one: an uploaded one by its store's route, a pack shot by static files."""
    if not path:
        return ""
    if path.startswith(photos.MEDIA):
        return url_for("media.photo", name=path.removeprefix(photos.MEDIA), _external=absolute)
    return url_for("static", filename=path, _external=absolute)
