"""The ErrorTable: filled by whatever fails, listed by the API, claimed and confirmed by the drain."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from typing import Final

from msgspec.structs import replace

from ..aws.dynamodb import Attributes, DynamoDB, Table
from ..aws.retry import Backoff
from ..errors import BadRequest, IndexBuilding, IndexMissing, NotFound
from ..model import Failure, escape_surrogates, utc
from . import adoption, bounds, cursor, due, items, listing, schema
from .due import DueItem, RetryNote
from .items import ErrorItem, ErrorRow
from .listing import Cause, Causes, Filter, Page, Walk

MOST_WORKS: Final = 5000
"""Works of a drain that are remembered: in one item of at most 400 KB."""
MOST_DUE: Final = 20
"""Causes of which is looked up when they are tried again."""
DRAIN_TTL: Final = 7 * utc.DAY
"""Seconds."""
_DRAIN: Final = f"{schema.RESERVED_PREFIX}drain:"
_EXISTS: Final = "attribute_exists(#request_id)"
_MINE: Final = "#claim_id = :claim_id"
# When the answer to a claim is lost, botocore repeats it: the claim is ours.
_LEASE_IS_OVER: Final = "attribute_not_exists(#leased_until) OR #leased_until < :now"
# A state that this version does not know: a person who names the item knows.
_FREE: Final = f"(attribute_not_exists(#state) OR #state <> :draining OR {_LEASE_IS_OVER} OR {_MINE})"
_FREE_IF_OPEN: Final = (
    "(attribute_not_exists(#state) OR #state IN (:open, :waiting) "
    f"OR (#state = :draining AND ({_LEASE_IS_OVER})) OR {_MINE})"
)
MOST_REFUSALS: Final = 20


class Quarantine:
    """The ErrorTable (a `ports.Errors`).

    An item that failed `max_attempts` times is parked: it is drained only when named. With `ttl_days`, DynamoDB deletes
    items that many days after they failed, in whatever state they are; without it, an item stays until it is drained or
    discarded. Every method raises StoreError when the table cannot be reached.
    """

    def __init__(
        self,
        client: DynamoDB,
        table: str,
        *,
        max_attempts: int = 3,
        ttl_days: int | None = None,
        clock: utc.Clock = time.time,
        backoff: Backoff | None = None,
    ) -> None:
        self._table = Table(client, table, schema.KEY, backoff)
        self._max_attempts = max_attempts
        self._ttl_days = ttl_days
        self._clock = clock
        self._causes: dict[str, None] = {}

    def record(self, failures: Sequence[Failure]) -> None:
        """Write the failures, each as one item or, where it is too long, as several. One with the `request_id` of an
        existing item replaces it, and ends a claim on it."""
        parts = [part for failure in failures for part in bounds.split_failure(failure)]
        written = {part.request_id: self._attributes(part) for part in parts}
        self._table.write(written.values())
        # What waits, or has ended, rings no alarm.
        open_parts = [part.request_id for part in parts if part.is_open]
        self._causes |= dict.fromkeys(written[name]["fingerprint"]["S"] for name in open_parts)

    def take_causes(self) -> list[str]:
        """Return the fingerprints of what was recorded since the last call."""
        causes, self._causes = list(self._causes), {}
        return causes

    def _attributes(self, failure: Failure) -> Attributes:
        return items.encode_failure(
            failure, now=self._clock(), max_attempts=self._max_attempts, ttl_days=self._ttl_days
        )

    def get(self, request_id: str) -> ErrorItem:
        """Read the whole item, also one of the class-based SLIPS. Raises NotFound."""
        attributes = self._table.get(request_id) if _is_key(request_id) else None
        if attributes is None:
            raise _not_found(request_id)
        return items.decode_item(attributes)

    def delete(self, request_id: str) -> None:
        """Delete the item. Raises NotFound."""
        if not (_is_key(request_id) and self._table.delete(request_id, _EXISTS)):
            raise _not_found(request_id)

    def page(
        self, matching: Filter, limit: int = 50, after: str = "", budget: float = 10.0, *, oldest_first: bool = False
    ) -> Page:
        """List the newest `limit` items that match, or the oldest, from behind the cursor `after`: fewer, and a cursor,
        when it takes more than `budget` seconds. Raises BadRequest for a broken limit or cursor."""
        if limit < 1:
            raise BadRequest(f"limit: {limit} is not at least 1")
        end = self._clock() + budget
        rows: list[ErrorRow] = []
        last = ""
        place = cursor.position(cursor.decode(after))
        # Where every item matches, small pages are enough.
        small = min(listing.PAGE_ITEMS, max(8, limit // 8)) if matching.takes_most else 0
        for step in Walk(self._table, matching, after=place, size=small, oldest_first=oldest_first):
            if len(rows) == limit or (last and self._clock() >= end):
                return Page(self._complete(rows), str(cursor.Cursor(last)))
            last = step.sort_key
            if step.row is not None:
                rows.append(step.row)
        return Page(self._complete(rows))

    def _complete(self, rows: Sequence[ErrorRow]) -> tuple[ErrorRow, ...]:
        """Add when those that wait are tried again: the index is full."""
        tries = self.next_tries([row.request_id for row in rows if row.state == items.WAITING])
        return tuple(replace(row, retry_at=tries[row.request_id]) if row.request_id in tries else row for row in rows)

    def next_tries(self, request_ids: Sequence[str]) -> dict[str, int]:
        """Return when each of these items is tried again by itself (seconds since the epoch), of those that wait."""
        found = self._table.get_many(request_ids, consistent=False) if request_ids else ()
        return {row.request_id: row.retry_at for row in map(items.decode_row, found) if row.retry_at}

    def newest_time(self) -> str:
        """Return the time of the newest item, as listings sort by it; "" where there is none."""
        step = next(iter(Walk(self._table, Filter(), size=1, with_ended=True)), None)
        return "" if step is None else step.sort_key.partition("#")[0]

    def oldest(self, matching: Filter, after: str = "") -> Walk:
        """Walk through all items that match, from the oldest on, or from behind the sort key `after`."""
        return Walk(self._table, matching, after=after, oldest_first=True)

    def causes(self, matching: Filter, budget: float = 10.0) -> Causes:
        """Group the items that match by fingerprint: only the newest when it takes more than `budget` seconds."""
        now = self._clock()
        causes = listing.causes(Walk(self._table, matching), lambda: self._clock() >= now + budget, now)
        self._note_tries([cause for cause in causes.causes if cause.waiting][:MOST_DUE])
        return causes

    def _note_tries(self, causes: Sequence[Cause]) -> None:
        """Add when the first item of each cause is tried again, as far as the index says it."""
        with ThreadPoolExecutor(schema.PARTITIONS) as pool, suppress(IndexMissing, IndexBuilding):
            for cause in causes:
                first = due.first_of_cause(self._table, pool, cause.fingerprint, 1)
                cause.retry_at = int(first[0].retry_at) if first else 0

    def count_expiring(self, budget: float = 10.0) -> int:
        """Count the items that DynamoDB deletes within EXPIRING_SECONDS, from the oldest on: not those that are reached
        after `budget` seconds."""
        now = self._clock()
        return listing.count_expiring(self.oldest(Filter()), lambda: self._clock() >= now + budget, now)

    def is_parked(self, row: ErrorRow) -> bool:
        """Whether the item failed so often that it is drained only by name, claimed or not: more often than slips.yml
        allows, or than it allowed then."""
        return row.state == items.PARKED or (row.attempts >= self._max_attempts and row.state != items.WAITING)

    def claim(
        self, request_id: str, claim_id: str, now: float, lease_seconds: float, *, parked: bool = False
    ) -> ErrorItem | None:
        """Claim the item: it is `draining` until it is confirmed or released, or the lease ends. None when it is gone,
        or another has claimed it, or `parked` is not set and it is parked, or in a state that a later version wrote."""
        if not _is_key(request_id):
            return None
        values: dict[str, object] = {
            ":draining": "draining",
            ":claim_id": claim_id,
            ":leased_until": int(now + lease_seconds),
            ":now": int(now),
            ":open": "open",
            ":waiting": items.WAITING,
        }
        claimed = self._table.update(
            request_id,
            "SET #former_state = if_not_exists(#state, :open), #state = :draining, #claim_id = :claim_id, "
            "#leased_until = :leased_until",
            f"{_EXISTS} AND {_FREE if parked else _FREE_IF_OPEN}",
            values,
        )
        return items.decode_item(claimed) if claimed else None

    def release(self, claimed: ErrorItem) -> bool:
        """Give the item back as it was. False when the claim had ended."""
        if claimed.retry_at:  # Also where it was claimed twice, and its state before was `draining`.
            values: dict[str, object] = {":claim_id": claimed.claim_id, ":state": items.WAITING, ":nobody": 0}
            return self._unclaim(claimed, "SET #state = :state, #leased_until = :nobody", values)
        is_known = claimed.former_state in ("", "open", "parked", "draining")
        state = self._state(claimed.attempts) if is_known else claimed.former_state
        values = {":claim_id": claimed.claim_id, ":state": state}
        return self._unclaim(claimed, "SET #state = :state", values, ", #leased_until")

    def confirm(self, request_id: str, claim_id: str) -> bool:
        """Delete the item: its work is back in its lane. False when the claim had ended, or the item has failed again
        already: then it stays."""
        return self._table.delete(request_id, _MINE, {":claim_id": claim_id})

    def refuse(self, claimed: ErrorItem, reason: str) -> bool:
        """Count one more attempt, and add to the item's history why it could not go into any lane: what it failed of
        stays. False when the claim had ended."""
        line = bounds.truncate(f"{utc.iso(self._clock())} not drained: {reason}", bounds.LINE_BYTES)
        values: dict[str, object] = {
            ":claim_id": claimed.claim_id,
            ":state": self._state(claimed.attempts + 1),
            ":attempts": claimed.attempts + 1,
            ":refusals": [*claimed.refusals, line][-MOST_REFUSALS:],
        }
        if self._ttl_days is not None:
            values[":expires_at"] = int(self._clock()) + self._ttl_days * utc.DAY
        names = [name[1:] for name in values if name != ":claim_id"]
        # It fails at this moment, so the time that an earlier failure gave it is over.
        removed = ", #leased_until" + ("" if ":expires_at" in values else ", #expires_at")
        if claimed.retry_at:
            removed += f", #{schema.DUE_RANGE}, #retry_at"
        return self._unclaim(claimed, "SET " + ", ".join(f"#{name} = :{name}" for name in names), values, removed)

    def _unclaim(self, claimed: ErrorItem, expression: str, values: Mapping[str, object], removed: str = "") -> bool:
        expression += " REMOVE #claim_id, #former_state" + removed
        return self._table.update(claimed.request_id, expression, _MINE, values) is not None

    def _state(self, attempts: int) -> str:
        return items.unclaimed_state(attempts, self._max_attempts)

    def waiting_causes(self, pool: Executor) -> list[str]:
        """Return the fingerprints of all that waits to be tried again."""
        return due.find_causes(self._table, pool)

    def waiting_items(self, pool: Executor, cause: str, limit: int) -> list[DueItem]:
        """Return waiting items of the cause, some `limit` of them, those that are due first in order."""
        return due.first_of_cause(self._table, pool, cause, limit)

    def archived_items(self, pool: Executor, bucket: str, key: str, limit: int) -> list[str]:
        """Return the ids of items that wait until this object is restored from its archive, some `limit` of them."""
        cause = items.restore_cause(bucket, key)
        return [item.request_id for item in due.first_of_cause(self._table, pool, cause, limit)]

    def retry_note(self, cause: str) -> RetryNote:
        """Return what is known of the tries of the cause."""
        return due.read_note(self._table, cause)

    def note_retry(self, note: RetryNote, now: float) -> bool:
        """Write the note in place of the one that it was made of. False where another run was faster."""
        return due.write_note(self._table, note, now)

    def give_up(self, request_id: str) -> str:
        """Open the waiting item: it is tried no more by itself. Returns its stage; "" where it does not wait."""
        now = int(self._clock())
        values: dict[str, object] = {":open": "open", ":waiting": items.WAITING, ":one": 1}
        update = "SET #state = :open"
        if self._ttl_days is not None:
            values[":expires_at"] = now + self._ttl_days * utc.DAY
            update += ", #expires_at = :expires_at"
        update += f" REMOVE #{schema.DUE_RANGE}, #retry_at, #leased_until ADD #attempts :one"
        opened = self._table.update(request_id, update, "#state = :waiting", values)
        if opened is None:
            return ""
        row = items.decode_row(opened)
        self._causes[row.fingerprint] = None
        return row.stage

    def record_drain(self, drain_id: str, works: Sequence[str], most: int | None = None) -> None:
        """Remember which works a drain has put into the lanes, the first `most` of them, for `works_of_drain`."""
        most = MOST_WORKS if most is None else most
        added = [*works[: max(0, most - len(self.works_of_drain(drain_id)))]]
        if added:
            values = {":works": added, ":none": [], ":expires_at": int(self._clock()) + DRAIN_TTL}
            self._table.update(
                f"{_DRAIN}{drain_id}",
                "SET #works = list_append(if_not_exists(#works, :none), :works), #expires_at = :expires_at",
                "attribute_not_exists(#sort_key)",
                values,
            )

    def works_of_drain(self, drain_id: str) -> list[str]:
        """The remembered works of that drain, each once, though it may have been put twice: its drain died, or an old
        item names an object twice. None for a drain that is unknown, or long past."""
        attributes = self._table.get(f"{_DRAIN}{drain_id}") or {}
        return list(dict.fromkeys(work["S"] for work in attributes.get("works", {}).get("L", ())))

    def adopt(self, budget: float = 10.0, *, older_than: float = 0.0) -> adoption.Adoption:
        """Put the items of the class-based SLIPS into the listings; see `adoption`."""
        return adoption.adopt(self._table, self._clock, budget, older_than)


def _is_key(request_id: str) -> bool:
    """Whether an error item may have that id: DynamoDB takes 1 to 2,048 bytes."""
    return 0 < len(escape_surrogates(request_id).encode()) <= 2048 and not request_id.startswith(schema.RESERVED_PREFIX)


def _not_found(request_id: str) -> NotFound:
    return NotFound(f'there is no error item "{request_id[:100]}"')
