"""The money of the demo's history: played by the real services, at the times at which it happened.

No posting is written here. An order is placed, paid, delivered, given back and compared with what its provider says by
the code that does so in a shop that is open; only the clock stands where it stood then, and the provider is a book.
"""

from app.demo.money.plans import Deck, Ending, Plan
from app.demo.money.stage import Stage, set_stage
from app.demo.money.story import Played, play_all

__all__ = ["Deck", "Ending", "Plan", "Played", "Stage", "play_all", "set_stage"]
