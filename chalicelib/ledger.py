"""The ledger: what was done of every object, so that a batch delivered again repeats nothing.

One item of the LedgerTable for each unit of work, three writes at most for an ordinary object: when it is begun (an
attempt is counted before a byte is read, so that a crash is noticed) and when it ends, with its books; a checkpoint
between them only where an object takes longer than `checkpoint_seconds`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from .errors import NotFound, StoreError
from .model import Books, WorkItem, digest
from .ports import Progress
from .utc import iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEY = "work_id"
INDEX = "by_object"
"""For the books of an object; its items project all attributes."""
INDEX_HASH = "object_id"
"""A digest of bucket and key: a key may be longer than an index takes."""
INDEX_RANGE = "begun_at"
ATTRIBUTES = (KEY, INDEX_HASH, INDEX_RANGE)
"""All texts."""
TTL_ATTRIBUTE = "expires_at"
FINAL = ("done", "failed")
"""States after which the work is not begun again: all of it is delivered or in the ErrorTable."""


class LedgerItem(msgspec.Struct, kw_only=True):
    """The books of one unit of work, as `GET /objects` shows them."""

    work_id: str
    state: str
    bucket_name: str = ""
    object_key: str = ""
    version: str = ""
    lane: str = ""
    resume_from: int = 1
    attempts: int = 0
    begun_at: str = ""
    changed_at: str = ""
    books: Books = msgspec.field(default_factory=Books)


class DynamoLedger:
    """The ledger in DynamoDB. Every write is conditional, so that a zombie of an earlier invocation changes nothing
    that a later one has finished."""

    def __init__(
        self, client: DynamoDBClient, table: str, ttl_days: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._table = table
        self._ttl = ttl_days * 86_400
        self._clock = clock

    def begin(self, item: WorkItem) -> Progress | None:
        """Count an attempt and say where to go on; None when the work is done already. Raises StoreError."""
        now = self._clock()
        names = {
            "begun_at": iso(now),
            "bucket_name": item.bucket_name,
            "object_key": item.object_key,
            "version": item.ref.version,
            "lane": item.dest_stream,
            "object_id": item.partition_key,
        }
        kept = ", ".join(f"{name} = if_not_exists({name}, :{name})" for name in names)
        with self._stored():
            answer = self._update(
                item,
                f"SET #state = :started, {kept}, changed_at = :now, expires_at = :expires ADD attempts :one",
                "attribute_not_exists(#state) OR NOT #state IN (:done, :failed)",
                {
                    **{f":{name}": {"S": value or "-"} for name, value in names.items()},
                    ":started": {"S": "started"},
                    ":one": {"N": "1"},
                    ":now": {"S": iso(now)},
                    ":expires": {"N": str(int(now) + self._ttl)},
                },
            )
        return None if answer is None else _progress(answer)

    def checkpoint(self, item: WorkItem, progress: Progress) -> None:
        """Everything before `progress.resume_from` is safe, and the attempts count anew. Raises StoreError."""
        with self._stored():
            self._update(
                item,
                "SET #state = :state, resume_from = :at, books = :books, attempts = :attempts, changed_at = :now",
                "NOT #state IN (:done, :failed) AND (attribute_not_exists(resume_from) OR resume_from <= :at)",
                {
                    ":state": {"S": "continued"},
                    ":at": {"N": str(progress.resume_from)},
                    ":books": {"S": msgspec.json.encode(progress.books).decode()},
                    ":attempts": {"N": str(progress.attempts)},
                    ":now": {"S": iso(self._clock())},
                },
            )

    def finish(self, item: WorkItem, books: Books, state: str) -> None:
        """The work is done (`state` "done" or "failed"), with these books. Raises StoreError."""
        with self._stored():
            self._update(
                item,
                "SET #state = :state, books = :books, changed_at = :now",
                "attribute_not_exists(#state) OR NOT #state IN (:done, :failed)",
                {
                    ":state": {"S": state},
                    ":books": {"S": msgspec.json.encode(books).decode()},
                    ":now": {"S": iso(self._clock())},
                },
            )

    def of_object(self, bucket: str, key: str, limit: int = 50) -> list[LedgerItem]:
        """The books of the last works on an object, of all its versions and drains, newest first. Raises StoreError."""
        with self._stored():
            answer = self._client.query(
                TableName=self._table,
                IndexName=INDEX,
                KeyConditionExpression="object_id = :object",
                ExpressionAttributeValues={":object": {"S": digest(bucket, key)}},
                ScanIndexForward=False,
                Limit=limit,
            )
        return [_ledger_item(attributes) for attributes in answer["Items"]]

    def get(self, work_id: str) -> LedgerItem:
        """The books of a unit of work. Raises NotFound."""
        with self._stored():
            answer = self._client.get_item(TableName=self._table, Key={"work_id": {"S": work_id}}, ConsistentRead=True)
        if "Item" not in answer:
            raise NotFound(f"the ledger has no work {work_id}")
        return _ledger_item(answer["Item"])

    def _update(self, item: WorkItem, update: str, condition: str, values: dict[str, Any]) -> Any:
        """The item after the update, None where the condition does not hold."""
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key={"work_id": {"S": item.work_id}},
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues={":done": {"S": FINAL[0]}, ":failed": {"S": FINAL[1]}, **values},
                ReturnValues="ALL_NEW",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return answer["Attributes"]

    @contextmanager
    def _stored(self) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (BotoCoreError, ClientError) as fault:
            raise StoreError(f"the ledger {self._table} does not answer: {fault}") from fault


def _progress(attributes: Any) -> Progress:
    return Progress(
        resume_from=int(attributes.get("resume_from", {}).get("N", 1)),
        books=_books(attributes),
        attempts=int(attributes.get("attempts", {}).get("N", 1)),
    )


def _books(attributes: Any) -> Books:
    text = attributes.get("books", {}).get("S")
    return msgspec.json.decode(text, type=Books) if text else Books()


def _ledger_item(attributes: Any) -> LedgerItem:
    texts = {name: value["S"] for name, value in attributes.items() if "S" in value}
    known = {name: texts[name] for name in LedgerItem.__struct_fields__ if name in texts and name != "books"}
    progress = _progress(attributes)
    return LedgerItem(**known, resume_from=progress.resume_from, attempts=progress.attempts, books=progress.books)
