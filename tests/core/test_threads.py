"""Long work beside the requests of a gevent process: it must not stop them, and looks as if done in place."""

import json
import subprocess
import sys

import pytest

from app.core.threads import run_aside

SCENE = """
from gevent import monkey
monkey.patch_all()
import io, json, time
from contextvars import ContextVar
import gevent
from PIL import Image
from app.catalog import photos
from app.core.threads import run_aside

word = ContextVar("word")
target = io.BytesIO()
Image.effect_noise((1200, 1200), 60).convert("RGB").save(target, "PNG")

def longest_silence(work):
    heard, busy = [time.perf_counter()], True
    def listen():
        while busy:
            gevent.sleep(0.002)
            heard.append(time.perf_counter())
    listener = gevent.spawn(listen)
    gevent.sleep(0.01)
    began = time.perf_counter()
    work()
    took = time.perf_counter() - began
    busy = False
    listener.join()
    return max(b - a for a, b in zip(heard, heard[1:])), took

def refuse():
    raise LookupError(word.get())

blocked, took = longest_silence(lambda: photos.redraw(target.getvalue()))
aside, took_aside = longest_silence(lambda: run_aside(photos.redraw, target.getvalue()))
word.set("of the caller")
try:
    run_aside(refuse)
except LookupError as refusal:
    print(json.dumps({"blocked": blocked / took, "aside": aside / took_aside, "refusal": str(refusal)}))
"""


def test_a_picture_is_drawn_while_other_requests_go_on():
    done = subprocess.run(
        [sys.executable, "-c", SCENE], capture_output=True, text=True, timeout=240, check=True
    )
    seen = json.loads(done.stdout)
    assert seen["blocked"] > 0.9, "without a thread nobody else is served: the trap is there"
    assert seen["aside"] < 0.5
    assert seen["refusal"] == "of the caller"
    assert "Traceback" not in done.stderr


def test_elsewhere_it_is_an_ordinary_call():
    assert run_aside(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        run_aside(divmod, 1, 0)
