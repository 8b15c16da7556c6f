"""The ErrorTable: what failed, kept until it is drained or discarded.

schema      its keys and index, for CloudFormation
store       Quarantine: record, get, delete, page, causes, claim, release, confirm, refuse, adopt
items       ErrorRow and ErrorItem, and their form in DynamoDB
bounds      what keeps an item below 400 KB
listing     the index, read in the order of time
cursor      where a listing continues
selection   the items of a drain or a discard, chunk by chunk
discard     deletes them
due         what waits to be tried again, by cause
adoption    puts items of the class-based SLIPS into the index
"""

from __future__ import annotations

from .adoption import Adoption
from .cursor import Cursor
from .discard import DiscardReport, DiscardRequest, discard, discard_one
from .due import DueItem, RetryNote
from .items import CLAIMABLE, ENDED, UNKNOWN, WAITING, ErrorItem, ErrorRow
from .listing import Cause, Causes, Filter, Page
from .selection import ErrorSelection, SelectionWalk
from .store import Quarantine

__all__ = [
    "CLAIMABLE",
    "ENDED",
    "UNKNOWN",
    "WAITING",
    "Adoption",
    "Cause",
    "Causes",
    "Cursor",
    "DiscardReport",
    "DiscardRequest",
    "DueItem",
    "ErrorItem",
    "ErrorRow",
    "ErrorSelection",
    "Filter",
    "Page",
    "Quarantine",
    "RetryNote",
    "SelectionWalk",
    "discard",
    "discard_one",
]
