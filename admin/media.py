"""Giving out the pictures of a store's products to whoever visits it."""

from flask import Blueprint, Response, abort

from app.catalog import photos
from app.core.storage import StorageError

bp = Blueprint("media", __name__)
ONE_YEAR = 365 * 24 * 3600


@bp.get("/media/<path:name>")
def photo(name: str) -> Response:
    """A picture of this store; another store's is not there. Its name changes with its content, so keep it."""
    try:
        content = photos.read(photos.MEDIA + name)
    except StorageError:
        abort(503)
    response = Response(content, mimetype="image/webp")
    response.cache_control.public, response.cache_control.max_age = True, ONE_YEAR
    response.cache_control.immutable = True
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response
