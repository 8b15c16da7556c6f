"""The ledger in DynamoDB: work that is done is not begun again, and work that was begun resumes at its checkpoint."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError

from slips.errors import NotFound, StoreError, StoreRefused
from slips.ledger import ledger
from slips.ledger.ledger import DynamoLedger
from slips.model import Books, ProcessorBooks, WorkItem
from slips.model.ports import NOBODY, AtWork, FinishedWork, Holder, Progress, Token
from slips.observability import log_context

from ..builders import item
from ..error_table import Tapped, Time


class Clock:
    now = 1_767_225_600.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


@pytest.fixture
def books(dynamodb: Any, table: str) -> DynamoLedger:
    return DynamoLedger(dynamodb, table, 30, Clock())


WORK = item(work_id="w1")
COUNTED = Books(records=3, parsed=3, events=3, processors={"f": ProcessorBooks(delivered=3)})


def begin(books: DynamoLedger, work: WorkItem = WORK) -> Progress:
    """Begin what is neither done nor anybody's."""
    progress = books.begin(work)
    assert isinstance(progress, Progress)
    return progress


def begin_new(books: DynamoLedger, holder: Holder = NOBODY) -> Progress | None:
    """Begin what the ledger does not know, alone."""
    [begun] = books.begin_new([(WORK, holder)])
    if isinstance(begun, StoreError):
        raise begun
    return begun


def test_work_is_begun_at_its_first_record(books: DynamoLedger) -> None:
    progress = begin(books)
    assert progress == Progress(resume_from=1, books=Books(), attempts=1, token=Token(1, progress.token.name))


def test_every_beginning_has_a_name_of_its_own(books: DynamoLedger, dynamodb: Any, table: str) -> None:
    first = begin(books)
    dynamodb.delete_item(TableName=table, Key={"work_id": {"S": "w1"}})  # As TTL does.
    second, third = begin(books), begin(books)
    assert [progress.token.number for progress in (first, second, third)] == [1, 1, 2]
    assert len({"", first.token.name, second.token.name, third.token.name}) == 4


def test_every_beginning_counts_as_an_attempt_until_a_checkpoint(books: DynamoLedger) -> None:
    first, second, third = (begin(books) for _ in range(3))
    assert [progress.attempts for progress in (first, second, third)] == [1, 2, 3]
    assert books.checkpoint(WORK, Progress(resume_from=5, books=COUNTED, attempts=0, token=third.token, chain="lines"))
    progress = begin(books)
    assert progress == Progress(
        resume_from=5, books=COUNTED, attempts=1, token=Token(4, progress.token.name), chain="lines"
    )


def test_only_unknown_work_is_begun_as_new(books: DynamoLedger) -> None:
    progress = begin_new(books)
    assert progress is not None
    assert progress == Progress(token=Token(1, progress.token.name))
    assert progress.token.name
    assert begin_new(books) is None
    assert books.get("w1").attempts == 1
    books.finish([FinishedWork(WORK, COUNTED, "done", progress.token)])
    assert begin_new(books) is None


@pytest.mark.parametrize("state", ["done", "failed"])
def test_finished_work_is_not_begun_again(books: DynamoLedger, state: str) -> None:
    books.finish([FinishedWork(WORK, COUNTED, state, begin(books).token)])
    assert books.begin(WORK) is None


def test_a_zombie_changes_nothing_of_finished_work(books: DynamoLedger) -> None:
    token = begin(books).token
    books.finish([FinishedWork(WORK, COUNTED, "done", token)])
    assert not books.checkpoint(WORK, Progress(resume_from=2, token=token))
    books.finish([FinishedWork(WORK, Books(), "failed", token)])
    work = books.get("w1")
    assert (work.state, work.books) == ("done", COUNTED)


def test_a_zombie_changes_nothing_of_work_that_was_begun_again(books: DynamoLedger) -> None:
    zombie, token = begin(books).token, begin(books).token
    assert_owns_nothing(books, zombie)
    assert books.checkpoint(WORK, Progress(resume_from=4, token=token))


def test_a_zombie_changes_nothing_of_work_that_ttl_deleted_and_that_was_begun_again(
    books: DynamoLedger, dynamodb: Any, table: str
) -> None:
    """The number is then that of the zombie."""
    begin(books)
    zombie = begin(books).token
    dynamodb.delete_item(TableName=table, Key={"work_id": {"S": "w1"}})
    begin(books)
    token = begin(books).token
    assert zombie.number == token.number
    assert_owns_nothing(books, zombie)
    assert books.checkpoint(WORK, Progress(resume_from=4, token=token))


def assert_owns_nothing(books: DynamoLedger, zombie: Token) -> None:
    """Work that was begun twice is not changed by the zombie."""
    assert not books.checkpoint(WORK, Progress(resume_from=9, token=zombie))
    books.finish([FinishedWork(WORK, COUNTED, "done", zombie)])
    books.give_back([FinishedWork(WORK, COUNTED, "", zombie)])
    work = books.get("w1")
    assert (work.state, work.resume_from, work.attempts) == ("started", 1, 2)


def test_work_can_be_looked_up_without_counting_an_attempt(books: DynamoLedger) -> None:
    assert books.peek(WORK) == Progress(attempts=0, token=Token(0))
    token = begin(books).token
    progress = Progress(resume_from=5, books=COUNTED, attempts=0, token=token, chain="lines")
    books.checkpoint(WORK, progress)
    assert books.peek(WORK) == progress
    assert books.peek(WORK) == progress
    books.finish([FinishedWork(WORK, COUNTED, "done", token)])
    assert books.peek(WORK) is None


def test_many_works_end_together(books: DynamoLedger) -> None:
    works = [msgspec.structs.replace(WORK, work_id=f"w{number}") for number in range(40)]
    books.finish([FinishedWork(work, COUNTED, "done", begin(books, work).token) for work in works])
    assert {books.get(work.work_id).state for work in works} == {"done"}


def test_an_attempt_that_is_given_back_does_not_count(books: DynamoLedger) -> None:
    books.give_back([FinishedWork(WORK, Books(), "", begin(books).token)])
    progress = begin(books)
    assert progress == Progress(attempts=1, token=Token(2, progress.token.name))


HOLDER = Holder("r1", Clock.now + 900)


def test_work_that_the_invocation_of_another_record_has_begun_is_left_to_it(books: DynamoLedger) -> None:
    assert isinstance(books.begin(WORK, HOLDER), Progress)
    for other in (Holder("r2", HOLDER.until), NOBODY):
        assert books.begin(WORK, other) == AtWork(HOLDER.until)
    assert begin_new(books, Holder("r2", HOLDER.until)) is None
    assert books.get("w1").attempts == 1


def test_work_is_begun_again_when_its_record_comes_again(books: DynamoLedger) -> None:
    """The invocation that had it is over, also where it was killed at once."""
    begin_new(books, HOLDER)
    progress = books.begin(WORK, HOLDER)
    assert isinstance(progress, Progress)
    assert progress.attempts == 2


def test_work_is_free_when_the_time_of_its_holder_is_over(dynamodb: Any, table: str) -> None:
    time = Time()
    books = DynamoLedger(dynamodb, table, 30, time)
    books.begin(WORK, Holder("r1", time.now + 60))
    time.now += 59
    assert books.begin(WORK, Holder("r2", time.now + 60)) == AtWork(time.now + 1)
    time.now += 1
    assert isinstance(books.begin(WORK, Holder("r2", time.now + 60)), Progress)
    assert books.begin(WORK, Holder("r1", time.now + 60)) == AtWork(time.now + 60)


def test_work_that_another_record_goes_on_with_or_that_was_given_back_is_free(books: DynamoLedger) -> None:
    for number in range(3):
        progress = books.begin(WORK, Holder(f"r{number}", HOLDER.until))
        assert isinstance(progress, Progress)
        assert books.checkpoint(WORK, Progress(attempts=1, token=progress.token))
        assert books.begin(WORK) == AtWork(HOLDER.until)
        if number == 1:
            assert books.checkpoint(WORK, Progress(attempts=1, token=progress.token), is_over=True)
        else:
            books.give_back([FinishedWork(WORK, Books(), "", progress.token)])
    assert isinstance(books.begin(WORK), Progress)


def test_work_that_is_done_is_not_at_work(books: DynamoLedger) -> None:
    progress = books.begin(WORK, HOLDER)
    assert isinstance(progress, Progress)
    books.finish([FinishedWork(WORK, COUNTED, "done", progress.token)])
    assert books.begin(WORK) is None


def test_the_books_of_an_object_are_those_of_all_its_works_newest_first(books: DynamoLedger) -> None:
    for work_id in ("w1", "w2"):
        books.begin(msgspec.structs.replace(WORK, work_id=work_id))
    works = books.of_object(WORK.bucket_name, WORK.object_key)
    assert [work.work_id for work in works] == ["w2", "w1"]
    assert works[0].object_key == WORK.object_key


def test_the_end_of_a_work_writes_no_index(dynamodb: Any, table: str) -> None:
    """The index holds keys alone, and these never change: what it holds of a work is written once."""
    clock = iter(range(1_800_000_000, 1_900_000_000, 100))
    books = DynamoLedger(dynamodb, table, 30, clock=lambda: float(next(clock)))

    def entries() -> list[Any]:
        found = dynamodb.query(
            TableName=table, IndexName=ledger.INDEX, KeyConditionExpression="#k = :v",
            ExpressionAttributeNames={"#k": ledger.INDEX_HASH},
            ExpressionAttributeValues={":v": {"S": WORK.partition_key}},
        )  # fmt: skip
        return list(found["Items"])

    progress = begin(books)
    begun = entries()
    assert [set(entry) for entry in begun] == [{"work_id", "object_id", "begun_at"}]
    books.checkpoint(WORK, Progress(resume_from=5, books=COUNTED, attempts=1, token=progress.token))
    progress = begin(books)
    books.finish([FinishedWork(WORK, COUNTED, "done", progress.token)])
    assert entries() == begun


def test_a_work_that_expired_since_it_was_found_is_left_out(
    books: DynamoLedger, dynamodb: Any, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index may still name what the table no longer has."""
    for work_id in ("w1", "w2"):
        books.begin(msgspec.structs.replace(WORK, work_id=work_id))
    query = dynamodb.query

    def query_and_expire(**request: Any) -> Any:
        answer = query(**request)
        dynamodb.delete_item(TableName=table, Key={"work_id": {"S": "w1"}})
        return answer

    monkeypatch.setattr(dynamodb, "query", query_and_expire)
    assert [work.work_id for work in books.of_object(WORK.bucket_name, WORK.object_key)] == ["w2"]


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
        lambda: begin_new(missing),
        lambda: missing.finish([FinishedWork(WORK, Books(), "done", Token())]),
        lambda: missing.finish([FinishedWork(WORK, Books(), "done", Token())] * 2),
        lambda: missing.get("w1"),
        lambda: missing.peek(WORK),
        lambda: missing.of_works(["w1"]),
        lambda: missing.of_object("b", "k"),
    ):
        with pytest.raises(StoreError):
            call()
    missing.give_back([FinishedWork(WORK, Books(), "", Token())])


def test_an_item_of_four_functions_takes_one_write_unit(dynamodb: Any, table: str) -> None:
    """A long key, a version, the longest id of a record."""
    key = f"AWSLogs/123456789012/CloudTrail/eu-central-1/2026/11/27/123456789012_CloudTrail_{'x' * 60}.json.gz"
    work, record = item(key, work_id="a" * 32, version_id="v" * 32), f"shardId-000000000000:{'4' * 56}"
    books = DynamoLedger(dynamodb, table, 30)
    progress = books.begin(work, Holder(record, 1.8e9))
    assert isinstance(progress, Progress)
    functions = {f"index_console_logins_{number}": ProcessorBooks(delivered=99_999, filtered=1) for number in range(4)}
    counted = Books(records=100_000, parsed=100_000, events=100_000, bytes=10_000_000, processors=functions)
    books.finish([FinishedWork(work, counted, "done", progress.token)])
    attributes = dynamodb.get_item(TableName=table, Key={"work_id": {"S": work.work_id}})["Item"]
    assert sum(len(name) + len(text) for name, value in attributes.items() for text in value.values()) < 1024


def test_books_that_the_table_refuses_for_good_hold_nothing_up(dynamodb: Any, table: str) -> None:
    """What was done is done; the table is not down."""
    tapped = Tapped(dynamodb)
    books = DynamoLedger(tapped, table, 30)
    progress = books.begin(WORK)
    assert isinstance(progress, Progress)

    def refuse(call: Any, **request: Any) -> Any:
        raise ClientError({"Error": {"Code": "ValidationException", "Message": "too large"}}, "UpdateItem")

    tapped.on["update_item"] = refuse
    assert books.checkpoint(WORK, progress)
    books.finish([FinishedWork(WORK, COUNTED, "done", progress.token)])
    with pytest.raises(StoreRefused):
        books.begin(WORK)


@pytest.mark.parametrize("is_new", [True, False])
def test_a_beginning_that_botocore_repeats_is_one_attempt(dynamodb: Any, table: str, is_new: bool) -> None:
    """The first answer was lost."""
    tapped = Tapped(dynamodb)
    books = DynamoLedger(tapped, table, 30)

    def repeat(call: Any, **request: Any) -> Any:
        call(**request)
        return call(**request)

    tapped.on["update_item"] = repeat
    progress = begin_new(books, HOLDER) if is_new else books.begin(WORK, HOLDER)
    assert isinstance(progress, Progress)
    assert (progress.attempts, progress.token.number) == (1, 1)
    tapped.on.clear()
    assert books.checkpoint(WORK, progress)


def test_what_is_given_back_twice_is_counted_once(books: DynamoLedger) -> None:
    """The answer to the first request was lost."""
    begin(books)
    given_back = FinishedWork(WORK, Books(), "", begin(books).token)
    books.give_back([given_back, given_back])
    assert books.get(WORK.work_id).attempts == 1


@pytest.mark.parametrize(
    ("copy", "receivers"),
    [
        ({"object_etag": "e1"}, {"f"}),
        ({"object_etag": "e1", "version_id": "v2"}, {"f"}),
        ({"object_etag": "e2"}, set()),
        ({"object_etag": "e1", "object_key": "other"}, set()),
        ({"object_etag": "e1", "work_id": "w1"}, set()),
    ],
)
@pytest.mark.parametrize("version", ["", "v1"])
@pytest.mark.parametrize("state", ["done", "failed", ""])
def test_who_got_the_content_of_an_object_before_is_known(
    books: DynamoLedger, version: str, state: str, copy: dict[str, Any], receivers: set[str]
) -> None:
    work = msgspec.structs.replace(WORK, object_etag="e1", version_id=version)
    token = begin(books, work).token
    if state:
        books.finish([FinishedWork(work, COUNTED, state, token)])
    other = msgspec.structs.replace(work, **{"work_id": "w2", **copy})
    assert books.find_receivers(other) == (receivers if state else set())


def test_the_last_invocation_that_began_the_work_is_named(books: DynamoLedger) -> None:
    try:
        for request_id in ("first", "second"):
            log_context.begin_invocation(request_id)
            begin(books)
    finally:
        log_context.begin_invocation("")
    assert books.get("w1").invocation == "second"
