"""A copy of an object onto itself is a new object to S3, and the same events."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from slips import Slips
from slips.errors import StoreError
from slips.model import ObjectRef, work_item
from slips.testing import SlipsTester

from .test_delivery import numbers_of, raise_on

COPY = "ObjectCreated:Copy"
TWO = b'{"n":1}\n{"n":2}\n'


@pytest.fixture
def run(slips: Slips) -> SlipsTester:
    slips.on_format("json")(raise_on())
    return SlipsTester(slips)


def put(run: SlipsTester, sequencer: str, content: bytes = TWO, **fields: Any) -> ObjectRef:
    """Write the object, and return it as its notification names it."""
    ref = run.objects.put("logs", "json/a", content)
    return msgspec.structs.replace(ref, sequencer=sequencer, **fields)


def test_is_not_delivered_again(run: SlipsTester) -> None:
    assert numbers_of(run.object(put(run, "01")), "function") == [1, 2]
    outcome = run.object(put(run, "02", event_name=COPY))
    assert numbers_of(outcome, "function") == []
    assert set(run.ledger.states.values()) == {"done"}


def test_in_one_batch_with_the_object_is_not_delivered_again(run: SlipsTester) -> None:
    items = [
        work_item(put(run, sequencer, event_name=name), "s")
        for sequencer, name in (("01", "ObjectCreated:Put"), ("02", COPY))
    ]
    assert numbers_of(run.items(items), "function") == [1, 2]


@pytest.mark.parametrize(
    "second",
    [
        {"event_name": "ObjectCreated:Put"},
        {"event_name": COPY, "content": TWO + b'{"n":3}\n'},
        {"event_name": COPY, "etag": ""},
    ],
)
def test_that_is_none_or_has_another_content_is_delivered(run: SlipsTester, second: dict[str, Any]) -> None:
    run.object(put(run, "01"))
    assert numbers_of(run.object(put(run, "02", **second)), "function")[:2] == [1, 2]


def test_is_delivered_where_the_object_never_was(run: SlipsTester) -> None:
    assert numbers_of(run.object(put(run, "02", event_name=COPY)), "function") == [1, 2]


def test_is_delivered_where_a_function_is_new(slips: Slips, run: SlipsTester) -> None:
    run.object(put(run, "01"))

    @slips.on_format("json")
    def other(meta: object, event: dict[str, Any]) -> None: ...

    outcome = run.object(put(run, "02", event_name=COPY))
    assert (numbers_of(outcome, "function"), numbers_of(outcome, "other")) == ([1, 2], [1, 2])


def test_is_delivered_where_the_ledger_does_not_say(run: SlipsTester, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with a role of one's own that may not query the index."""

    def refuse(_: object) -> None:
        raise StoreError("AccessDenied")

    run.object(put(run, "01"))
    monkeypatch.setattr(run.ledger, "find_receivers", refuse)
    assert numbers_of(run.object(put(run, "02", event_name=COPY)), "function") == [1, 2]


@pytest.mark.parametrize("fields", [{"error_id": "r1"}, {"processors": ("function",)}, {"resume_from": 2}])
def test_that_is_drained_or_continued_is_delivered(run: SlipsTester, fields: dict[str, Any]) -> None:
    run.object(put(run, "01"))
    copy = msgspec.structs.replace(work_item(put(run, "02", event_name=COPY), "s"), **fields)
    assert numbers_of(run.items([copy]), "function")[-1] == 2
