"""From a fresh copy to a working set-up: `python3 -m launch.bootstrap [COMMAND …]`.

Needs Python 3.11 and nothing else. Every step leaves a stamp with the hash of what it read, so that a second
run takes milliseconds. A COMMAND (arguments for the environment's Python, such as `-m launch.run`) then takes
this process's place.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from launch.errors import LaunchError
from launch.node import find_npm

ROOT = Path(__file__).resolve().parent.parent
UV = "uv==0.13.8"
OLDEST_PYTHON = (3, 11)
ASSET_SOURCES = (
    "package.json",
    "package-lock.json",
    "frontend",
    "tsconfig.json",
    "app",
    "admin",
    "blueprints",
)
ASSET_SUFFIXES = {".html", ".css", ".ts", ".js", ".mjs", ".json", ".svg", ".woff2", ".txt"}
_OUR_OUTPUT = ("app/static/dist", "app/static/packs")


def main(arguments: list[str]) -> int:
    """Set up everything, then become `arguments`; the exit status when there are none, or on failure."""
    try:
        if sys.version_info < OLDEST_PYTHON:
            raise LaunchError(f"Python {sys.version.split()[0]} is too old: 3.11 or newer is needed")
        with _one_at_a_time(ROOT):
            python = prepare(ROOT, Path(os.environ.get("VENV") or ROOT / ".venv"))
    except LaunchError as error:
        print(f"Set-up failed: {error}", file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        return 130
    if not arguments:
        return 0
    os.environ["PATH"] = f"{python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    os.execv(python, [str(python), *arguments])


def prepare(root: Path, venv: Path) -> Path:
    """Do what is not done yet; returns the environment's Python. LaunchError says in one line why not."""
    python = install_python_packages(root, venv)
    build_assets(root, venv)
    compile_translations(root, python)
    return python


@contextlib.contextmanager
def _one_at_a_time(root: Path) -> Iterator[None]:
    """Two starts from one copy do not install over each other."""
    handle = os.open(root / "launch", os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


# ---------------------------------------------------------------- stamps
def fingerprint(paths: Iterable[Path], *words: str) -> str:
    """Hash of the names and contents of files, and of words such as a version."""
    digest = hashlib.sha256("\0".join(words).encode())
    for path in sorted(paths):
        digest.update(f"\0{path}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_done(stamp: Path, mark: str) -> bool:
    """Whether the step that wrote the stamp saw the same sources."""
    return stamp.is_file() and stamp.read_text() == mark


# ---------------------------------------------------------------- Python
def install_python_packages(root: Path, venv: Path) -> Path:
    """A virtual environment with exactly the packages of requirements.lock, each checked by its hash."""
    python, stamp, lock = venv / "bin" / "python", venv / ".stamp", root / "requirements.lock"
    mark = fingerprint([lock], sys.version)
    if is_done(stamp, mark) and python.exists():
        return python
    if not python.exists() or _run([python, "-c", "import pip"], root).returncode != 0:
        _say("making the Python environment")
        _require(
            [sys.executable, "-m", "venv", "--clear", str(venv)],
            root,
            "python3 -m venv does not work; on Debian and Ubuntu: apt-get install python3-venv",
        )
    _say("installing Python packages")
    if not _install_by_uv(root, venv, lock):
        command = [python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(lock)]
        _require(command, root, "pip could not install requirements.lock")
    stamp.write_text(mark)
    return python


def _install_by_uv(root: Path, venv: Path, lock: Path) -> bool:
    """Seven seconds instead of a minute; False when uv cannot be had or fails, and pip has to do it."""
    python = venv / "bin" / "python"
    if _run([python, "-m", "pip", "install", "--quiet", UV], root).returncode != 0:
        return False
    command = [venv / "bin" / "uv", "pip", "sync", "--quiet", "--require-hashes", str(lock)]
    return (
        _run(
            command, root, env=os.environ | _uv_settings(python, root) | {"VIRTUAL_ENV": str(venv)}
        ).returncode
        == 0
    )


def _uv_settings(python: Path, root: Path) -> dict[str, str]:
    """pip's own settings in uv's words: uv does not read them."""
    words = {
        "index-url": "UV_DEFAULT_INDEX",
        "extra-index-url": "UV_INDEX",
        "find-links": "UV_FIND_LINKS",
        "trusted-host": "UV_INSECURE_HOST",
        "cert": "SSL_CERT_FILE",
    }
    # pip looks in all indexes at once; the hashes of the lock keep a stranger's package of the same name out.
    found = {} if "UV_INDEX_STRATEGY" in os.environ else {"UV_INDEX_STRATEGY": "unsafe-best-match"}
    for line in _run([python, "-m", "pip", "config", "list"], root).stdout.splitlines():
        name, _, value = line.partition("=")
        variable = words.get(name.rsplit(".", 1)[-1])
        if variable and variable not in os.environ:
            found[variable] = " ".join(value.strip("'\"").replace("\\n", " ").split())
    return found


# ---------------------------------------------------------------- assets
def build_assets(root: Path, venv: Path) -> None:
    """Node packages by package-lock.json, then styles and scripts from frontend/ and the templates."""
    lock, modules, dist = root / "package-lock.json", root / "node_modules", root / "app/static/dist"
    if not lock.exists():
        return
    packages_mark = fingerprint([lock])
    assets_mark = fingerprint(_asset_sources(root))
    packages_done = is_done(modules / ".stamp", packages_mark)
    if is_done(dist / ".stamp", assets_mark) and packages_done:
        return
    npm, env = find_npm(venv)
    if not packages_done:
        _say("installing Node packages")
        command = [*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"]
        _require(command, root, "npm ci failed", env=env)
        (modules / ".stamp").write_text(packages_mark)
    _say("building styles and scripts")
    _require([*npm, "run", "--silent", "build"], root, "npm run build failed", env=env)
    dist.mkdir(parents=True, exist_ok=True)
    (dist / ".stamp").write_text(assets_mark)


def _asset_sources(root: Path) -> list[Path]:
    """Everything the build reads: Tailwind takes class names from templates and scripts."""
    found = []
    for name in ASSET_SOURCES:
        place = root / name
        for path in [place] if place.is_file() else place.rglob("*"):
            inside = path.relative_to(root).as_posix()
            if path.is_file() and path.suffix in ASSET_SUFFIXES and not inside.startswith(_OUR_OUTPUT):
                found.append(path)
    return found


# ---------------------------------------------------------------- translations
def compile_translations(root: Path, python: Path) -> None:
    """messages.po → messages.mo of every language; nothing to do where there are none yet."""
    catalogues = sorted((root / "translations").glob("*/LC_MESSAGES/*.po"))
    if not catalogues:
        return
    stamp = root / "var" / "translations.stamp"
    mark = fingerprint(catalogues)
    if is_done(stamp, mark) and all(path.with_suffix(".mo").exists() for path in catalogues):
        return
    _say("compiling translations")
    command = [python, "-m", "babel.messages.frontend", "-q", "compile", "-d", "translations"]
    _require(command, root, "a translation does not compile; see: make i18n")
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(mark)


# ---------------------------------------------------------------- commands
def _run(command: list, root: Path, env: dict | None = None) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    try:
        return subprocess.run(words, cwd=root, env=env, capture_output=True, text=True, check=False)
    except OSError as error:
        return subprocess.CompletedProcess(words, 127, "", str(error))


def _require(command: list, root: Path, complaint: str, env: dict | None = None) -> None:
    """Run it; a failure becomes one line, after what the command itself had to say."""
    began = time.monotonic()
    done = _run(command, root, env)
    if done.returncode != 0:
        print(_shorten(f"{done.stdout}{done.stderr}".strip()), file=sys.stderr)
        raise LaunchError(f"{complaint} (exit {done.returncode} after {time.monotonic() - began:.0f} s)")


def _shorten(text: str, most: int = 30) -> str:
    """The first and the last lines of a long complaint: tools put the reason at either end."""
    lines = text.splitlines()
    if len(lines) <= most:
        return text
    half = most // 2
    return "\n".join([*lines[:half], f"… {len(lines) - most} lines …", *lines[-half:]])


def _say(what: str) -> None:
    print(f"set-up: {what} …", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
