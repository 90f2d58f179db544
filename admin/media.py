"""Giving out the pictures of a store's products to whoever visits it."""

from flask import Blueprint, abort, send_file
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.catalog import photos
from app.catalog.models import ProductPhoto
from app.core.db import db

bp = Blueprint("media", __name__)
ONE_YEAR = 365 * 24 * 3600


@bp.get("/media/<path:name>")
def photo(name: str) -> Response:
    """A picture of this store; another store's is not there. Its name changes with its content, so keep it."""
    path = photos.MEDIA + name
    if db.session.scalar(select(ProductPhoto.id).where(ProductPhoto.path == path)) is None:
        abort(404)
    file = photos.file_of(path)
    if not file.is_file():
        abort(404)
    response = send_file(file, mimetype="image/webp", max_age=ONE_YEAR)
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response
