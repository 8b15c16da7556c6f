"""Events inside a document that comes among plain events reach functions of every kind."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from slips import Meta, Slips
from slips.testing import SlipsTester

PAGE = b'{"kind":"page","Records":[{"eventType":"B"},{"eventType":"C"}]}'
CONTENT = (b'{"eventType":"A"}', PAGE, b'{"eventType":"D"}')
PLACES = [("A", 1, None), ("B", 2, 0), ("C", 2, 1), ("D", 3, None)]


class Needs(msgspec.Struct):
    eventType: str


class NeedsNothing(msgspec.Struct):
    eventType: str = ""


@pytest.mark.parametrize("others", [False, True])
@pytest.mark.parametrize("struct", [Needs, NeedsNothing])
def test_a_function_gets_every_event_as_its_type(slips: Slips, struct: Any, others: bool) -> None:
    seen = []

    @slips.on_format("cloudtrail", type=struct)
    def typed(meta: Meta, event: Any) -> None:
        seen.append((event.eventType, meta.position, meta.index))

    if others:

        @slips.on_format("cloudtrail")
        def plain(meta: Meta, event: dict[str, Any]) -> None: ...

    SlipsTester(slips).lines("cloudtrail", CONTENT).check()
    assert seen == PLACES


def test_a_batch_holds_every_event(slips: Slips) -> None:
    seen = []

    @slips.on_format("cloudtrail", batch=10)
    def function(batch: list[tuple[Meta, dict[str, Any]]]) -> None:
        seen.extend((event["eventType"], meta.position, meta.index) for meta, event in batch)

    outcome = SlipsTester(slips).lines("cloudtrail", CONTENT)
    outcome.check()
    assert seen == PLACES
    assert (outcome.books.records, outcome.books.parsed, outcome.books.events) == (3, 3, 4)
