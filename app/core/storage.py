"""Where files are kept: a folder of this machine or an S3-compatible bucket, behind one interface.

A key is `<area>/<store id>/<name>`; `check_key` refuses every other, so that no key leaves its area or its store.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from app.core.crypto import random_token
from app.core.settings import setting
from app.core.tenancy import current_store_id

_KEY = re.compile(r"[a-z]{1,16}/[1-9][0-9]{0,17}/[A-Za-z0-9_-]{1,64}(?:\.[a-z0-9]{1,8}){1,2}", re.ASCII)


class StorageError(RuntimeError):
    """The place of files does not answer, or refuses us. A job tries again; a page says it is out of order."""


class FileMissing(LookupError):
    """Nothing is kept under this key."""


@dataclass(frozen=True)
class StoredFile:
    """What is kept under a key, and since when."""

    key: str
    changed_at: datetime


class FileStorage(Protocol):
    """One contract for every place of files. StorageError when it cannot be reached."""

    def put(self, key: str, content: bytes, content_type: str) -> None:
        """Keep the content, whole or not at all; what was under the key is replaced."""

    def get(self, key: str) -> bytes:
        """The content. Raises FileMissing."""

    def delete(self, keys: Iterable[str]) -> None:
        """Remove what is there of these; what is not there is no error."""

    def list_files(self, prefix: str) -> Iterator[StoredFile]:
        """Everything whose key begins with `<area>/<store id>/`."""


def check_key(key: str) -> str:
    """The key itself. Raises FileMissing for what cannot be one."""
    if not _KEY.fullmatch(key):
        raise FileMissing(key)
    return key


def new_key(area: str, ending: str) -> str:
    """A key of the current store that nobody can guess."""
    return check_key(f"{area_of(area)}{random_token()}{ending}")


def area_of(area: str) -> str:
    """What every key of the area begins with in the current store."""
    return f"{area}/{current_store_id()}/"


def is_own(key: str, area: str) -> bool:
    """Whether the key is one of the area, in the current store."""
    return bool(_KEY.fullmatch(key)) and key.startswith(area_of(area))


class LocalFolder:
    """Files below a folder of this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, content: bytes, content_type: str) -> None:
        """Written beside and renamed, so that nobody reads half a file."""
        target = self._path(key)
        draft = target.with_name(f"{target.name}.part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(content)
            draft.replace(target)
        except OSError as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise StorageError(str(error)) from error

    def get(self, key: str) -> bytes:
        try:
            return self._path(key).read_bytes()
        except (FileNotFoundError, IsADirectoryError):
            raise FileMissing(key) from None
        except OSError as error:
            raise StorageError(str(error)) from error

    def delete(self, keys: Iterable[str]) -> None:
        try:
            for key in keys:
                self._path(key).unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(str(error)) from error

    def list_files(self, prefix: str) -> Iterator[StoredFile]:
        folder = self.root / prefix
        try:
            for path in sorted(folder.iterdir()) if folder.is_dir() else []:
                key = f"{prefix}{path.name}"
                if _KEY.fullmatch(key):
                    yield StoredFile(key, datetime.fromtimestamp(path.stat().st_mtime, UTC))
        except OSError as error:
            raise StorageError(str(error)) from error

    def _path(self, key: str) -> Path:
        return self.root / check_key(key)


def file_storage() -> FileStorage:
    """The storage that the settings choose: STORAGE is `local` (below DATA_DIR) or `s3`."""
    if setting("STORAGE") == "s3":
        from app.core.storage_s3 import open_bucket  # noqa: PLC0415 - 30 MB that a folder does not need

        return open_bucket(
            bucket=setting("S3_BUCKET"),
            prefix=setting("S3_PREFIX"),
            endpoint_url=setting("S3_ENDPOINT_URL"),
            region=setting("S3_REGION"),
            access_key=setting("S3_ACCESS_KEY_ID"),
            secret_key=setting("S3_SECRET_ACCESS_KEY"),
        )
    return LocalFolder(Path(setting("DATA_DIR")).absolute())
