"""Pictures: what is taken, what is refused, what is left of a camera's notes, and who is given them."""

import io
import os
import struct
import time
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms
from sqlalchemy import create_engine, func, select, text

from app.catalog import gallery, photos
from app.catalog.models import Product, ProductPhoto
from app.core import crypto, storage
from app.core.db import db
from app.core.errors import InvalidInput, NotFound
from app.core.events import EventRecord
from jobs.base import handle
from jobs.catalog import forget_pictures
from tests.factories import JAKARTA, MIAMI

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


def test_a_picture_of_more_pixels_than_any_camera_has_is_told_so():
    head = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    chunks = b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))))
    )
    with pytest.raises(InvalidInput) as refusal:
        photos.redraw(b"\x89PNG\r\n\x1a\n" + chunks)
    assert refusal.value.errors == {"photo": "This picture has too many pixels."}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_taken_and_given_out(app, sign_in, goods, kind):
    manager = sign_in("manager")
    assert upload(manager, goods, drawn(kind)).status_code == 303
    photo = db.session.scalars(select(ProductPhoto)).one()
    assert photo.path.startswith("media/1/") and "photo" not in photo.path
    assert (photo.width, photo.height, photo.alt) == (40, 50, {"en": "A red box"})
    answer = sign_in(None).get(f"/{photo.path}")
    assert answer.status_code == 200 and answer.mimetype == "image/webp"
    assert answer.cache_control.immutable and answer.cache_control.max_age > 30_000_000
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def stored(app, path) -> bytes:
    return (Path(app.config["DATA_DIR"]) / path).read_bytes()


def test_the_cameras_notes_are_gone_and_the_picture_stands_upright(app, sign_in, goods):
    assert upload(sign_in("manager"), goods, with_exif()).status_code == 303
    photo = db.session.scalars(select(ProductPhoto)).one()
    content = stored(app, photo.path)
    kept = Image.open(io.BytesIO(content))
    assert b"SpyCam" not in content and not dict(kept.getexif()) and kept.size == (40, 60)


@pytest.mark.parametrize(
    ("size", "widths", "height"),
    [
        ((3200, 1600), (320, 640, 1280), 640),
        ((700, 350), (320, 640, 700), 350),
        ((500, 100), (320, 500), 100),
        ((320, 3), (320,), 3),
        ((40, 50), (40,), 50),
        ((900, 5400), (320,), 1920),
    ],
)
def test_a_picture_is_kept_in_the_widths_that_it_fills(app, sign_in, goods, size, widths, height):
    assert upload(sign_in("manager"), goods, drawn(size=size)).status_code == 303
    photo = db.session.scalars(select(ProductPhoto)).one()
    assert (photos.widths_of(photo.path), photo.width, photo.height) == (widths, widths[-1], height)
    for width in widths:
        kept = Image.open(io.BytesIO(stored(app, photos.path_at(photo.path, width))))
        assert (kept.format, kept.width) == ("WEBP", width)
        assert sign_in(None).get(f"/{photos.path_at(photo.path, width)}").status_code == 200


def test_the_shop_lets_the_browser_choose_a_width(sign_in, goods):
    upload(sign_in("manager"), goods, drawn(size=(2000, 2500)))
    path = db.session.scalars(select(ProductPhoto.path)).one()
    slug = db.session.get(Product, goods["product"]).slug
    db.session.remove()
    customer, value = sign_in("customer"), f"{MIAMI}.21.{int(time.time()) + 3600}"
    gate = f"{value}.{crypto.sign('age-gate', value)}"
    customer.client.set_cookie("age", gate, domain="miami.localhost")
    for address in ("/shop", f"/p/{slug}"):
        page = customer.page(address)
        for width in photos.WIDTHS:
            assert f"/{photos.path_at(path, width)} {width}w" in page, address
        assert f'src="/{photos.path_at(path, 640)}"' in page and 'sizes="' in page


def test_the_colours_of_a_wide_gamut_are_brought_home():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for odd in (profile, b"no profile at all"):
        kept = photos.redraw(drawn(icc_profile=odd))
        assert b"ICCP" not in kept.files[40]


def test_a_picture_that_lets_light_through_keeps_doing_so():
    target = io.BytesIO()
    Image.new("RGBA", (400, 400), (10, 20, 30, 0)).save(target, "PNG")
    kept = Image.open(io.BytesIO(photos.redraw(target.getvalue()).files[400]))
    assert kept.mode == "RGBA" and kept.getpixel((5, 5))[3] == 0


def test_several_at_once_and_a_bad_one_among_them(app, sign_in, goods):
    manager = sign_in("manager")
    sent = [(io.BytesIO(drawn()), "a.jpg"), (io.BytesIO(drawn()), "b.jpg"), (io.BytesIO(SVG), "bad.jpg")]
    answer = manager.post(
        f"/console/photos/upload/{goods['product']}", {"photo": sent}, content_type="multipart/form-data"
    )
    assert answer.status_code == 422 and "bad.jpg" in answer.get_data(as_text=True)
    assert db.session.scalars(select(ProductPhoto.position).order_by(ProductPhoto.position)).all() == [0, 1]


def test_when_the_place_of_pictures_is_away_nothing_is_written(app, sign_in, goods, monkeypatch):
    before = files(app)

    def away(self, key, content, content_type):
        if ".320." in key:  # the first width is kept, the second is not
            return keep(self, key, content, content_type)
        raise storage.StorageError("connection refused")

    keep = storage.LocalFolder.put
    monkeypatch.setattr(storage.LocalFolder, "put", away)
    answer = upload(sign_in("manager"), goods, drawn(size=(900, 900)))
    assert answer.status_code == 503 and 'id="photo-error"' in answer.get_data(as_text=True)
    assert files(app) == before and db.session.scalar(select(func.count(ProductPhoto.id))) == 0


def test_what_has_no_row_is_swept_after_a_day(app, sign_in, goods):
    manager = sign_in("manager")
    upload(manager, goods, drawn(size=(900, 900)))
    mine = db.session.scalars(select(ProductPhoto.path)).one()
    folder = Path(app.config["DATA_DIR"]) / "media" / "1"
    fresh, old = folder / "fresh.640.webp", folder / "old.640.webp"
    for lost in (fresh, old):
        lost.write_bytes(b"x")
    long_ago = time.time() - 2 * 24 * 3600
    for path in (old, *(folder.parent.parent / file for file in photos.files_of(mine))):
        os.utime(path, (long_ago, long_ago))
    assert gallery.sweep_files() == 1
    assert not old.exists() and fresh.exists() and stored(app, mine)


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
def test_read_knows_only_this_stores_pictures(committed, path):
    with pytest.raises(NotFound):
        photos.read(path)


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
    assert stored(app, path)
    db.session.remove()
    assert manager.post(f"/console/photos/delete/{second}").status_code == 303
    run_dropped()
    assert not (Path(app.config["DATA_DIR"]) / path).exists()


def run_dropped() -> None:
    """What the worker does: every PicturesDropped, twice."""
    for record in db.session.scalars(select(EventRecord).where(EventRecord.type == "PicturesDropped")).all():
        for _time in range(2):
            assert handle(record.id, forget_pictures)


def test_dragged_into_order(sign_in, goods):
    manager = sign_in("manager")
    for _time in range(3):
        upload(manager, goods, drawn())
    first, second, third = db.session.scalars(select(ProductPhoto.id).order_by(ProductPhoto.position)).all()
    db.session.remove()
    address = f"/console/photos/order/{goods['product']}"
    # the one that somebody added meanwhile is not named; a stranger's and nonsense are passed over
    assert manager.post(address, {"id": [str(third), "999999", "x", str(first)]}).status_code == 204
    assert db.session.scalars(select(ProductPhoto.id).order_by(ProductPhoto.position)).all() == [
        third,
        first,
        second,
    ]
    assert sign_in("manager", JAKARTA).post(address, {"id": [str(third)]}).status_code == 404


def test_a_deleted_product_takes_its_files_along(app, sign_in, goods, committed):
    from app.inventory.models import Stock, StockMovement

    manager = sign_in("manager")
    upload(manager, goods, drawn(size=(900, 900)))
    path = db.session.scalars(select(ProductPhoto.path)).one()
    engine = create_engine(app.config["DATABASE_URL"])
    with engine.begin() as superuser:  # never stocked, so that it can be deleted
        superuser.execute(text("SET LOCAL session_replication_role = replica"))
        superuser.execute(text(f"DELETE FROM {StockMovement.__tablename__}"))
        superuser.execute(text(f"DELETE FROM {Stock.__tablename__}"))
    engine.dispose()
    db.session.remove()
    assert manager.post(f"/console/products/delete/{goods['product']}").status_code == 303
    assert db.session.get(Product, goods["product"]) is None
    run_dropped()
    assert not any((Path(app.config["DATA_DIR"]) / file).exists() for file in photos.files_of(path))


def test_a_dispatcher_may_not(sign_in, goods):
    assert upload(sign_in("dispatcher"), goods, drawn()).status_code == 403
