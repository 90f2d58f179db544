"""What a catalogue page is made of: a change of one of these tables makes every kept copy of the store's pages old.

What orders do to stock (`reserved`) and to popularity is left out: it is seen within the age of a copy, and a busy
shop would otherwise keep none.
"""

from app.core.freshness import watch

SEEN = {
    "branch": (),
    "category": (),
    "hours_exception": (),
    "opening_hours": (),
    "price_override": (),
    "product": ("sold_count", "changed_at"),
    "product_photo": (),
    "review": (),
    "stock": ("reserved", "low_since", "low_at"),
    "store": (),
    "traffic_window": (),
    "variant": (),
    "zone": (),
    "zone_zip": (),
}

for table, unseen in SEEN.items():
    watch(table, but=unseen)
