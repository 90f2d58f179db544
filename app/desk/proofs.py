"""Pictures of a transfer: checked by content, drawn anew, and compared with those of other orders."""

import hashlib
import io
from dataclasses import dataclass

from PIL import Image

from app.catalog import photos
from app.core import storage
from app.core.errors import NotFound
from app.core.threads import run_aside
from app.desk.errors import PicturesAway

AREA = "proofs"
WIDE, HIGH = 32, 64
"""The look of a picture: for each of these fields, whether its right and its lower neighbour are lighter."""
STEP = 6
"""By how much (of 255): blank paper looks blank however it was packed."""
ALIKE = 12
"""Bits of 4,096 that may differ. Measured on screenshots: packed or shrunk anew 0 to 10, an edited figure 1 to 9,
another payment in the same app 26 and more."""
MOST_BYTES = photos.MAX_BYTES


@dataclass(frozen=True)
class Proof:
    """A picture ready to be kept: WebP, and two ways to know it again."""

    content: bytes
    digest: str
    look: str


def look_at(content: bytes) -> Proof:
    """The picture drawn anew. InvalidInput on `photo` when it is none of ours (see photos.redraw)."""
    return run_aside(_look_at, content)


def _look_at(content: bytes) -> Proof:
    drawn = photos.redraw(content)
    largest = drawn.files[max(drawn.files)]
    with Image.open(io.BytesIO(largest)) as picture:
        small = picture.convert("L").resize((WIDE + 1, HIGH + 1), Image.Resampling.BOX)
    return Proof(largest, hashlib.sha256(content).hexdigest(), _look(small.tobytes()))


def _look(grey: bytes) -> str:
    """The comparisons as hex."""
    bits, line = 0, WIDE + 1
    for row in range(HIGH):
        for at in range(row * line, row * line + WIDE):
            here = grey[at] + STEP
            bits = bits << 2 | (grey[at + 1] > here) << 1 | (grey[at + line] > here)
    return f"{bits:0{WIDE * HIGH * 2 // 4}x}"


def are_alike(one: str, other: str) -> bool:
    """Whether two looks are of the same picture. A picture without anything on it looks like nothing."""
    mine, theirs = int(one or "0", 16), int(other or "0", 16)
    if min(mine.bit_count(), theirs.bit_count()) <= ALIKE:
        return False
    return (mine ^ theirs).bit_count() <= ALIKE


def keep(proof: Proof) -> str:
    """Keep it; gives its key. Raises PicturesAway."""
    key = storage.new_key(AREA, ".webp")
    try:
        storage.file_storage().put(key, proof.content, "image/webp")
    except storage.StorageError:
        raise PicturesAway from None
    return key


def read(key: str) -> bytes:
    """A kept picture of this store. NotFound, StorageError."""
    if not storage.is_own(key, AREA):
        raise NotFound
    try:
        return storage.file_storage().get(key)
    except storage.FileMissing:
        raise NotFound from None
