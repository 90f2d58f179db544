"""What needs no database: waits, passwords, phone numbers, next pages, devices."""

import pytest

from app.core.actor import Actor
from app.core.errors import InvalidInput
from app.identity.limits import FIRST_WAIT, LONGEST_WAIT, wait_seconds
from app.identity.passwords import common_passwords, weakness
from app.identity.phones import normalise_phone
from app.web.actor import landing, local_path


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (4, 0), (5, 30), (6, 60), (9, 480), (10, LONGEST_WAIT), (500, LONGEST_WAIT)],
)
def test_waiting_grows_and_ends(failures, seconds):
    assert wait_seconds(failures, 5) == seconds


def test_waiting_never_shrinks():
    waits = [wait_seconds(count, 5) for count in range(40)]
    assert waits == sorted(waits)
    assert {wait for wait in waits if wait} >= {FIRST_WAIT, LONGEST_WAIT}


@pytest.mark.parametrize(
    ("password", "shortest", "good"),
    [
        pytest.param("short1!", 8, False, id="too short"),
        pytest.param("a lamp on the counter", 12, True, id="a sentence"),
        pytest.param("Password1", 8, False, id="common, whatever its case"),
        pytest.param("qwertyuiop", 8, False, id="a row of keys"),
        pytest.param("aaaaaaaaaaaaaaa", 12, False, id="one letter"),
        pytest.param("lampcounter", 12, False, id="enough for a customer, not for staff"),
        pytest.param("lampcounter", 8, True, id="enough for a customer"),
        pytest.param("dmitri@miami.test", 12, False, id="one's own address"),
        pytest.param("лампа на прилавке", 12, True, id="any letters"),
        pytest.param("x" * 201 + "yzab", 8, False, id="too long to hash"),
    ],
)
def test_which_passwords_will_do(app, password, shortest, good):
    with app.test_request_context():
        problem = weakness(password, shortest=shortest, own_words=("dmitri@miami.test", "dmitri"))
    assert (problem is None) is good


def test_the_list_of_common_passwords_is_there():
    assert len(common_passwords()) >= 1000
    assert min(map(len, common_passwords())) >= 8


@pytest.mark.parametrize(
    ("typed", "region", "number"),
    [
        ("(305) 555-0142", "US", "+13055550142"),
        ("+1 305 555 0142", "ID", "+13055550142"),
        ("0812 3456 7890", "ID", "+6281234567890"),
        (" 305.555.0142 ", "US", "+13055550142"),
    ],
)
def test_phones_become_one_form(app, typed, region, number):
    assert normalise_phone(typed, region=region) == number


@pytest.mark.parametrize("typed", ["", "call me", "12", "+1 305 555", "305555014200000", "\0"])
def test_what_is_no_phone(app, typed):
    with app.test_request_context(), pytest.raises(InvalidInput) as refused:
        normalise_phone(typed, region="US")
    assert set(refused.value.errors) == {"phone"}


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/a\nb",
        "/\t/evil.example",
        "/a\\b",
        "evil.example",
        "",
        None,
        "///evil.example",
    ],
)
def test_next_never_leaves_the_house(wanted):
    assert local_path(wanted) is None


def test_next_keeps_a_path_and_its_question():
    assert local_path("/checkout?step=2#pay") == "/checkout?step=2#pay"


@pytest.mark.parametrize(
    ("roles", "wanted", "place"),
    [
        ({"customer"}, None, "/"),
        ({"customer"}, "/checkout", "/checkout"),
        ({"customer"}, "//evil.example", "/"),
        ({"customer", "driver"}, None, "/driver"),
        ({"customer", "dispatcher"}, "/", "/dispatch"),
        ({"customer", "dispatcher", "manager"}, None, "/console/"),
        ({"customer", "driver"}, "/driver/cash", "/driver/cash"),
    ],
)
def test_people_land_where_they_work(roles, wanted, place):
    assert landing(Actor(1, frozenset(roles)), wanted) == place
