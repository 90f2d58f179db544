"""The peer: a Flask page with one query and a small template, under the same server, database and role."""

import os

from flask import Flask, render_template_string
from sqlalchemy import create_engine, text

app = Flask(__name__)
engine = create_engine(os.environ["BARE_DATABASE_URL"], pool_size=20)


@app.get("/")
def page() -> str:
    """One row read, one heading rendered."""
    with engine.connect() as connection:
        name = connection.execute(text("SELECT name FROM store ORDER BY id LIMIT 1")).scalar()
    return render_template_string("<!doctype html><title>{{ name }}</title><h1>{{ name }}</h1>", name=name)
