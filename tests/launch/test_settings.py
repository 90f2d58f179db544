"""What a start reads, and how it refuses in one line."""

import socket

import pytest

from launch.errors import LaunchError, PortTaken
from launch.ports import find_free_port, is_free, require_free
from launch.settings import read_settings, secret_key


@pytest.fixture
def taken_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_defaults():
    settings = read_settings({})
    assert settings.ports == {"PORT": 8000, "SANDBOX_PORT": 8090}
    assert (settings.data_dir.name, settings.demo, settings.host) == ("var", True, "127.0.0.1")


def test_without_demo_there_is_no_sandbox():
    assert read_settings({"DEMO": "0", "PORT": "81"}).ports == {"PORT": 81}


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "8000.5", "²"])
def test_nonsense_for_a_port(port):
    with pytest.raises(LaunchError, match=r"SANDBOX_PORT=.* is not a port"):
        read_settings({"SANDBOX_PORT": port})


def test_taken_port_is_named_with_its_variable(taken_port):
    free = find_free_port()
    assert is_free(free) and not is_free(taken_port)
    with pytest.raises(PortTaken) as refusal:
        require_free({"PORT": free, "SANDBOX_PORT": taken_port})
    message = str(refusal.value)
    assert f"port {taken_port} (SANDBOX_PORT)" in message
    assert str(free) not in message and "\n" not in message
    assert refusal.value.code == 2


def test_free_ports_pass_and_equal_ones_do_not():
    port = find_free_port()
    require_free({"PORT": port})
    with pytest.raises(PortTaken, match="port of its own"):
        require_free({"PORT": port, "SANDBOX_PORT": port})


def test_secret_is_made_once_and_private(tmp_path):
    key = secret_key(tmp_path, {})
    assert len(key) == 64
    assert secret_key(tmp_path, {}) == key
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert secret_key(tmp_path, {"SECRET_KEY": "given"}) == "given"


def test_emptied_secret_is_not_used(tmp_path):
    (tmp_path / "secret_key").write_text("\n")
    with pytest.raises(LaunchError, match="holds no key"):
        secret_key(tmp_path, {})
