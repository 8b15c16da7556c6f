"""The items of the LedgerTable: how they are read, and how they are shown."""

from __future__ import annotations

from typing import Final

import msgspec

from ..aws.dynamodb import Attributes
from ..errors import ItemUnreadable
from ..model import Books, WorkItem
from ..model.ports import Holder, Progress, Token
from ..model.utc import iso
from ..model.work_items import SHAPE
from ..observability import log_context

FINAL: Final = ("done", "failed")
"""States after which work is not begun again: all of it is delivered or in the ErrorTable."""


class LedgerItem(msgspec.Struct, kw_only=True):
    """The books of a work item, as `GET /objects` shows them. `from_work` is the work that left this one to do, because
    it failed, or because it had to wait: then `tries` is how often it was tried again. `invocation` is the request id
    of the one that began it last, as its log lines name it."""

    work_id: str
    state: str
    bucket_name: str = ""
    object_key: str = ""
    version: str = ""
    etag: str = ""
    """Where it is not the version."""
    lane: str = ""
    resume_from: int = 1
    attempts: int = 0
    begun_at: str = ""
    changed_at: str = ""
    from_work: str = ""
    tries: int = 0
    invocation: str = ""
    books: Books = msgspec.field(default_factory=Books)


def describe_work(item: WorkItem, now: float) -> dict[str, str]:
    """Return what the first beginning of the work writes, and no later one changes. `now` is in seconds since the
    epoch."""
    texts = {
        "begun_at": iso(now),
        "bucket_name": item.bucket_name,
        "object_key": item.object_key,
        "version": item.ref.version,
        "lane": item.dest_stream,
        "object_id": item.partition_key,
    }
    if item.from_work:
        texts["from_work"] = item.from_work
    if item.object_etag not in ("", item.ref.version):
        texts["etag"] = item.object_etag
    return {name: text or "-" for name, text in texts.items()}


def describe_beginning(item: WorkItem, holder: Holder, name: str, now: float, ttl: int) -> dict[str, str | int]:
    """Return what each beginning of the work writes, besides its count. `name` is that of its token, `ttl` is in
    seconds."""
    optional: dict[str, str | int] = {"tries": item.tries, "invocation": log_context.invocation_id()}
    return {
        "state": "started",
        "changed_at": iso(now),
        "expires_at": int(now) + ttl,
        "token_name": name,
        "holder": holder.record_id,
        "held_until": int(holder.until),
        **{attribute: value for attribute, value in optional.items() if value},
    }


def read_number(attributes: Attributes, name: str, default: int = 0) -> int:
    """Read a whole number. Raises ItemUnreadable for anything else."""
    value = attributes.get(name, {"N": default})
    try:
        return int(value["N"])
    except (KeyError, TypeError, ValueError):
        raise ItemUnreadable(f"the ledger's item holds no number in {name}: {str(value)[:80]}") from None


def decode_progress(attributes: Attributes) -> Progress:
    """Read how far the work is. Raises ItemUnreadable for what this version did not write, and cannot understand."""
    shape = read_number(attributes, "v", 1)
    if shape > SHAPE:
        raise ItemUnreadable(
            f"the ledger's item has the shape v={shape}, and this version of SLIPS reads up to {SHAPE}: it was written "
            "by a later version"
        )
    resume_from = read_number(attributes, "resume_from", 1)
    if resume_from < 1:
        raise ItemUnreadable(f"the ledger's item resumes at record {resume_from}, which is not a record")
    return Progress(
        resume_from=resume_from,
        books=_books(attributes),
        attempts=read_number(attributes, "attempts", 1),
        token=Token(read_number(attributes, "token", 1), read_text(attributes, "token_name")),
        chain=read_text(attributes, "chain"),
    )


def read_text(attributes: Attributes, name: str) -> str:
    return str(attributes.get(name, {}).get("S", ""))


def encode_books(books: Books) -> str:
    """Write books as JSON, without what is nothing most of the time."""
    document = msgspec.to_builtins(books)
    for counts in (document, *document["processors"].values()):
        for name in ("waiting", "waits_for", "note"):
            if not counts.get(name, True):
                del counts[name]
    return msgspec.json.encode(document).decode()


def _books(attributes: Attributes) -> Books:
    text = read_text(attributes, "books")
    try:
        return msgspec.json.decode(text, type=Books) if text else Books()
    except (msgspec.DecodeError, ValueError) as fault:
        raise ItemUnreadable(f"the ledger's item holds no books of this version: {fault}: {text[:80]}") from fault


def decode_item(attributes: Attributes) -> LedgerItem:
    """Read the item as it is shown. One that cannot be understood has no books but a note."""
    texts = {name: value["S"] for name, value in attributes.items() if "S" in value}
    known = {name: texts[name] for name in LedgerItem.__struct_fields__ if name in texts and name != "books"}
    try:
        progress, tries = decode_progress(attributes), read_number(attributes, "tries")
    except ItemUnreadable as fault:
        progress, tries = Progress(attempts=0, books=Books(note=str(fault))), 0
    return LedgerItem(
        **{"state": "unknown"} | known, resume_from=progress.resume_from, attempts=progress.attempts, tries=tries,
        books=progress.books,
    )  # fmt: skip
