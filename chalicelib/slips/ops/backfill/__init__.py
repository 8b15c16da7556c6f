"""`slips backfill`: objects that exist already, into a lane.

request   what is asked for
listing   the objects of a prefix, page by page
selection which of them are to be queued, and for which functions: slips.yml, app.py and the ledger say
plan      how many, how large, how long and how dear, before anything is queued
cost      list prices
state     how far it is, in a file: for after Ctrl-C, or worse
queue     chunk by chunk into the lane, at a rate
"""

from .listing import pages
from .plan import Plan, plan
from .queue import Pacer, queue
from .request import Request
from .selection import Selection
from .state import State, StateFile

__all__ = ["Pacer", "Plan", "Request", "Selection", "State", "StateFile", "pages", "plan", "queue"]
