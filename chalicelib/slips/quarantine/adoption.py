"""Put items of the class-based SLIPS into the index, as often as somebody asks: it may still be writing them.

They have a `request_id` and an `argument` and nothing else, so no index shows them: only a scan finds them. A marker
item says how far it got, or when the last one began that reached the end. The marker has no index attributes, so no
listing shows it.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from ..aws.dynamodb import Attributes, Table
from ..errors import IndexBuilding, IndexMissing
from ..model import utc
from . import schema
from .items import UNKNOWN, describe_work, partition, read_argument, sort_key

MARKER: Final = f"{schema.RESERVED_PREFIX}adoption"
"""The request_id of the marker item: {request_id, resume_after, began_at} or {request_id, finished_at}, times in
seconds since the epoch. `finished_at` is when that scan began: what was written later, it may not have seen."""
_UNADOPTED: Final = "attribute_not_exists(#sort_key)"


class Adoption(msgspec.Struct, frozen=True):
    """How many items were adopted now, and whether all are that were in the table `older_than` seconds ago."""

    adopted: int
    complete: bool


def adopt(table: Table, clock: utc.Clock, budget: float, older_than: float) -> Adoption:
    """Scan the table to its end or for `budget` seconds (one item at least), and go on where the last call stopped;
    nothing where a scan that began less than `older_than` seconds ago reached the end. Raises StoreError."""
    now = clock()
    marker = table.get(MARKER) or {}
    if older_than > 0 and _number(marker, "finished_at") > now - older_than:
        return Adoption(0, complete=True)
    if not _is_ours(table):
        return Adoption(0, complete=True)
    began, after = now, ""
    if "resume_after" in marker:
        began, after = _number(marker, "began_at"), marker["resume_after"]["S"]
    adopted, last = _scan(table, clock, now + budget, after)
    if not last and began < now - older_than:
        # What was written since that scan began may lie where it had been already.
        began = now
        more, last = _scan(table, clock, now + budget, "")
        adopted += more
    _note_progress(table, int(began), last)
    return Adoption(adopted, complete=not last)


def _is_ours(table: Table) -> bool:
    """Whether the table has the index: until it is taken over on request, nothing in it is changed."""
    try:
        table.query(schema.INDEX, f"#{schema.INDEX_HASH} = :hash", {":hash": "0"}, forward=True, limit=1)
    except IndexMissing:
        return False
    except IndexBuilding:
        pass
    return True


def _scan(table: Table, clock: utc.Clock, end: float, after: str) -> tuple[int, str]:
    """Adopt what lies behind the key `after`. Return how many items, and the last key where there was no time for the
    rest."""
    adopted = 0
    where = f"{_UNADOPTED} AND NOT begins_with(#request_id, :own)"
    for page in table.scan(where, {":own": schema.RESERVED_PREFIX}, after):
        for attributes in page["Items"]:
            adopted += _adopt(table, attributes, clock())
            if clock() >= end:
                return adopted, attributes[schema.KEY]["S"]
        last = page.get("LastEvaluatedKey", {}).get(schema.KEY, {}).get("S", "")
        if last and clock() >= end:
            return adopted, last
    return adopted, ""


def _adopt(table: Table, attributes: Attributes, now: float) -> bool:
    """Add what is missing. False where the item is gone, or no longer as the class-based SLIPS wrote it."""
    request_id = attributes[schema.KEY]["S"]
    values = _missing_values(attributes, request_id, now)
    assignments = ", ".join(f"#{name} = :{name}" for name in values)
    condition = f"attribute_exists(#request_id) AND {_UNADOPTED}"
    placeholders = {f":{name}": value for name, value in values.items()}
    return table.update(request_id, f"SET {assignments}", condition, placeholders) is not None


def _missing_values(attributes: Attributes, request_id: str, now: float) -> dict[str, Any]:
    described = describe_work(read_argument(attributes)[0])
    unknown = dict.fromkeys(
        ("failed_at", "first_seen", "lane", "format", "stage", "error_type", "error_message", "fingerprint"), UNKNOWN
    )
    values = (
        unknown
        | described
        | {
            "state": "open",
            "attempts": 1,
            "spread": partition(request_id),
            "sort_key": sort_key(_landing_time(described.get("event_time", ""), now), request_id),
        }
    )
    return {name: value for name, value in values.items() if name not in attributes and value is not None}


def _landing_time(event_time: str, now: float) -> str:
    """The time of the object: the error is not older. No later than now: a drain ends at the newest item."""
    try:
        return min(utc.normalize(event_time), utc.iso(now))
    except ValueError:
        return utc.iso(0)


def _note_progress(table: Table, began: int, last: str) -> None:
    """An update, which the function behind the API may do: it may put no items."""
    done = "SET #finished_at = :began REMOVE #resume_after, #began_at"
    begun = "SET #resume_after = :last, #began_at = :began REMOVE #finished_at"
    table.update(MARKER, begun if last else done, values={":began": began, ":last": last})


def _number(attributes: Attributes, name: str) -> int:
    return int(attributes[name]["N"]) if name in attributes else 0
