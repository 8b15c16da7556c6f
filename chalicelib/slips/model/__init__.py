"""The nouns: ObjectRef (what landed), WorkItem (what travels through a lane), Source and Meta (what a function is
told), Failure (what goes to the ErrorTable), Books (what was done).

All are plain structs without behaviour beyond derived values, so that every other module can share them.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Literal

import msgspec

from ..wording import plural

Lane = Literal["fast", "slow"]
LANES: tuple[Lane, ...] = ("fast", "slow")
Stage = Literal["dispatch", "route", "read", "parse", "process", "crash"]


def digest(*parts: str | int | None) -> str:
    """Make a stable id of 32 hex digits. Parts are length-prefixed, so that ("a", "bc") and ("ab", "c") differ."""
    hasher = blake2b(digest_size=16)
    for part in parts:
        text = str("" if part is None else part).encode("utf-8", "surrogatepass")
        hasher.update(b"%d:" % len(text) + text)
    return hasher.hexdigest()


def fingerprint(stage: str, format_name: str, function: str, error_type: str, *place: str) -> str:
    """Return the same 16 hex digits for the same cause of failure. `place` is where in the code, or in AWS, it was."""
    return digest(stage, format_name, function, error_type, *place)[:16]


def escape_surrogates(text: str) -> str:
    """Make the text one that UTF-8 can hold: half a surrogate pair, which JSON and Python allow, becomes `\\udcff`."""
    return text.encode("utf-8", "backslashreplace").decode()


class ObjectRef(msgspec.Struct, frozen=True, kw_only=True):
    """One version of one S3 object, as a notification named it.

    `key` is decoded (`+` and `%xx` undone); `event_time` is ISO 8601 in UTC; `size` is in bytes, None where the
    notification did not say.
    """

    bucket: str
    key: str
    size: int | None = None
    etag: str = ""
    version_id: str = ""
    sequencer: str = ""
    region: str = ""
    event_time: str = ""
    event_name: str = "ObjectCreated:Put"

    @property
    def version(self) -> str:
        """What distinguishes this version of the object: the version id, else the etag, else the sequencer."""
        return self.version_id or self.etag or self.sequencer

    @property
    def work_id(self) -> str:
        """The same for every delivery of the same notification; another for a later write of the same key."""
        return digest(self.bucket, self.key, self.version_id, self.etag, self.sequencer)


class WorkItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A Kinesis record. The first eight fields and `dest_stream` are those of the class-based SLIPS.

    `resume_from` is the 1-based position of the first record still to be read. `positions` (text, see
    `slips.model.positions`) and `processors` narrow a drained item to the events and functions that failed; empty means
    all. `chain` is what both were counted by (see `formats.chain.Chain.counting`). `suspended` (in JSON `given_up`)
    names the functions for which the rest of a continued object is already quarantined. `attempt` counts the drains
    behind it, `error_id` names the error item it came from, `first_failed` is when that first failed, `history` how it
    failed before, one line each. Functions get the events in pieces of their usual size divided by `split`.

    `not_before` (seconds since the epoch) ends the invocation that was at work on it when it was handed back.
    What waited carries `tries`, how often it was tried again by itself, and `waiting_since`, when it first had to wait
    (seconds since the epoch). `from_work` is the work that left it to do; `waiting` names those suspended functions of
    which the rest waits.
    `books` are those of the records before `resume_from`, where the ledger did not take them.
    `raw_key` is the key as the class-based SLIPS wrote it, which may be the true one. `shape` (in JSON `v`) and
    `unknown` are for other versions: see `work_items`. `record_id` is that of the Kinesis record it came in.
    """

    aws_region: str = ""
    event_time: str = ""
    event_name: str = ""
    bucket_name: str
    bucket_arn: str = ""
    object_key: str
    object_size: int | None = None
    object_etag: str = ""
    dest_stream: str = ""
    version_id: str = ""
    sequencer: str = ""
    work_id: str = ""
    resume_from: int = 1
    positions: str = ""
    processors: tuple[str, ...] = ()
    suspended: tuple[str, ...] = msgspec.field(default=(), name="given_up")
    attempt: int = 0
    error_id: str = ""
    first_failed: str = ""
    history: tuple[str, ...] = ()
    chain: str = ""
    split: int = 1
    not_before: int = 0
    tries: int = 0
    waiting_since: int = 0
    from_work: str = ""
    waiting: tuple[str, ...] = ()
    books: Books | None = None
    raw_key: str = ""
    shape: int = msgspec.field(default=1, name="v")
    unknown: dict[str, Any] = {}
    record_id: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Whether it names a part of the object, by positions that were counted."""
        return bool(self.positions) or self.resume_from > 1

    @property
    def ref(self) -> ObjectRef:
        """The object this item points to."""
        return ObjectRef(
            bucket=self.bucket_name,
            key=self.object_key,
            size=self.object_size,
            etag=self.object_etag,
            version_id=self.version_id,
            sequencer=self.sequencer,
            region=self.aws_region,
            event_time=self.event_time,
            event_name=self.event_name,
        )

    @property
    def is_whole_copy(self) -> bool:
        """Whether it is the first work on an object that was copied, maybe onto itself: its content may be known."""
        if self.event_name != "ObjectCreated:Copy" or not self.object_etag:
            return False
        return not (self.is_narrowed or self.processors or self.error_id)

    @property
    def partition_key(self) -> str:
        """Keeps the items of one object in order on one shard, and spreads objects over shards (256 characters is
        Kinesis' limit, and a key may hold 1,024 bytes: hence a digest)."""
        return digest(self.bucket_name, self.object_key)


def work_item(ref: ObjectRef, stream: str) -> WorkItem:
    """Make the item that sends the whole object into the lane of that stream."""
    return WorkItem(
        aws_region=ref.region,
        event_time=ref.event_time,
        event_name=ref.event_name,
        bucket_name=ref.bucket,
        bucket_arn=f"arn:aws:s3:::{ref.bucket}",
        object_key=ref.key,
        object_size=ref.size,
        object_etag=ref.etag,
        dest_stream=stream,
        version_id=ref.version_id,
        sequencer=ref.sequencer,
        work_id=ref.work_id,
    )


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """The object that an event came from: one for all its events, and read-only."""

    bucket: str
    """The bucket's name."""
    key: str
    """Decoded: `+` and `%xx` of the notification undone."""
    version: str
    """The version id, else the etag, else the sequencer."""
    region: str
    """The bucket's region, such as `eu-central-1`; empty where the notification named none."""
    size: int | None
    """Bytes, None where the notification named none."""
    lane: str
    """`"fast"` or `"slow"`."""


class Failure(msgspec.Struct, kw_only=True):
    """Something that failed, on its way to the ErrorTable.

    `positions` (text) names the records that failed; where it is empty, everything from the record `resume_from` on
    failed. Both were counted by `chain`. `argument` is the list of work items, `processor` the function (empty: all of
    the format).

    One with `retry_at` (seconds since the epoch) waits, and is tried again by itself then; `tries` and `waiting_since`
    are like those of its work. One that `rings` does so, and a person is told all the same; one that `gave_up` has
    waited long enough. Of one that is `untouched` no work was begun: it comes back as it was. One that has `ended`
    needs nobody: the object is `gone`, or was `superseded` by a newer version, which has a notification of its own.
    One that is `archived` is drained by itself once its object is restored.
    """

    request_id: str
    argument: tuple[WorkItem, ...]
    stage: Stage
    error_type: str
    error_message: str
    event_time: str = ""
    failed_at: str = ""
    bucket_name: str = ""
    object_key: str = ""
    object_size: int | None = None
    lane: str = ""
    format: str = ""
    processor: str = ""
    traceback: str = ""
    positions: str = ""
    resume_from: int = 0
    chain: str = ""
    failed_count: int = 1
    sample: str = ""
    fingerprint: str = ""
    attempts: int = 1
    tries: int = 0
    waiting_since: int = 0
    retry_at: int = 0
    rings: bool = True
    untouched: bool = False
    gave_up: bool = False
    ended: Literal["", "gone", "superseded"] = ""
    archived: bool = False

    @property
    def is_open(self) -> bool:
        """Whether a person is to be told."""
        return self.rings or not (self.retry_at or self.ended)


class ProcessorBooks(msgspec.Struct):
    """The books of a function for an object, in events."""

    delivered: int = 0
    filtered: int = 0
    quarantined: int = 0
    waiting: int = 0

    @property
    def total(self) -> int:
        """The events of the object that are accounted for."""
        return self.delivered + self.filtered + self.quarantined + self.waiting


class Books(msgspec.Struct):
    """The books of an object. `headers` counts comment and header lines, which are not events in this format; `skipped`
    counts records that no function's `contains` matched. `note` says why more was read than was asked for. `waits_for`
    holds the fingerprints of what events, or the rest of the object, wait for."""

    records: int = 0
    parsed: int = 0
    unparsable: int = 0
    skipped: int = 0
    headers: int = 0
    events: int = 0
    bytes: int = 0
    processors: dict[str, ProcessorBooks] = {}
    note: str = ""
    waits_for: list[str] = []

    def imbalance(self) -> str:
        """Say what does not add up; empty when everything does."""
        accounted = self.parsed + self.unparsable + self.skipped + self.headers
        if self.records != accounted:
            return f"{plural(self.records, 'record')} read, {accounted} accounted for"
        for name, books in self.processors.items():
            if books.total != self.events:
                return f"{name}: {plural(self.events, 'event')}, {books.total} accounted for"
        return ""
