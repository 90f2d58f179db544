"""The first page: how the day goes."""

from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access

from admin import figures
from admin.base import Answer
from app import stores
from app.core import clock
from app.orders.labels import STATUS


class ConsoleIndexView(BaseView):
    """The day's figures, open orders and shelves that run low, from the tables as they are now."""

    route_base = "/console"
    default_view = "index"

    @expose("/")
    @has_access
    def index(self) -> Answer:
        """Home."""
        now = clock.now()
        day = figures.load_day(now)
        local = now.astimezone(stores.current_store().zone)
        return self.render_template("admin/home.html", day=day, now=now, hour=local.hour, words=STATUS)
