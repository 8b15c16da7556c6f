"""The ErrorTable: what failed, kept until it is drained or discarded.

schema      its keys and index, for CloudFormation
store       Quarantine: put, get, delete, page, causes, claim, release, confirm, refuse, adopt
items       ErrorRow and ErrorItem, and their form in DynamoDB
bounds      how an item stays below 400 KB
listing     the index, read in the order of time
cursor      where a listing goes on
selection   the items of a drain or a discard, chunk by chunk
discard     deletes them
adoption    items of the class-based SLIPS into the index
"""

from __future__ import annotations

from .adoption import Adoption
from .cursor import Cursor
from .discard import DiscardReport, DiscardRequest, discard, discard_one
from .items import UNKNOWN, ErrorItem, ErrorRow
from .listing import Cause, Causes, Filter, Page
from .selection import Selection, SelectionWalk
from .store import Quarantine

__all__ = [
    "UNKNOWN",
    "Adoption",
    "Cause",
    "Causes",
    "Cursor",
    "DiscardReport",
    "DiscardRequest",
    "ErrorItem",
    "ErrorRow",
    "Filter",
    "Page",
    "Quarantine",
    "Selection",
    "SelectionWalk",
    "discard",
    "discard_one",
]
