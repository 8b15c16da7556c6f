"""Who drained, discarded and muted what: an entry for each time that somebody did.

An entry is an item of the LedgerTable, written before anything is done, so that a crash leaves its trace, and again
afterwards. What one request leaves, the next one goes on with, under the same id: both are one entry. All entries are
one partition of the index of objects, in the order of time.

    work_id      "slips:audit:<id>"
    object_id    "slips:audit", where the books of an object have a digest
    begun_at     when the first request came
    changed_at   when the last one ended
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Literal

import msgspec

from ..aws.dynamodb import Attributes, DynamoDB, Table
from ..aws.retry import Backoff
from ..errors import StoreError
from ..model import utc
from ..quarantine import Cursor
from ..quarantine.bounds import truncate
from ..quarantine.cursor import decode, position
from .items import read_number, read_text
from .ledger import INDEX, INDEX_HASH, INDEX_RANGE, KEY, TTL_ATTRIBUTE

PREFIX: Final = "slips:audit:"
TRAIL: Final = "slips:audit"
TTL_SECONDS: Final = 90 * utc.DAY
MOST_IDS: Final = 20
"""Of the items that a request names; an entry has 8 KB at most."""
_LONGEST: Final = 1000
_LONGEST_ID: Final = 200
"""Bytes."""

Action = Literal["drain", "discard", "mute", "unmute"]

log = logging.getLogger("slips")


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who sent a request, as far as its credentials say: an ARN, `token`, or `this machine`; and from which address."""

    name: str
    address: str = ""


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is about to do to which error items: `what` says it in words. All requests that go on with what
    the first one left have the same `id`."""

    id: str
    action: Action
    caller: Caller
    what: str
    fingerprint: str = ""
    ids: Sequence[str] = ()
    reason: str = ""


class ActResult(msgspec.Struct):
    """What a request did: to how many items, and how many it could not do it to."""

    items: int = 0
    refused: int = 0


class AuditEntry(msgspec.Struct, kw_only=True):
    """Who did what to which error items. `ids` are the first of those that were named. Where `requests` is 0, the first
    one never ended: what it did is not known."""

    id: str
    action: str
    who: str
    address: str = ""
    what: str = ""
    fingerprint: str = ""
    ids: tuple[str, ...] = ()
    reason: str = ""
    items: int = 0
    refused: int = 0
    requests: int = 0
    begun_at: str = ""
    changed_at: str = ""


class AuditPage(msgspec.Struct, kw_only=True):
    """Entries, newest first; `cursor` is null at the end."""

    entries: tuple[AuditEntry, ...]
    cursor: str | None


class Trail:
    """The audit trail in a table. `clock` is in seconds since the epoch."""

    def __init__(
        self, client: DynamoDB, table: str, clock: utc.Clock = time.time, backoff: Backoff | None = None
    ) -> None:
        self._table = Table(client, table, KEY, backoff)
        self._clock = clock

    @contextmanager
    def record(self, act: Act) -> Iterator[ActResult]:
        """Record an act around what is done; whoever does it writes into the outcome. A trail that cannot be written
        stops nobody: the log has the same, and in an outage items must be drained."""
        outcome = ActResult()
        name = self._begin(act)
        try:
            yield outcome
        finally:
            self._end(name, outcome)

    def _begin(self, act: Act) -> str:
        """Write what is about to be done; return the key of the entry, empty where it could not be written."""
        log.warning("%s by %s: %s", act.action, act.caller.name, act.what)
        now = self._clock()
        texts = {
            INDEX_HASH: TRAIL,
            "action": act.action,
            "who": truncate(act.caller.name, _LONGEST),
            "address": truncate(act.caller.address, _LONGEST_ID),
            "what": truncate(act.what, _LONGEST),
            "fingerprint": truncate(act.fingerprint, _LONGEST_ID),
            "reason": truncate(act.reason, _LONGEST),
        }
        values: dict[str, object] = {f":{name}": text for name, text in texts.items() if text}
        names = [name.removeprefix(":") for name in values]
        values |= {":now": utc.iso(now), ":ttl": int(now) + TTL_SECONDS, ":who": texts["who"]}
        values[":ids"] = [truncate(each, _LONGEST_ID) for each in act.ids[:MOST_IDS]]
        update = (
            f"SET {', '.join(f'#{name} = :{name}' for name in names)}, #ids = :ids, #changed_at = :now, "
            f"#{INDEX_RANGE} = if_not_exists(#{INDEX_RANGE}, :now), #{TTL_ATTRIBUTE} = :ttl"
        )
        try:
            # An id comes back in the cursor of a request: nobody goes on with what another has begun.
            for key in (f"{PREFIX}{act.id}", f"{PREFIX}{act.id}:{utc.iso(now)}"):
                if self._table.update(key, update, "attribute_not_exists(#who) OR #who = :who", values) is not None:
                    return key
        except StoreError as fault:
            log.error("the audit trail lacks this entry: %s", fault)
        return ""

    def _end(self, key: str, outcome: ActResult) -> None:
        if not key:
            return
        values = {
            ":now": utc.iso(self._clock()), ":one": 1, ":items": outcome.items, ":refused": outcome.refused,
        }  # fmt: skip
        update = "SET #changed_at = :now ADD #items :items, #refused :refused, #requests :one"
        try:
            self._table.update(key, update, values=values)
        except StoreError as fault:
            log.error("the audit trail lacks what became of %s: %s", key, fault)

    def page(self, limit: int, after: str = "") -> AuditPage:
        """List the newest entries, from behind the cursor `after`. Raises BadRequest for a broken cursor, StoreError,
        IndexMissing."""
        at, _, name = position(decode(after)).partition("#")
        start = {INDEX_HASH: {"S": TRAIL}, INDEX_RANGE: {"S": at}, KEY: {"S": f"{PREFIX}{name}"}} if at else None
        values = {":trail": TRAIL}
        page = self._table.query(
            INDEX, f"#{INDEX_HASH} = :trail", values, forward=False, limit=limit, start=start
        )  # fmt: skip
        # The index need not hold more than keys.
        keys = [item[KEY]["S"] for item in page["Items"]]
        items = {item[KEY]["S"]: item for item in self._table.get_many(keys)} if keys else {}
        entries = tuple(_decode(items[key]) for key in keys if key in items)
        more = page.get("LastEvaluatedKey")
        cursor = str(Cursor(f"{more[INDEX_RANGE]['S']}#{more[KEY]['S'].removeprefix(PREFIX)}")) if more else None
        return AuditPage(entries=entries, cursor=cursor)


def _decode(item: Attributes) -> AuditEntry:
    return AuditEntry(
        id=item[KEY]["S"].removeprefix(PREFIX),
        action=read_text(item, "action"),
        who=read_text(item, "who"),
        address=read_text(item, "address"),
        what=read_text(item, "what"),
        fingerprint=read_text(item, "fingerprint"),
        ids=tuple(each["S"] for each in item.get("ids", {}).get("L", ())),
        reason=read_text(item, "reason"),
        items=read_number(item, "items"),
        refused=read_number(item, "refused"),
        requests=read_number(item, "requests"),
        begun_at=read_text(item, INDEX_RANGE),
        changed_at=read_text(item, "changed_at"),
    )
