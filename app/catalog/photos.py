"""Pictures that staff upload: checked by content, drawn anew, kept below DATA_DIR under a name nobody can guess.

A path that begins with media/ is such a file, of one store; every other path is a file of the product's own below the
static folder.
"""

import io
import warnings
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from app.core.crypto import random_token
from app.core.errors import InvalidInput, NotFound
from app.core.i18n import _
from app.core.settings import setting
from app.core.tenancy import current_store_id

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
LONGEST_SIDE = 1600
MEDIA = "media/"


def redraw(content: bytes) -> Image.Image:
    """The picture alone, upright and at most 1600 pixels a side. InvalidInput on `photo` when it is none of ours."""
    if not content:
        raise InvalidInput({"photo": _("Choose a picture first.")})
    if len(content) > MAX_BYTES:
        raise InvalidInput({"photo": _("This picture is larger than 10 MB.")})
    try:
        with (
            warnings.catch_warnings(action="error", category=Image.DecompressionBombWarning),
            Image.open(io.BytesIO(content), formats=FORMATS) as picture,
        ):
            if picture.width * picture.height > MAX_PIXELS:
                raise InvalidInput({"photo": _("This picture has too many pixels.")})
            picture.load()
            upright = ImageOps.exif_transpose(picture)
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise InvalidInput({"photo": _("This is no JPEG, PNG or WebP picture.")}) from None
    except (OSError, SyntaxError, ValueError):
        raise InvalidInput({"photo": _("This picture is damaged and cannot be opened.")}) from None
    clean = upright.convert("RGBA" if "A" in upright.getbands() or "transparency" in upright.info else "RGB")
    clean.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    bare = Image.new(clean.mode, clean.size)  # a new picture knows nothing of camera, place or comment
    bare.paste(clean)
    return bare


def new_path() -> str:
    """A fresh path in the current store: media/<store>/<random>.webp."""
    return f"{MEDIA}{current_store_id()}/{random_token()}.webp"


def file_of(path: str) -> Path:
    """Where an uploaded picture lies. NotFound for a path that is not one, or of another store."""
    parts = path.removeprefix(MEDIA).split("/")
    if not path.startswith(MEDIA) or len(parts) != 2 or parts[0] != str(current_store_id()):
        raise NotFound
    if parts[1].startswith(".") or "\\" in parts[1] or not parts[1].endswith(".webp"):
        raise NotFound
    return Path(setting("DATA_DIR")).absolute() / "media" / parts[0] / parts[1]


def write(path: str, picture: Image.Image) -> None:
    """Write the picture as WebP, whole or not at all."""
    target = file_of(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".part")
    try:
        picture.save(draft, "WEBP", quality=86, method=4)
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)


def forget(path: str) -> None:
    """Remove the file of an uploaded picture; what came with the product stays."""
    if path.startswith(MEDIA):
        file_of(path).unlink(missing_ok=True)
