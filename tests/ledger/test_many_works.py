"""Many works in a request: each begins and ends as it does alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError

from slips.aws.retry import Backoff
from slips.errors import BooksUnwritten, NotFound, StoreError
from slips.ledger import ledger
from slips.ledger.ledger import DynamoLedger
from slips.model import WorkItem
from slips.model.ports import FinishedWork, Holder, Progress, Token
from slips.observability import log_context

from ..builders import item
from ..error_table import Tapped, Time
from ..statements import take_some, work_of
from .test_ledger import COUNTED, HOLDER, Clock, begin


@pytest.fixture
def books(dynamodb: Any, table: str) -> DynamoLedger:
    return DynamoLedger(dynamodb, table, 30, Clock())


def works_of(count: int) -> list[WorkItem]:
    return [item(f"logs/{number}", work_id=f"w{number}") for number in range(count)]


def held(works: Sequence[WorkItem]) -> list[tuple[WorkItem, Holder]]:
    return [(work, HOLDER) for work in works]


def begun_works(client: Any, table: str, count: int) -> list[FinishedWork]:
    """Works that were begun, as they end."""
    works = works_of(count)
    begun = DynamoLedger(client, table, 30, Clock()).begin_new(held(works))
    assert all(isinstance(progress, Progress) for progress in begun)
    return [
        FinishedWork(work, COUNTED, "done", progress.token)
        for work, progress in zip(works, begun, strict=True)
        if isinstance(progress, Progress)
    ]


def denied(code: str) -> Any:
    """A role that may not send statements: either the request is refused, or each statement."""

    def refuse(call: Any, Statements: Any) -> Any:
        if code.endswith("Exception"):
            raise ClientError({"Error": {"Code": code, "Message": "not you"}}, "BatchExecuteStatement")
        return take_some(call, Statements, lambda statement: True, code)

    return refuse


def attributes_of(client: Any, table: str, work_id: str) -> dict[str, Any]:
    item_: dict[str, Any] = client.get_item(TableName=table, Key={"work_id": {"S": work_id}})["Item"]
    return item_


THROTTLED: Any = ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow"}}, "UpdateItem")


def impatient(client: Any, table: str) -> DynamoLedger:
    time = Time()
    return DynamoLedger(client, table, 30, time, Backoff(patience=0.0, sleep=time.sleep, clock=time))


def test_new_works_begin_and_end_together(dynamodb: Any, table: str) -> None:
    tapped = Tapped(dynamodb)
    books, works = DynamoLedger(tapped, table, 30, Clock()), works_of(30)
    begun = books.begin_new(held(works))
    assert [isinstance(each, Progress) and each.attempts for each in begun] == [1] * 30
    ended = [FinishedWork(work, COUNTED, "done", each.token) for work, each in zip(works, begun, strict=True) if each]  # type: ignore[union-attr]
    books.finish(ended)
    assert tapped.calls == ["batch_execute_statement"] * 4
    assert [len(request["Statements"]) for request in tapped.requests] == [25, 5, 25, 5]
    assert {books.get(work.work_id).state for work in works} == {"done"}
    assert books.get("w29").books == COUNTED


def test_work_that_begins_with_others_has_the_item_of_one_that_begins_alone(dynamodb: Any, table: str) -> None:
    work = item(work_id="w1", object_etag="e", version_id="v", from_work="w0", tries=2)
    books = DynamoLedger(dynamodb, table, 30, lambda: Clock.now)
    log_context.begin_invocation("request")
    try:
        [alone] = books.begin_new([(work, HOLDER)])
        first = attributes_of(dynamodb, table, "w1")
        dynamodb.delete_item(TableName=table, Key={"work_id": {"S": "w1"}})
        together, _ = books.begin_new([(work, HOLDER), (item(work_id="w2"), HOLDER)])
    finally:
        log_context.begin_invocation("")
    second = attributes_of(dynamodb, table, "w1")
    assert isinstance(alone, Progress)
    assert isinstance(together, Progress)
    assert alone == msgspec.structs.replace(together, token=alone.token)
    assert (first.pop("token_name"), second.pop("token_name")) == (
        {"S": alone.token.name},
        {"S": together.token.name},
    )
    assert first == second


def test_work_that_ends_with_others_has_the_item_of_one_that_ends_alone(dynamodb: Any, table: str) -> None:
    books = DynamoLedger(dynamodb, table, 30, lambda: Clock.now)
    one, *others = begun_works(dynamodb, table, 3)
    books.finish([one])
    books.finish(others)
    alone, together = (attributes_of(dynamodb, table, each) for each in ("w0", "w1"))
    assert {name for name in alone if alone[name] != together[name]} == {
        "work_id", "object_id", "object_key", "token_name",
    }  # fmt: skip


def test_of_many_works_those_that_the_ledger_knows_are_left_to_their_turn(books: DynamoLedger) -> None:
    works = works_of(4)
    begin(books, works[1])
    books.finish([FinishedWork(works[3], COUNTED, "done", begin(books, works[3]).token)])
    assert [bool(each) for each in books.begin_new(held(works))] == [True, False, True, False]
    assert [books.get(work.work_id).attempts for work in works] == [1] * 4


@pytest.mark.parametrize("shows_item", [True, False])
def test_a_beginning_whose_answer_is_lost_is_known_by_its_token(dynamodb: Any, table: str, shows_item: bool) -> None:
    """Whether or not DynamoDB shows the item that is there."""
    tapped = Tapped(dynamodb)
    books, works = DynamoLedger(tapped, table, 30), works_of(3)
    begin(books, works[1])

    def repeat(call: Any, **request: Any) -> Any:
        call(**request)
        answer = call(**request)
        for each in () if shows_item else answer["Responses"]:
            each["Error"].pop("Item")
        return answer

    tapped.on["batch_execute_statement"] = repeat
    begun = books.begin_new(held(works))
    assert [isinstance(each, Progress) for each in begun] == [True, False, True]
    tapped.on.clear()
    for work, progress in zip(works, begun, strict=True):
        assert books.get(work.work_id).attempts == 1
        assert progress is None or (isinstance(progress, Progress) and books.checkpoint(work, progress))


def test_what_a_zombie_ends_with_others_changes_nothing(books: DynamoLedger, dynamodb: Any, table: str) -> None:
    ended = begun_works(dynamodb, table, 4)
    assert isinstance(books.begin(ended[1].item, HOLDER), Progress)  # Its record came again.
    books.finish([ended[2]])
    dynamodb.delete_item(TableName=table, Key={"work_id": {"S": "w3"}})  # As TTL does.
    books.finish([msgspec.structs.replace(each, state="failed") for each in ended])
    assert [books.get(f"w{number}").state for number in range(3)] == ["failed", "started", "done"]
    with pytest.raises(NotFound):
        books.get("w3")


@pytest.mark.parametrize("token", [Token(1, "another"), Token(2, "")])
def test_an_end_needs_number_and_name_of_its_token(
    books: DynamoLedger, dynamodb: Any, table: str, token: Token
) -> None:
    one, other = begun_works(dynamodb, table, 2)
    wrong = Token(token.number, token.name or one.token.name)
    books.finish([msgspec.structs.replace(one, token=wrong), other])
    assert (books.get("w0").state, books.get("w1").state) == ("started", "done")


@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException"])
def test_a_role_that_may_not_write_many_writes_each_alone_and_is_told_once(
    dynamodb: Any, table: str, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    tapped = Tapped(dynamodb)
    books, works = DynamoLedger(tapped, table, 30), works_of(6)
    tapped.on["batch_execute_statement"] = denied(code)
    begun = [*books.begin_new(held(works[:3])), *books.begin_new(held(works[3:]))]
    ended = [FinishedWork(work, COUNTED, "done", each.token) for work, each in zip(works, begun, strict=True) if each]  # type: ignore[union-attr]
    books.finish(ended)
    assert tapped.calls.count("batch_execute_statement") == 1
    assert {books.get(work.work_id).state for work in works} == {"done"}
    assert {books.get(work.work_id).attempts for work in works} == {1}
    [told] = [record.getMessage() for record in caplog.records]
    assert f"dynamodb:PartiQLInsert and dynamodb:PartiQLUpdate on the table {table}" in told


def test_a_statement_that_is_refused_for_good_is_written_alone_and_the_others_with_it(
    dynamodb: Any, table: str
) -> None:
    """Alone, it says what is wrong with it."""
    tapped = Tapped(dynamodb)
    books, works = DynamoLedger(tapped, table, 30), [*works_of(2), item("logs/long", work_id="w" * 3000)]
    begun = books.begin_new(held(works))
    assert [isinstance(each, Progress) for each in begun] == [True, True, False]
    assert begun[2] is None  # At its turn it becomes an error item.
    assert tapped.calls == ["batch_execute_statement", "update_item"]


def test_works_that_are_refused_for_the_moment_are_sent_again_without_the_others(dynamodb: Any, table: str) -> None:
    tapped, time = Tapped(dynamodb), Time()
    books = DynamoLedger(tapped, table, 30, time, Backoff(sleep=time.sleep, clock=time, jitter=lambda: 1.0))
    refusals = iter([{"w1", "w2"}, {"w2"}, set()])

    def refuse(call: Any, Statements: Any) -> Any:
        refused = next(refusals)
        return take_some(call, Statements, lambda statement: work_of(statement) in refused)

    tapped.on["batch_execute_statement"] = refuse
    begun = books.begin_new(held(works_of(4)))
    assert [isinstance(each, Progress) for each in begun] == [True] * 4
    assert [len(request["Statements"]) for request in tapped.requests] == [4, 2, 1]


def test_works_that_are_refused_for_long_are_faults_and_the_others_are_begun(dynamodb: Any, table: str) -> None:
    tapped = Tapped(dynamodb)
    books = impatient(tapped, table)
    tapped.on["batch_execute_statement"] = lambda call, Statements: take_some(
        call, Statements, lambda statement: work_of(statement) == "w1"
    )
    begun = books.begin_new(held(works_of(3)))
    assert [type(each) for each in begun] == [Progress, StoreError, Progress]
    assert str(begun[1]) == f"table {table}: ThrottlingError: as planned"


def test_many_attempts_are_given_back(dynamodb: Any, table: str) -> None:
    books = DynamoLedger(dynamodb, table, 30)
    books.give_back(begun_works(dynamodb, table, 30))
    assert {books.get(f"w{number}").attempts for number in range(30)} == {0}


def test_books_that_could_not_be_written_are_named_and_the_others_are_written(dynamodb: Any, table: str) -> None:
    tapped = Tapped(dynamodb)
    books, ended = impatient(tapped, table), begun_works(dynamodb, table, 30)
    tapped.on["batch_execute_statement"] = lambda call, Statements: take_some(
        call, Statements, lambda statement: work_of(statement) in ("w1", "w28")
    )
    with pytest.raises(BooksUnwritten, match="the books of 2 works could not be written") as raised:
        books.finish(ended)
    assert raised.value.works == {"w1", "w28"}
    states = {number: books.get(f"w{number}").state for number in range(30)}
    assert [number for number, state in states.items() if state != "done"] == [1, 28]


def test_a_table_that_is_down_is_not_asked_for_each_work(dynamodb: Any, table: str) -> None:
    tapped = Tapped(dynamodb)
    books = impatient(tapped, table)

    def refuse(call: Any, **request: Any) -> Any:
        raise THROTTLED

    tapped.on["update_item"] = tapped.on["batch_execute_statement"] = refuse
    ended = [FinishedWork(item(work_id=f"w{number}"), COUNTED, "done", Token()) for number in range(500)]
    with pytest.raises(BooksUnwritten) as raised:
        books.finish(ended)
    assert len(raised.value.works) == 500
    assert len(tapped.calls) <= 20


@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException"])
def test_a_table_that_is_down_is_not_asked_for_each_work_by_a_role_that_writes_each_alone(
    dynamodb: Any, table: str, code: str
) -> None:
    tapped = Tapped(dynamodb)
    books = impatient(tapped, table)

    def refuse(call: Any, **request: Any) -> Any:
        raise THROTTLED

    tapped.on["update_item"], tapped.on["batch_execute_statement"] = refuse, denied(code)
    ended = [FinishedWork(item(work_id=f"w{number}"), COUNTED, "done", Token()) for number in range(500)]
    with pytest.raises(BooksUnwritten):
        books.finish(ended)
    assert tapped.calls.count("update_item") <= 2 * ledger.WRITERS
