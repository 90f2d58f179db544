"""One contract for every place of files: a folder, and a real S3 server on this machine."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from moto.server import ThreadedMotoServer

from app.core import storage
from app.core.storage import FileMissing, LocalFolder, StorageError
from app.core.storage_s3 import open_bucket
from app.core.tenancy import store_scope
from launch.ports import find_free_port

KEYS = {"access_key": "test", "secret_key": "test", "region": "us-east-1"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of an S3 server with one bucket."""
    port = find_free_port()
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    moto.start()
    address = f"http://127.0.0.1:{port}"
    boto3.client(
        "s3",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    ).create_bucket(Bucket="shop")
    yield address
    moto.stop()


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path) -> storage.FileStorage:
    if request.param == "folder":
        return LocalFolder(tmp_path)
    address = request.getfixturevalue("server")
    return open_bucket(bucket="shop", prefix=tmp_path.name, endpoint_url=address, **KEYS)


def test_what_is_put_can_be_read_until_it_is_deleted(place):
    place.put("media/1/a.640.webp", b"one", "image/webp")
    place.put("media/1/a.640.webp", b"two", "image/webp")
    assert place.get("media/1/a.640.webp") == b"two"
    place.delete(["media/1/a.640.webp", "media/1/never-there.webp"])
    place.delete(["media/1/a.640.webp"])
    with pytest.raises(FileMissing):
        place.get("media/1/a.640.webp")


def test_a_list_holds_one_stores_files(place):
    for key in ("media/1/a.webp", "media/1/b.320.webp", "media/11/c.webp", "imports/1/d.csv"):
        place.put(key, b"x", "image/webp")
    found = list(place.list_files("media/1/"))
    assert [file.key for file in found] == ["media/1/a.webp", "media/1/b.320.webp"]
    assert all(abs(datetime.now(UTC) - file.changed_at) < timedelta(minutes=5) for file in found)
    assert list(place.list_files("media/3/")) == []


@pytest.mark.parametrize(
    "key", ["", "a.webp", "media/../x.webp", "media/1/../../etc/passwd", "/media/1/a.webp", "media/0/a.webp",
            "media/1/.webp", "media/1/a", "media/1/a.webp/b", "media/1/a\x00.webp", "MEDIA/1/a.webp"],
)  # fmt: skip
def test_no_key_leaves_its_place(place, key):
    with pytest.raises(FileMissing):
        place.put(key, b"x", "image/webp")
    with pytest.raises(FileMissing):
        place.get(key)


def test_a_server_that_is_away_is_said_to_be(tmp_path):
    away = open_bucket(bucket="shop", prefix="", endpoint_url=f"http://127.0.0.1:{find_free_port()}", **KEYS)
    for ask in (
        lambda: away.put("media/1/a.webp", b"x", "image/webp"),
        lambda: away.get("media/1/a.webp"),
        lambda: away.delete(["media/1/a.webp"]),
        lambda: list(away.list_files("media/1/")),
    ):
        with pytest.raises(StorageError):
            ask()
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(StorageError):
        LocalFolder(blocked).put("media/1/a.webp", b"x", "image/webp")


def test_a_bucket_that_is_not_there_is_no_missing_file(server):
    wrong = open_bucket(bucket="elsewhere", prefix="", endpoint_url=server, **KEYS)
    with pytest.raises(StorageError):
        wrong.get("media/1/a.webp")


def test_the_settings_choose(app, server, monkeypatch, tmp_path):
    from app.catalog import photos

    assert isinstance(storage.file_storage(), LocalFolder)
    chosen = {
        "STORAGE": "s3",
        "S3_BUCKET": "shop",
        "S3_PREFIX": "chosen",
        "S3_ENDPOINT_URL": server,
        "S3_ACCESS_KEY_ID": "test",
        "S3_SECRET_ACCESS_KEY": "test",
    }
    for name, value in chosen.items():
        monkeypatch.setitem(app.config, name, value)
    with app.app_context(), store_scope(1):
        path = photos.keep(photos.Drawn(640, 800, {320: b"small", 640: b"large"}))
        assert photos.read(path) == b"large" and photos.read(photos.path_at(path, 320)) == b"small"
        photos.forget([path])
        assert list(storage.file_storage().list_files("media/1/")) == []
