"""One pass over an object for several drained errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from slips import Meta, Slips
from slips.engine.reading import join_filters, narrow
from slips.model import ObjectRef, WorkItem, work_item
from slips.model.positions import Positions
from slips.reader.framing import Batch, RecordFault, RecordFilter
from slips.testing import SlipsTester

from .test_delivery import numbers_of, raise_on


def drained(ref: ObjectRef, name: str, positions: str, function: str) -> WorkItem:
    return msgspec.structs.replace(
        work_item(ref, "s"), work_id=name, error_id=name, positions=positions, processors=(function,), attempt=1
    )


def content(count: int) -> bytes:
    return b"".join(b'{"n":%d}\n' % number for number in range(1, count + 1))


def test_drained_errors_of_one_object_read_it_once_and_each_gets_its_own(slips: Slips) -> None:
    slips.on_format("json")(raise_on(7))

    @slips.on_format("json")
    def other(meta: Meta, event: dict[str, Any]) -> None: ...

    run = SlipsTester(slips)
    ref = run.objects.put("logs", "json/a", content(9))
    opens: list[str] = []
    open_ = run.objects.open

    def count_open(ref: ObjectRef) -> Iterator[bytes]:
        opens.append(ref.key)
        return open_(ref)

    run.objects.open = count_open  # type: ignore[method-assign]
    outcome = run.items([drained(ref, "e1", "2,7", "function"), drained(ref, "e2", "2-3,9", "other")])
    assert opens == ["json/a"]
    assert (numbers_of(outcome, "function"), numbers_of(outcome, "other")) == ([2, 7], [2, 3, 9])
    [failure] = run.errors.items.values()
    assert (failure.positions, failure.processor, failure.attempts) == ("7", "function", 2)
    assert (run.ledger.states, run.ledger.progress["e2"].books.records) == ({"e1": "done", "e2": "done"}, 3)


def test_after_a_crash_each_is_run_alone(slips: Slips) -> None:
    slips.on_format("json")(raise_on())
    run = SlipsTester(slips)
    ref = run.objects.put("logs", "json/a", content(3))
    items = [drained(ref, "e1", "1", "function"), drained(ref, "e2", "2", "function")]
    for each in items:
        run.ledger.begin(each)
    opens: list[str] = []
    open_ = run.objects.open
    run.objects.open = lambda ref: (opens.append(ref.key), open_(ref))[1]  # type: ignore[method-assign]
    assert numbers_of(run.items(items), "function") == [1, 2]
    assert len(opens) == 2


def test_the_clock_is_looked_at_even_where_no_record_matches(slips: Slips) -> None:
    slips.on_format("json", contains="needle")(raise_on())
    run = SlipsTester(slips)
    run.objects.chunk = 1000
    ref = run.objects.put("logs", "json/a", b'{"n":1}\n' * 500_000)
    run.object(ref, remaining=iter([100.0, 100.0, 100.0, *[1.0] * 100]))
    [rest] = run.lanes.take("fast")
    assert rest.resume_from > 1


def test_several_filters_are_joined_and_a_batch_is_narrowed_to_each() -> None:
    filters = [RecordFilter(only=Positions.parse("2,7"), resume_from=2), RecordFilter(only=Positions.parse("3-4,7"))]
    both = join_filters(filters)
    assert (str(both.only), both.resume_from) == ("2-4,7", 1)
    fault = RecordFault(7, ValueError(), b"")  # type: ignore[arg-type]
    batch = Batch(first=1, count=8, records=[b"2", b"3", b"4"], positions=[2, 3, 4], out_of_range=4, faults=[fault])
    first, second = (narrow(batch, each) for each in filters)
    assert (first.positions, first.out_of_range, first.faults) == ([2], 6, [fault])
    assert (second.records, second.out_of_range, second.faults) == ([b"3", b"4"], 5, [fault])
