"""What must never stand in a log."""

import json

import pytest
import structlog

from app.core.logs import configure_logs, mask


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        pytest.param("code sent to +13055550101", "+1305555", id="phone"),
        pytest.param("to +1 (305) 555-0101 again", "305", id="phone as typed"),
        pytest.param("ana.reyes+shop@example.com signed in", "ana.reyes", id="e-mail"),
    ],
)
def test_people_are_masked(text, gone):
    assert gone not in mask(text)


def test_an_order_code_is_left_alone():
    assert mask("MIA-20261121-A9F3 placed") == "MIA-20261121-A9F3 placed"


def test_a_traceback_carries_no_locals_and_secrets_are_dots(capsys):
    configure_logs(human=False)
    code = "482913"
    try:
        int("not a number: " + "x")
    except ValueError:
        structlog.get_logger().exception("failed", password=code, to="+13055550101")
    line = json.loads(capsys.readouterr().out)
    assert line["password"] == "…"
    assert "3055550" not in line["to"]
    assert code not in line["exception"]
