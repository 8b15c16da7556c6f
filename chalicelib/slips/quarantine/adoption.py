"""Put items of the class-based SLIPS into the index, once.

They have a `request_id` and an `argument` and nothing else, so no index shows them: only a scan finds them. Requests
must not scan; so adoption is a separate step (of provisioning, or of an operator), which leaves a marker item: how far
it got, or when it finished. The marker has no index attributes, so no listing shows it.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from ..aws.dynamodb import Attributes, Table, to_attributes
from ..model import utc
from . import schema
from .items import UNKNOWN, describe_work, partition, read_argument, sort_key

MARKER: Final = f"{schema.RESERVED_PREFIX}adoption"
"""The request_id of the marker item: {request_id, resume_after?, finished_at?}, times in seconds since the epoch."""
_UNADOPTED: Final = "attribute_not_exists(#sort_key)"


class Adoption(msgspec.Struct, frozen=True):
    """How many items were adopted now, and whether the whole table was scanned."""

    adopted: int
    complete: bool


def adopt(table: Table, clock: utc.Clock, budget: float, older_than: float | None) -> Adoption:
    """Scan the table until its end or for `budget` seconds (one page at least), unless that was done less than
    `older_than` seconds ago (None: ever). Raises StoreError."""
    end = clock() + budget
    marker = table.get(MARKER) or {}
    if "finished_at" in marker and (older_than is None or clock() - _number(marker, "finished_at") < older_than):
        return Adoption(0, complete=True)
    adopted = 0
    after = marker.get("resume_after", {}).get("S", "")
    for page in table.scan(
        f"{_UNADOPTED} AND NOT begins_with(#request_id, :own)", {":own": schema.RESERVED_PREFIX}, after
    ):  # fmt: skip
        adopted += sum(_adopt(table, attributes, clock()) for attributes in page["Items"])
        last = page.get("LastEvaluatedKey", {}).get(schema.KEY, {}).get("S", "")
        if last and clock() >= end:
            _write_marker(table, {"resume_after": last})
            return Adoption(adopted, complete=False)
    _write_marker(table, {"finished_at": int(clock())})
    return Adoption(adopted, complete=True)


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


def _write_marker(table: Table, values: dict[str, Any]) -> None:
    table.write([to_attributes({schema.KEY: MARKER} | values)])


def _number(attributes: Attributes, name: str) -> int:
    return int(attributes[name]["N"])
