"""Who may open what, role by role and view by view, and what of the framework answers at all."""

import re

import pytest

from admin.base import StoreModelView
from admin.registry import VIEWS
from app.identity.roles import PERMISSIONS, ROLES
from tests.factories import MIAMI

NOBODYS = (
    "/users/list/", "/users/userinfo/", "/roles/list/", "/groups/list/", "/permissions/list/", "/viewmenus/list/",
    "/permissionviews/list/", "/userstatschartview/chart/", "/resetpassword/form", "/resetmypassword/form",
    "/userinfoeditview/form", "/registeruser/list/", "/api/v1/security/login", "/api/v1/security/refresh",
    "/api/v1/security/users/", "/api/v1/menu/", "/api/v1/_openapi", "/swagger/v1",
)  # fmt: skip


def may(role: str, view: str) -> bool:
    return any(
        re.fullmatch(known, view) and re.fullmatch(permission, "can_list")
        for known, permission in PERMISSIONS[role]
    )


def address(view) -> str:
    return "/console/store/" if view.__name__ == "StoreAdmin" else f"{view.route_base}/list/"


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_its_own_pages_and_no_other(sign_in, goods, role):
    staff = sign_in(role)
    opened = {view.__name__: staff.get(address(view)).status_code for _area, view, _label in VIEWS}
    assert opened == {
        view.__name__: 200 if may(role, view.__name__) else 403 for _area, view, _label in VIEWS
    }


@pytest.mark.parametrize("role", ["manager", "dispatcher", "store_admin"])
def test_the_menu_shows_what_the_role_may_open_and_nothing_else(sign_in, goods, role):
    page = sign_in(role).page("/console/")
    menu = page[page.index('id="sections"') : page.index("navbar-right")]
    for _area, view, _label in VIEWS:
        assert (f'href="{address(view)}"' in menu) == may(role, view.__name__), view.__name__
    assert 'href="/dispatch/"' in menu or 'href="/dispatch"' in menu


def test_roles_differ_where_they_should():
    assert may("store_admin", "MembershipAdmin") and not may("manager", "MembershipAdmin")
    assert (
        may("manager", "ProductAdmin")
        and may("dispatcher", "ProductAdmin")
        and not may("driver", "ProductAdmin")
    )
    assert not may("store_admin", "PersonAdmin") and not may("store_admin", "PlatformStoreAdmin")
    assert may("platform_admin", "PersonAdmin")


@pytest.mark.parametrize(
    "path", ["/console/", "/console/products/list/", "/console/products/edit/1", "/console/roles/list/"]
)
def test_nobody_signs_in_first(sign_in, goods, path):
    answer = sign_in(None).get(path)
    assert (
        answer.status_code == 302 and answer.location.startswith("/sign-in?next=%2Fconsole")
    ) or "/sign-in?next=/console" in answer.location


@pytest.mark.parametrize("role", ["customer", "driver"])
def test_others_see_the_refusal_in_the_houses_design(sign_in, goods, role):
    answer = sign_in(role).get("/console/")
    assert answer.status_code == 403 and "<html" in answer.get_data(as_text=True)


def test_a_dispatcher_reads_the_catalogue_and_changes_none_of_it(sign_in, goods):
    dispatcher = sign_in("dispatcher")
    page = dispatcher.page("/console/products/list/")
    assert "/console/products/add" not in page and "th-edit" not in page and "th-switch" not in page
    for path in ("/console/products/add", f"/console/products/edit/{goods['product']}"):
        assert dispatcher.get(path).status_code == 403
    for path in (
        f"/console/products/delete/{goods['product']}",
        f"/console/variants/new/{goods['product']}",
        f"/console/stock/edit/{goods['stock']}",
        f"/console/photos/upload/{goods['product']}",
    ):
        assert dispatcher.post(path).status_code == 403, path


@pytest.mark.parametrize("role", [None, "store_admin", "platform_admin"])
def test_nothing_of_the_framework_answers(sign_in, goods, role):
    staff = sign_in(role)
    assert {path: staff.get(path).status_code for path in NOBODYS} == dict.fromkeys(NOBODYS, 404)
    assert staff.post("/api/v1/security/login", {"username": "x"}).status_code in {400, 404}


def test_a_manager_of_one_store_is_a_customer_next_door(app, committed, goods):
    from tests.admin.conftest import enter
    from tests.factories import JAKARTA, make_person

    person = make_person("Dmitri", roles=("manager",))
    number = person.id
    assert enter(app, person, MIAMI).get("/console/").status_code == 200
    from app.core.db import db
    from app.core.tenancy import store_scope
    from app.identity.models import Person

    with store_scope(JAKARTA):
        again = db.session.get(Person, number)
        assert enter(app, again, JAKARTA).get("/console/").status_code == 403


def test_pages_carry_no_foreign_address_and_every_script_its_nonce(sign_in, goods):
    manager = sign_in("manager")
    for path in ("/console/", "/console/products/list/", f"/console/products/edit/{goods['product']}"):
        answer = manager.get(path)
        page = answer.get_data(as_text=True)
        nonce = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"]).group(1)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "googleapis" not in page and "gstatic" not in page and not re.search(r'\son\w+="', page)
        scripts = re.findall(r"<script[^>]*>", page)
        assert scripts and all(f'nonce="{nonce}"' in script for script in scripts)


def test_every_view_says_its_words_lazily(app):
    """Labels are looked up when they are shown, in the reader's language: a plain string would stay English."""
    plain = [
        (view.__name__, column.label)
        for _area, view, _label in VIEWS
        if issubclass(view, StoreModelView)
        for column in (*view.columns, *view.details)
        if column.label and isinstance(column.label, str)
    ]
    titles = [
        view.__name__ for _area, view, _label in VIEWS if isinstance(getattr(view, "list_title", None), str)
    ]
    assert not plain and not titles
    assert all(not isinstance(label, str) for _area, _view, label in VIEWS)
