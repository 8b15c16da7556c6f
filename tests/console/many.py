"""The index of an ErrorTable with very many items, with the responses of DynamoDB: moto scans all items for each query,
which takes minutes with ten thousand."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Any

from slips.aws.dynamodb import to_attributes
from slips.quarantine import items, schema

from ..builders import failure

CAUSES = 300


class ManyErrors:
    """A replacement for `aws.dynamodb.Table`, only for listing. One item per second, `ids` newest first."""

    def __init__(self, count: int) -> None:
        self.ids = [f"r{number:05}" for number in reversed(range(count))]
        self._partitions: dict[str, list[tuple[str, Any]]] = {str(number): [] for number in range(schema.PARTITIONS)}
        template = items.encode_failure(failure(), now=0.0, max_attempts=3, ttl_days=90)
        for number, name in enumerate(reversed(self.ids)):
            failed_at = f"2026-11-01T{number // 3600:02}:{number % 3600 // 60:02}:{number % 60:02}.000Z"
            own = {
                "request_id": name,
                "failed_at": failed_at,
                "sort_key": items.sort_key(failed_at, name),
                "fingerprint": f"f{number % CAUSES}",
            }
            self._partitions[items.partition(name)].append((own["sort_key"], template | to_attributes(own)))

    def query(self, index: str, condition: str, values: Any, *, where: str, forward: bool, limit: int) -> Any:
        """Return a page of a partition; filters of the user are not supported."""
        assert where in ("", "NOT #state IN (:gone, :superseded)")  # Here nothing has ended.
        partition = self._partitions[values[":spread"]]
        first = bisect_left(partition, values[":low"], key=lambda pair: pair[0])
        last = bisect_right(partition, values[":high"], key=lambda pair: pair[0])
        ascending = [item for _, item in partition[first:last]]
        matches = ascending if forward else ascending[::-1]
        more = (
            {"LastEvaluatedKey": {schema.INDEX_RANGE: matches[limit - 1]["sort_key"]}} if len(matches) > limit else {}
        )
        return {"Items": matches[:limit], **more}
