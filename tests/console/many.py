"""The index of an ErrorTable with very many items, answered as DynamoDB would: moto looks through all items for each
query, which takes minutes where there are ten thousand."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Any

from slips.aws.dynamodb import to_attributes
from slips.quarantine import items, schema

from ..builders import failure

CAUSES = 300


class ManyErrors:
    """Takes the place of `aws.dynamodb.Table`; of its requests, those that list. One item a second, `ids` newest
    first."""

    def __init__(self, count: int) -> None:
        self.ids = [f"r{number:05}" for number in reversed(range(count))]
        self._partitions: dict[str, list[tuple[str, Any]]] = {str(number): [] for number in range(schema.PARTITIONS)}
        like = items.encode_failure(failure(), now=0.0, max_attempts=3, ttl_days=90)
        for number, name in enumerate(reversed(self.ids)):
            failed_at = f"2026-11-01T{number // 3600:02}:{number % 3600 // 60:02}:{number % 60:02}.000Z"
            own = {
                "request_id": name,
                "failed_at": failed_at,
                "sort_key": items.sort_key(failed_at, name),
                "fingerprint": f"f{number % CAUSES}",
            }
            self._partitions[items.partition(name)].append((own["sort_key"], like | to_attributes(own)))

    def query(self, index: str, condition: str, values: Any, *, where: str, forward: bool, limit: int) -> Any:
        """A page of a partition; filters are not asked for here."""
        assert not where
        partition = self._partitions[values[":spread"]]
        first = bisect_left(partition, values[":low"], key=lambda pair: pair[0])
        last = bisect_right(partition, values[":high"], key=lambda pair: pair[0])
        found = [item for _, item in partition[first:last]]
        found = found if forward else found[::-1]
        more = {"LastEvaluatedKey": {schema.INDEX_RANGE: found[limit - 1]["sort_key"]}} if len(found) > limit else {}
        return {"Items": found[:limit], **more}
