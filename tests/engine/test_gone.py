"""Objects that are gone, or were rewritten before they were read: nobody can do anything, and nobody is told."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from slips import Meta, Slips
from slips.config import Mapping
from slips.config.access import S3Access
from slips.errors import ObjectMissing
from slips.model import Failure, work_item
from slips.quarantine import Filter
from slips.reader.s3 import S3Objects
from slips.testing import SlipsTester

from ..waiting_world import NOW, WaitingWorld


@pytest.fixture
def tester(slips: Slips) -> SlipsTester:
    @slips.on_format("json")
    def function(meta: Meta, event: Any) -> None: ...

    return SlipsTester(slips)


def deliver(tester: SlipsTester, change: str, on_missing: Any = "") -> Any:
    """Deliver an object that was deleted, or written ten times, since its notification."""
    ref = tester.objects.put("logs", "json/a", b'{"n":1}\n')
    if change == "gone":
        tester.objects.contents.clear()
    else:
        for number in range(10):
            tester.objects.put("logs", "json/a", b'{"n":%d}\n' % number)
    mapping = Mapping(bucket="logs", prefix="json/", chain=("s3-lines", "json"), on_missing=on_missing)
    return tester.items([work_item(ref, "s")], mapping)


@pytest.mark.parametrize("change", ["gone", "superseded"])
class TestAnObject:
    def test_that_is_no_longer_there_rings_no_alarm(self, tester: SlipsTester, change: str) -> None:
        outcome = deliver(tester, change)
        [failure] = outcome.errors
        assert (failure.ended, failure.is_open, failure.stage) == (change, False, "read")
        assert (outcome.report["by_stage"], outcome.report[change]) == ({}, 1)
        assert outcome.books.note == failure.error_message
        assert tester.ledger.states[failure.argument[0].work_id] == "failed"

    def test_is_an_error_where_slips_yml_wants_one(self, tester: SlipsTester, change: str) -> None:
        outcome = deliver(tester, change, "error")
        [failure] = outcome.errors
        assert (failure.ended, failure.is_open) == ("", True)
        assert outcome.report["by_stage"] == {"read": [1, 1]}

    def test_is_counted_alone_where_slips_yml_wants_nothing(self, tester: SlipsTester, change: str) -> None:
        outcome = deliver(tester, change, "skip")
        assert (outcome.errors, outcome.report[change]) == ([], 1)
        assert outcome.books.note


def test_an_item_that_has_ended_is_listed_on_request_drained_by_its_id_and_deleted_after_a_month() -> None:
    from slips.drain import DrainRequest, drain

    world = WaitingWorld("sends")
    world.land()
    contents = world.objects.contents.copy()
    world.objects.contents.clear()
    world.process()
    assert (world.items(), world.rung) == ([], 0)
    [item] = world.items("gone")
    assert item.expires_at == NOW + 30 * 24 * 3600
    assert world.quarantine.causes(Filter()).causes == ()
    [cause] = world.quarantine.causes(Filter(state="gone")).causes
    assert cause.count == 1
    until = world.time() + 20
    assert drain(DrainRequest(), world.quarantine, world.lanes, world.config, until, world.time).drained == 0
    world.objects.contents.update(contents)
    named = DrainRequest(ids=(item.request_id,))
    assert drain(named, world.quarantine, world.lanes, world.config, until, world.time).drained == 1
    world.process()
    assert world.destinations["sends"].taken == dict.fromkeys(world.landed, 1)


def test_a_bucket_that_is_gone_needs_a_person() -> None:
    from botocore.exceptions import ClientError

    from slips.errors import ReadError
    from slips.model import ObjectRef

    error: Any = {"Error": {"Code": "NoSuchBucket"}, "ResponseMetadata": {"HTTPStatusCode": 404}}

    class Client:
        def get_object(self, **_: str) -> Any:
            raise ClientError(error, "GetObject")

    client: Any = Client()
    with pytest.raises(ReadError, match="there is no bucket of that name") as raised:
        list(S3Objects(S3Access({}, lambda *_: client)).open(ObjectRef(bucket="b", key="k")))
    assert not isinstance(raised.value, ObjectMissing)


def test_a_failure_of_an_earlier_version_rings() -> None:
    failure = Failure(request_id="r", argument=(), stage="read", error_type="E", error_message="m")
    assert failure.is_open
    assert msgspec.structs.replace(failure, retry_at=1, rings=True).is_open
    assert not msgspec.structs.replace(failure, ended="gone", rings=False).is_open
