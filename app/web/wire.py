"""What goes over the wire: built files for ever and small, pages small.

The build lays a Brotli and a gzip copy beside each text file. Pages are compressed here, each under a file name of
random length in the gzip header: they carry a token and may repeat what was typed, and whoever counts bytes from
outside must not learn one from the other (the BREACH attack; Django's middleware does the same).
"""

import gzip
import io
import re
import secrets
from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path

from flask import Flask, Response, current_app, request, session
from flask.typing import ResponseReturnValue

FOR_EVER, A_WHILE = 365 * 24 * 3600, 3600
HASHED = re.compile(r"dist/.+-[A-Za-z0-9]{8,10}\.\w+")
COPIES = (("br", ".br"), ("gzip", ".gz"))
SMALL = 1024
LEVEL = 4
MOST_PADDING = 100


def init_app(app: Flask) -> None:
    """Serve static files by our rules, and shrink pages after everything else has been done to them."""
    app.view_functions["static"] = serve_file
    app.after_request(_shrink)


def serve_file(filename: str) -> ResponseReturnValue:
    """A static file, in the smallest form the browser takes. A name with a hash never means anything else."""
    folder = Path(current_app.static_folder or "")
    encoding, suffix = next(
        (
            (encoding, suffix)
            for encoding, suffix in COPIES
            if encoding in request.accept_encodings and (folder / f"{filename}{suffix}").is_file()
        ),
        ("", ""),
    )
    response = current_app.send_static_file(f"{filename}{suffix}")
    if suffix:
        response.headers["Content-Encoding"] = encoding
        response.headers["Content-Disposition"] = "inline"
        response.mimetype = guess_type(filename)[0] or "application/octet-stream"
    elif filename.endswith(".svg"):
        response = _shrink_drawing(folder / filename, response)
    _keep(response, filename)
    response.vary.add("Accept-Encoding")
    return response


def _keep(response: Response, filename: str) -> None:
    control = response.cache_control
    control.no_cache, control.public = None, True
    control.max_age = FOR_EVER if HASHED.fullmatch(filename) else A_WHILE
    if HASHED.fullmatch(filename):
        control.immutable = True


def _shrink_drawing(path: Path, response: Response) -> Response:
    """Pack shots are drawn by the demo and not built, so their small form is made when it is asked for."""
    if "gzip" not in request.accept_encodings or response.status_code != 200:
        return response
    response.direct_passthrough = False
    response.set_data(_small_drawing(str(path), path.stat().st_mtime_ns))
    response.headers["Content-Encoding"] = "gzip"
    return response


@lru_cache(maxsize=512)
def _small_drawing(path: str, _changed: int) -> bytes:
    return gzip.compress(Path(path).read_bytes(), 9, mtime=0)


def _shrink(response: Response) -> Response:
    if request.endpoint == "static":
        # Whoever looked at the session on the way: a file is the same for every cookie.
        session.accessed = False
    if response.mimetype != "text/html" or response.direct_passthrough or response.is_streamed:
        return response
    response.vary.add("Accept-Encoding")
    if "gzip" not in request.accept_encodings or "Content-Encoding" in response.headers:
        return response
    if len(content := response.get_data()) < SMALL:
        return response
    response.set_data(_small_page(content))
    response.headers["Content-Encoding"] = "gzip"
    tag, is_weak = response.get_etag()
    if tag and not is_weak:
        response.set_etag(tag, weak=True)
    return response


def _small_page(content: bytes) -> bytes:
    buffer = io.BytesIO()
    padding = "x" * secrets.randbelow(MOST_PADDING)
    with gzip.GzipFile(filename=padding, mode="wb", compresslevel=LEVEL, fileobj=buffer, mtime=0) as small:
        small.write(content)
    return buffer.getvalue()
