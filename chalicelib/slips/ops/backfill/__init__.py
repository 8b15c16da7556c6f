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

and `slips reconcile`: compare what the bucket has with what the ledger has.

reconciliation  objects that are missing from the ledger, unfinished, or duplicates
inventory       the objects of an S3 Inventory, in place of a listing
"""

from .inventory import inventory_pages
from .listing import pages
from .plan import Plan, plan
from .queue import Pacer, put_candidates, queue
from .reconciliation import KINDS, Finding, Reconciliation, find_unreconciled
from .request import Request
from .selection import Selection
from .stalled import is_stalled, stalled_before
from .state import State, StateFile

__all__ = [
    "KINDS",
    "Finding",
    "Pacer",
    "Plan",
    "Reconciliation",
    "Request",
    "Selection",
    "State",
    "StateFile",
    "find_unreconciled",
    "inventory_pages",
    "is_stalled",
    "pages",
    "plan",
    "put_candidates",
    "queue",
    "stalled_before",
]
