"""Pages around the catalogue: the tree, brands and tags, imports; as staff use them, with and without a script."""

import io

import pytest
from sqlalchemy import select

from app.catalog.imports import ImportRun, ImportStatus
from app.catalog.models import Category, Product, Variant
from app.core.db import db
from app.core.events import EventRecord
from jobs.base import handle
from jobs.catalog import run_import
from tests.factories import JAKARTA, make_category


@pytest.fixture
def drawers(goods):
    top, inner = make_category("top", position=5).id, make_category("inner", position=6).id
    db.session.remove()
    return goods | {"top": top, "inner": inner}


def test_dragged_and_stepped(sign_in, drawers):
    manager = sign_in("manager")
    page = manager.page("/console/categories/tree")
    assert page.count("data-tree-id") == 3 and page.count('name="step"') == 12
    place = f"/console/categories/place/{drawers['inner']}"
    assert manager.post(place, {"parent": str(drawers["top"]), "before": ""}).status_code == 204
    assert db.session.get(Category, drawers["inner"]).parent_id == drawers["top"]
    db.session.remove()
    circle = manager.post(f"/console/categories/place/{drawers['top']}", {"parent": str(drawers["inner"])})
    assert circle.status_code == 409 and "inside itself" in circle.get_data(as_text=True)
    stepped = manager.post(f"/console/categories/step/{drawers['inner']}", {"step": "out"})
    assert stepped.status_code == 303 and f"moved={drawers['inner']}" in stepped.location
    assert db.session.get(Category, drawers["inner"]).parent_id is None
    db.session.remove()
    assert sign_in("manager", JAKARTA).post(place, {"parent": "0"}).status_code == 404
    assert sign_in("dispatcher").post(place, {"parent": "0"}).status_code == 403


def test_brands_and_tags_are_renamed_joined_and_taken_off(sign_in, goods):
    product = db.session.get(Product, goods["product"])
    product.brand, product.tags = "Marea", ["daily", "dry-skin"]
    db.session.commit()
    db.session.remove()
    manager = sign_in("manager")

    def rename(kind, name, new):
        answer = manager.post(f"/console/words/rename/{kind}", {"name": name, "new": new})
        db.session.remove()
        return answer

    assert rename("brand", "Marea", "Alba").status_code == 303
    assert rename("tag", "dry-skin", "daily").status_code == 303
    product = db.session.get(Product, goods["product"])
    assert (product.brand, product.tags) == ("Alba", ["daily"])
    refused = rename("tag", "daily", "Каждый день")
    assert refused.status_code == 422 and "Каждый день" in refused.get_data(as_text=True)
    assert "Alba" in manager.page("/console/products/list/?brand=Alba&tag=daily&shown=now")
    assert (
        rename("tag", "daily", "").status_code == 303 and db.session.get(Product, goods["product"]).tags == []
    )
    assert rename("colour", "a", "b").status_code == 404


def bring(staff, content: bytes, name="goods.csv"):
    return staff.post(
        "/console/imports/upload", {"file": (io.BytesIO(content), name)}, content_type="multipart/form-data"
    )


def work():
    for event_id in db.session.scalars(select(EventRecord.id).where(EventRecord.type == "ImportAsked")).all():
        handle(event_id, run_import)
    db.session.remove()


def test_an_import_from_the_upload_to_the_shelf(sign_in, goods):
    manager = sign_in("manager")
    answer = bring(manager, "sku,price\nVITC,9.90\n".encode("utf-16"))
    assert answer.status_code == 303
    page = manager.page(answer.location)
    assert "<progress" in page and 'hx-trigger="load delay:700ms"' in page
    key = db.session.scalar(select(ImportRun.id))
    db.session.remove()
    assert manager.get(f"/console/imports/state/{key}").status_code == 200
    work()
    assert manager.get(f"/console/imports/state/{key}").headers["HX-Refresh"] == "true"
    page = manager.page(answer.location)
    assert "<del>12.50</del>" in page and "<ins>9.90</ins>" in page and "utf-16" in page
    assert manager.post(f"/console/imports/apply/{key}").status_code == 303
    work()
    assert db.session.get(ImportRun, key).status is ImportStatus.applied
    assert db.session.get(Variant, goods["variant"]).price_minor == 990
    db.session.remove()
    assert manager.post(f"/console/imports/discard/{key}").status_code == 303  # too late, and said so
    assert "no longer waiting" in manager.page(answer.location)
    assert sign_in("manager", JAKARTA).get(f"/console/imports/show/{key}").status_code == 404


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"prise,sku\n1,A\n", "Do you mean price?"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 99, "old or protected"),
    ],
)
def test_a_file_that_cannot_be_one_is_refused_at_once(sign_in, goods, content, said):
    answer = bring(sign_in("manager"), content)
    assert answer.status_code == 422 and said in answer.get_data(as_text=True)
    assert 'id="file-error"' in answer.get_data(as_text=True)
    assert db.session.scalar(select(ImportRun.id)) is None


def test_a_file_beyond_all_bounds(sign_in, goods):
    answer = bring(sign_in("manager"), b"x" * (33 * 1024 * 1024))
    assert answer.status_code == 413 and "too large" in answer.get_data(as_text=True)


def test_the_export_is_a_download(sign_in, goods):
    manager = sign_in("manager")
    answer = manager.get("/console/imports/export/csv")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="catalogue-miami-')
    assert answer.data.startswith(b'\xef\xbb\xbf"sku","product"') and b'"VITC"' in answer.data
    assert manager.get("/console/imports/export/exe").status_code == 404
    assert sign_in("dispatcher").get("/console/imports/export/csv").status_code == 403
