"""The ledger in DynamoDB: work that is done is not begun again, and work that was begun resumes at its checkpoint."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import msgspec
import pytest

from slips.errors import NotFound, StoreError
from slips.ledger import ledger
from slips.ledger.ledger import DynamoLedger
from slips.model import Books, ProcessorBooks
from slips.model.ports import FinishedWork, Progress

from ..builders import item


class Clock:
    now = 1_767_225_600.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def create(client: Any) -> str:
    """A new LedgerTable; its name."""
    name = f"ledger-{uuid4().hex}"
    client.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ledger.ATTRIBUTES],
        KeySchema=[{"AttributeName": ledger.KEY, "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": ledger.INDEX,
                "KeySchema": [
                    {"AttributeName": ledger.INDEX_HASH, "KeyType": "HASH"},
                    {"AttributeName": ledger.INDEX_RANGE, "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 0.02, "MaxAttempts": 500})
    return name


@pytest.fixture
def table(dynamodb: Any) -> str:
    return create(dynamodb)


@pytest.fixture
def books(dynamodb: Any, table: str) -> DynamoLedger:
    return DynamoLedger(dynamodb, table, 30, Clock())


WORK = item(work_id="w1")
COUNTED = Books(records=3, parsed=3, events=3, processors={"f": ProcessorBooks(delivered=3)})


def test_work_is_begun_at_its_first_record(books: DynamoLedger) -> None:
    assert books.begin(WORK) == Progress(resume_from=1, books=Books(), attempts=1, token=1)


def test_every_beginning_counts_as_an_attempt_until_a_checkpoint(books: DynamoLedger) -> None:
    assert [books.begin(WORK).attempts for _ in range(3)] == [1, 2, 3]  # type: ignore[union-attr]
    assert books.checkpoint(WORK, Progress(resume_from=5, books=COUNTED, attempts=0, token=3))
    assert books.begin(WORK) == Progress(resume_from=5, books=COUNTED, attempts=1, token=4)


def test_only_unknown_work_is_begun_as_new(books: DynamoLedger) -> None:
    assert books.begin_new(WORK) == Progress(token=1)
    assert books.begin_new(WORK) is None
    assert books.get("w1").attempts == 1
    books.finish([FinishedWork(WORK, COUNTED, "done", 1)])
    assert books.begin_new(WORK) is None


@pytest.mark.parametrize("state", ["done", "failed"])
def test_finished_work_is_not_begun_again(books: DynamoLedger, state: str) -> None:
    books.begin(WORK)
    books.finish([FinishedWork(WORK, COUNTED, state, 1)])
    assert books.begin(WORK) is None


def test_a_zombie_changes_nothing_of_finished_work(books: DynamoLedger) -> None:
    books.begin(WORK)
    books.finish([FinishedWork(WORK, COUNTED, "done", 1)])
    assert not books.checkpoint(WORK, Progress(resume_from=2))
    books.finish([FinishedWork(WORK, Books(), "failed", 1)])
    work = books.get("w1")
    assert (work.state, work.books) == ("done", COUNTED)


def test_a_zombie_changes_nothing_of_work_that_was_begun_again(books: DynamoLedger) -> None:
    books.begin(WORK)
    books.begin(WORK)
    assert not books.checkpoint(WORK, Progress(resume_from=9, token=1))
    books.finish([FinishedWork(WORK, COUNTED, "done", 1)])
    books.give_back([FinishedWork(WORK, COUNTED, "", 1)])
    work = books.get("w1")
    assert (work.state, work.resume_from, work.attempts) == ("started", 1, 2)
    assert books.checkpoint(WORK, Progress(resume_from=4, token=2))


def test_work_can_be_looked_up_without_counting_an_attempt(books: DynamoLedger) -> None:
    assert books.peek(WORK) == Progress(attempts=0, token=0)
    books.begin(WORK)
    books.checkpoint(WORK, Progress(resume_from=5, books=COUNTED, attempts=0))
    assert books.peek(WORK) == Progress(resume_from=5, books=COUNTED, attempts=0)
    books.finish([FinishedWork(WORK, COUNTED, "done", 1)])
    assert books.peek(WORK) is None


def test_many_works_end_together(books: DynamoLedger) -> None:
    works = [msgspec.structs.replace(WORK, work_id=f"w{number}") for number in range(40)]
    for work in works:
        books.begin(work)
    books.finish([FinishedWork(work, COUNTED, "done", 1) for work in works])
    assert {books.get(work.work_id).state for work in works} == {"done"}


def test_an_attempt_that_is_given_back_does_not_count(books: DynamoLedger) -> None:
    books.begin(WORK)
    books.give_back([FinishedWork(WORK, Books(), "", 1)])
    assert books.begin(WORK) == Progress(attempts=1, token=2)


def test_the_books_of_an_object_are_those_of_all_its_works_newest_first(books: DynamoLedger) -> None:
    for work_id in ("w1", "w2"):
        books.begin(msgspec.structs.replace(WORK, work_id=work_id))
    works = books.of_object(WORK.bucket_name, WORK.object_key)
    assert [work.work_id for work in works] == ["w2", "w1"]
    assert works[0].object_key == WORK.object_key


def test_many_works_are_looked_up_at_once(books: DynamoLedger) -> None:
    for number in range(120):
        books.begin(msgspec.structs.replace(WORK, work_id=f"w{number}"))
    works = books.of_works([f"w{number}" for number in range(130)])
    assert set(works) == {f"w{number}" for number in range(120)}
    assert works["w119"].state == "started"


def test_an_unknown_work_is_not_found(books: DynamoLedger) -> None:
    with pytest.raises(NotFound):
        books.get("nowhere")


def test_an_item_expires_after_ttl_days(books: DynamoLedger, dynamodb: Any, table: str) -> None:
    books.begin(WORK)
    attributes = dynamodb.get_item(TableName=table, Key={"work_id": {"S": "w1"}})["Item"]
    assert int(attributes["expires_at"]["N"]) - Clock.now == pytest.approx(30 * 86_400, abs=60)


def test_a_table_that_does_not_answer_is_a_store_error(dynamodb: Any) -> None:
    missing = DynamoLedger(dynamodb, "no-such-table", 30)
    for call in (
        lambda: missing.begin(WORK),
        lambda: missing.checkpoint(WORK, Progress()),
        lambda: missing.begin_new(WORK),
        lambda: missing.finish([FinishedWork(WORK, Books(), "done", 1)]),
        lambda: missing.finish([FinishedWork(WORK, Books(), "done", 1)] * 2),
        lambda: missing.get("w1"),
        lambda: missing.peek(WORK),
        lambda: missing.of_works(["w1"]),
        lambda: missing.of_object("b", "k"),
    ):
        with pytest.raises(StoreError):
            call()
    missing.give_back([FinishedWork(WORK, Books(), "", 1)])
