"""The release runs when there is something to release, and not at every start."""

import os
import sys
from pathlib import Path

import pytest

from launch.errors import LaunchError
from launch.run import release_mark, run_release
from launch.settings import Settings, read_settings

ENV = dict(os.environ) | {"SECRET_KEY": "a key of sixteen or more"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "postgres").mkdir()
    return read_settings({"DATA_DIR": str(tmp_path)})


def counted(settings: Settings, **changes: str) -> int:
    """Run the release with a step that leaves a mark; how many times it has run so far."""
    diary = settings.data_dir / "diary"
    step = [sys.executable, "-c", f"open({str(diary)!r}, 'a').write('x')"]
    run_release(settings, [step], ENV | changes)
    return len(diary.read_text())


def test_the_same_code_is_released_once(settings: Settings):
    assert [counted(settings), counted(settings)] == [1, 1]


def test_another_key_means_other_passwords(settings: Settings):
    counted(settings)
    assert counted(settings, SECRET_KEY="another key, as long") == 2


def test_a_database_elsewhere_is_always_asked(tmp_path: Path):
    elsewhere = read_settings({"DATA_DIR": str(tmp_path), "DATABASE_URL": "postgresql://db/theriac"})
    assert [counted(elsewhere), counted(elsewhere)] == [1, 2]


def test_a_failed_release_is_tried_again(settings: Settings):
    with pytest.raises(LaunchError, match="exit 3"):
        run_release(settings, [[sys.executable, "-c", "raise SystemExit(3)"]], ENV)
    assert counted(settings) == 1


def test_the_mark_knows_the_code(settings: Settings, tmp_path: Path):
    root = tmp_path / "root"
    (root / "app").mkdir(parents=True)
    for name in ("requirements.lock", "config.py", "app/rules.py"):
        (root / name).write_text("")
    before = release_mark(settings, "key", root)
    (root / "app/rules.py").write_text("LIMIT = 2")
    assert release_mark(settings, "key", root) != before
