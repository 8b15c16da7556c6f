"""`slips backfill`: queue objects that exist already.

request    the parameters of a backfill
listing    the objects of a prefix, page by page
selection  which of them to queue, for which functions, by slips.yml, app.py and the ledger
stalled    work that was begun, and that no lane holds any longer
plan       number, size, time and cost, before anything is queued
cost       the cost by list prices
prices     list prices
state      the progress, in a file that survives Ctrl-C
queue      put objects into the lane, chunk by chunk, at a rate
"""

from .listing import pages
from .plan import Plan, plan
from .queue import Pacer, queue
from .request import Request
from .selection import Selection
from .stalled import is_stalled, stalled_before
from .state import State, StateFile

__all__ = [
    "Pacer",
    "Plan",
    "Request",
    "Selection",
    "State",
    "StateFile",
    "is_stalled",
    "pages",
    "plan",
    "queue",
    "stalled_before",
]
