"""Pictures: what is taken, what is refused, what is left of a camera's notes, and who is given them."""

import io
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select

from app.catalog import photos
from app.catalog.models import ProductPhoto
from app.core.db import db
from app.core.tenancy import store_scope
from tests.factories import JAKARTA

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def drawn(kind="JPEG", size=(40, 50), **options) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, (200, 60, 40)).save(target, kind, **options)
    return target.getvalue()


def with_exif() -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "SpyCam", 6  # maker; turned a quarter
    exif.get_ifd(0x8825)[1] = "N"
    return drawn(size=(60, 40), exif=exif)


def upload(staff, goods, content, name="photo.jpg"):
    return staff.post(
        f"/console/photos/upload/{goods['product']}",
        {"photo": (io.BytesIO(content), name), "alt-en": "A red box"},
        content_type="multipart/form-data",
    )


def files(app) -> list[Path]:
    return [path for path in (Path(app.config["DATA_DIR"]) / "media").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param(b"", "empty.jpg", id="nothing"),
        pytest.param(b"not a picture", "photo.jpg", id="a text called jpg"),
        pytest.param(SVG, "photo.svg", id="svg"),
        pytest.param(SVG, "photo.png", id="svg called png"),
        pytest.param(drawn()[:200], "photo.jpg", id="cut off"),
        pytest.param(drawn("GIF"), "photo.gif", id="gif"),
        pytest.param(drawn("BMP"), "photo.jpg", id="bmp called jpg"),
        pytest.param(drawn() + b"\0" * photos.MAX_BYTES, "photo.jpg", id="too large"),
        pytest.param(drawn("PNG", (8000, 6000)), "photo.png", id="too many pixels"),
    ],
)
def test_refused_with_nothing_left_behind(app, sign_in, goods, content, name):
    before = files(app)
    answer = upload(sign_in("manager"), goods, content, name)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and 'id="photo-error"' in page
    assert files(app) == before and db.session.scalar(select(func.count(ProductPhoto.id))) == 0


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_taken_and_given_out(app, sign_in, goods, kind):
    manager = sign_in("manager")
    assert upload(manager, goods, drawn(kind)).status_code == 303
    photo = db.session.scalars(select(ProductPhoto)).one()
    assert photo.path.startswith("media/1/") and "photo" not in photo.path
    assert (photo.width, photo.height, photo.alt) == (40, 50, {"en": "A red box"})
    answer = sign_in(None).get(f"/{photo.path}")
    assert answer.status_code == 200 and answer.mimetype == "image/webp"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_cameras_notes_are_gone_and_the_picture_stands_upright(sign_in, goods):
    assert upload(sign_in("manager"), goods, with_exif()).status_code == 303
    photo = db.session.scalars(select(ProductPhoto)).one()
    content = photos.file_of(photo.path).read_bytes()
    kept = Image.open(io.BytesIO(content))
    assert b"SpyCam" not in content and not dict(kept.getexif()) and kept.size == (40, 60)


def test_a_large_picture_is_made_smaller(sign_in, goods):
    assert upload(sign_in("manager"), goods, drawn(size=(3200, 1600))).status_code == 303
    photo = db.session.scalars(select(ProductPhoto)).one()
    assert (photo.width, photo.height) == (1600, 800)


def test_another_store_is_not_given_it(app, sign_in, goods):
    upload(sign_in("manager"), goods, drawn())
    path = db.session.scalars(select(ProductPhoto.path)).one()
    db.session.remove()
    assert sign_in(None, JAKARTA).get(f"/{path}").status_code == 404


@pytest.mark.parametrize("name", ["1/../../../etc/passwd", "1/.webp", "2/x.webp", "x.webp", "1/x.svg"])
def test_no_other_file_is_given_out(sign_in, goods, name):
    assert sign_in(None).get(f"/media/{name}").status_code == 404


@pytest.mark.parametrize(
    "path", ["media/2/a.webp", "media/1/../a.webp", "packs/miami/a.svg", "media/1/a.png", "media/1/.a.webp"]
)
def test_file_of_knows_only_this_stores_pictures(committed, path):
    from app.core.errors import NotFound

    with pytest.raises(NotFound):
        photos.file_of(path)


def test_order_and_removal(app, sign_in, goods):
    manager = sign_in("manager")
    for _time in range(2):
        upload(manager, goods, drawn())
    first, second = db.session.scalars(select(ProductPhoto.id).order_by(ProductPhoto.position))
    db.session.remove()
    assert manager.post(f"/console/photos/move/{second}", {"to": "front"}).status_code == 303
    assert db.session.scalars(select(ProductPhoto.id).order_by(ProductPhoto.position)).all() == [
        second,
        first,
    ]
    db.session.remove()
    path = db.session.get(ProductPhoto, second).path
    with store_scope(1):
        assert photos.file_of(path).is_file()
    db.session.remove()
    assert manager.post(f"/console/photos/delete/{second}").status_code == 303
    assert not photos.file_of(path).exists()


def test_a_dispatcher_may_not(sign_in, goods):
    assert upload(sign_in("dispatcher"), goods, drawn()).status_code == 403
