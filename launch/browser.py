"""The browser of the end-to-end tests: Debian's chromium, installed when it is missing and we may."""

import os
import shutil
import subprocess
import sys

from launch.errors import LaunchError

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find_chromium() -> str | None:
    """Path of the browser: $CHROMIUM, or the first of the usual names on the path."""
    if given := os.environ.get("CHROMIUM"):
        return shutil.which(given)
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def ensure_chromium() -> str:
    """Path of the browser, installed by apt-get if need be; LaunchError says how to get one otherwise."""
    if path := find_chromium():
        return path
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise LaunchError("No chromium on this machine: install it, or set CHROMIUM to a browser's path")
    print("installing chromium …", flush=True)
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
        done = subprocess.run(["apt-get", *command], env=env, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(done.stderr[-2000:], file=sys.stderr)
            raise LaunchError(f"apt-get {command[0]} failed; install chromium by hand")
    if (path := find_chromium()) is None:
        raise LaunchError("apt-get installed chromium, and it is not on the path")
    return path


if __name__ == "__main__":
    try:
        print(f"browser: {ensure_chromium()}")
    except LaunchError as problem:
        sys.exit(str(problem))
