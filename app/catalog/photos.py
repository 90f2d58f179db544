"""Pictures that staff upload: checked by content, drawn anew in three widths, kept under a name nobody can guess.

A path that begins with media/ is such a picture, of one store; every other path is a file of the product's own below
the static folder. The path is the file of the largest width and says which it is (media/1/TOKEN.1280.webp); the
smaller WIDTHS lie beside it. A path without a width (media/1/TOKEN.webp) is a single file.
"""

import io
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from app.core import storage
from app.core.errors import InvalidInput, NotFound
from app.core.i18n import _

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
WIDTHS = (320, 640, 1280)
TALLEST = 1920
MEDIA = "media/"
_SIZED = re.compile(r"(.+)\.([1-9][0-9]{0,3})\.webp", re.ASCII)


@dataclass(frozen=True)
class Drawn:
    """A picture ready to be kept: width → WebP file. `width` and `height` are the largest one's."""

    width: int
    height: int
    files: Mapping[int, bytes]


def redraw(content: bytes) -> Drawn:
    """The picture alone, upright, in each of WIDTHS that it fills. InvalidInput on `photo` when it is none of ours."""
    picture = _bare(_open(content))
    files: dict[int, bytes] = {}
    for width in sorted({min(width, picture.width) for width in WIDTHS}):
        height = max(1, round(picture.height * width / picture.width))
        sized = (
            picture if width == picture.width else picture.resize((width, height), Image.Resampling.LANCZOS)
        )
        target = io.BytesIO()
        sized.save(target, "WEBP", quality=82, method=4)
        files[width] = target.getvalue()
        largest = sized.size
    return Drawn(*largest, files)


def _open(content: bytes) -> Image.Image:
    if not content:
        raise InvalidInput({"photo": _("Choose a picture first.")})
    if len(content) > MAX_BYTES:
        raise InvalidInput({"photo": _("This picture is larger than 10 MB.")})
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise InvalidInput({"photo": _("This picture has too many pixels.")})
            picture.draft(
                "RGB", (2 * WIDTHS[-1], 2 * TALLEST)
            )  # a large JPEG is read at a fraction of its size
            picture.load()
            return ImageOps.exif_transpose(picture)
    except Image.DecompressionBombError:
        raise InvalidInput({"photo": _("This picture has too many pixels.")}) from None
    except UnidentifiedImageError:
        raise InvalidInput({"photo": _("This is no JPEG, PNG or WebP picture.")}) from None
    except (OSError, SyntaxError, ValueError):
        raise InvalidInput({"photo": _("This picture is damaged and cannot be opened.")}) from None


def _bare(upright: Image.Image) -> Image.Image:
    """A new picture that knows nothing of camera, place or comment, in the colours that browsers expect."""
    mode = "RGBA" if "A" in upright.getbands() or "transparency" in upright.info else "RGB"
    clean = _in_srgb(upright, mode)
    clean.thumbnail((WIDTHS[-1], TALLEST), Image.Resampling.LANCZOS)
    bare = Image.new(mode, clean.size)
    bare.paste(clean)
    return bare


def _in_srgb(picture: Image.Image, mode: str) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in {"RGB", "CMYK"}:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            drawn = ImageCms.profileToProfile(
                picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            return (drawn or picture).convert(mode)
        except (ImageCms.PyCMSError, OSError, ValueError):
            return picture.convert(mode)  # a broken profile says nothing: the colours are taken as they are
    return picture.convert(mode)


def widths_of(path: str) -> tuple[int, ...]:
    """The widths that an uploaded picture is kept in, smallest first; () for a pack shot or a single file."""
    match = _SIZED.fullmatch(path) if path.startswith(MEDIA) else None
    if match is None:
        return ()
    largest = int(match.group(2))
    return (*(width for width in WIDTHS if width < largest), largest)


def path_at(path: str, width: int) -> str:
    """The file of one of `widths_of`."""
    match = _SIZED.fullmatch(path)
    return f"{match.group(1)}.{width}.webp" if match else path


def files_of(path: str) -> list[str]:
    """Every file of an uploaded picture; none for what came with the product."""
    if not path.startswith(MEDIA):
        return []
    return [path_at(path, width) for width in widths_of(path)] or [path]


def keep(drawn: Drawn) -> str:
    """Keep every width; gives the picture's path. Leaves nothing behind when one cannot be kept (StorageError)."""
    path = storage.new_key("media", f".{drawn.width}.webp")
    place = storage.file_storage()
    try:
        for width, content in drawn.files.items():
            place.put(path_at(path, width), content, "image/webp")
    except storage.StorageError:
        with suppress(storage.StorageError):
            forget([path])
        raise
    return path


def read(path: str) -> bytes:
    """The content of one file of this store. NotFound for any other, StorageError when it cannot be reached."""
    if not storage.is_own(path, "media") or not path.endswith(".webp"):
        raise NotFound
    try:
        return storage.file_storage().get(path)
    except storage.FileMissing:
        raise NotFound from None


def forget(paths: list[str]) -> None:
    """Remove the files of uploaded pictures of this store; what came with a product stays. Raises StorageError."""
    files = [file for path in paths for file in files_of(path) if storage.is_own(file, "media")]
    storage.file_storage().delete(files)
