"""What the environment says about a start."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from launch.errors import LaunchError
from launch.ports import LOOPBACK

_MIN_SECRET = 16


@dataclass(frozen=True)
class Settings:
    """One start of the product. An empty address means: the embedded service."""

    port: int
    sandbox_port: int
    data_dir: Path
    database_url: str
    redis_url: str
    demo: bool
    host: str

    @property
    def ports(self) -> dict[str, int]:
        """The ports this start listens on, by the variable that moves each."""
        return {"PORT": self.port} | ({"SANDBOX_PORT": self.sandbox_port} if self.demo else {})


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings of the variables that `make help` lists; LaunchError names the one that makes no sense."""
    return Settings(
        port=_read_port(environ, "PORT", 8000),
        sandbox_port=_read_port(environ, "SANDBOX_PORT", 8090),
        data_dir=Path(environ.get("DATA_DIR") or "var").expanduser().resolve(),
        database_url=environ.get("DATABASE_URL", ""),
        redis_url=environ.get("REDIS_URL", ""),
        demo=environ.get("DEMO", "1").lower() not in ("0", "false", "no"),
        host=environ.get("HOST") or LOOPBACK,
    )


def _read_port(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise LaunchError(f"{name}={text} is not a port: a number from 1 to 65535")
    return int(text)


def secret_key(data_dir: Path, environ: Mapping[str, str]) -> str:
    """SECRET_KEY, or the one made once for this data folder and readable by its owner alone."""
    if given := environ.get("SECRET_KEY"):
        return given
    path = data_dir / "secret_key"
    if not path.exists():
        draft = path.with_suffix(".new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
        draft.rename(path)
    key = path.read_text().strip()
    if len(key) < _MIN_SECRET:
        raise LaunchError(f"{path} holds no key; remove it for a new one (everybody is then signed out)")
    return key
