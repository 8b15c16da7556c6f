"""What is known of an object from the runs before: how far they came, and their books."""

from __future__ import annotations

import logging
from operator import add

import msgspec
from msgspec.structs import astuple

from ..model import Books, ProcessorBooks, WorkItem
from ..model.ports import Progress
from ..model.positions import explain_recount

COUNTS = ("records", "parsed", "unparsable", "skipped", "headers", "events")
"""The fields of `Books` that add up."""

log = logging.getLogger("slips")


def forget_other_chain(item: WorkItem, progress: Progress, counting: str) -> tuple[WorkItem, Progress]:
    """Return both without the positions that another chain has counted: the whole object then runs again, for the
    functions of the item."""
    note = ""
    if item.chain not in ("", counting):
        note = explain_recount(item.chain, counting)
        item = msgspec.structs.replace(item, resume_from=1, positions="", chain=counting)
    if progress.resume_from > 1 and progress.chain and progress.chain != counting:
        note = explain_recount(progress.chain, counting)
        progress = msgspec.structs.replace(progress, resume_from=1, books=Books())
    if note:
        note += ": the whole object was read again"
        log.warning("s3://%s/%s: %s", item.bucket_name, item.object_key, note)
        progress.books.note = note
    return item, progress


def add_books(first: Books, second: Books) -> Books:
    """Add the books of two parts of one object."""
    names = dict.fromkeys([*first.processors, *second.processors])
    none = ProcessorBooks()
    pairs = {name: (first.processors.get(name, none), second.processors.get(name, none)) for name in names}
    counts = {name: getattr(first, name) + getattr(second, name) for name in COUNTS}
    return Books(
        **counts,
        bytes=max(first.bytes, second.bytes),
        note=first.note or second.note,
        waits_for=list(dict.fromkeys([*first.waits_for, *second.waits_for])),
        processors={name: ProcessorBooks(*map(add, astuple(one), astuple(two))) for name, (one, two) in pairs.items()},
    )
