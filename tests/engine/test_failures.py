"""What an error item keeps of the record that failed, and what it does not."""

from __future__ import annotations

import json
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from slips import Meta, Slips
from slips.engine.failures import CUT, NOT_KEPT, FailureLog, says_unauthorized
from slips.model import Failure
from slips.testing import SlipsTester

from ..builders import item
from .conftest import MakeSlips


def sample_of(record: bytes, limit: int) -> str:
    log = FailureLog(item(), "json", "fast", limit, chain="")
    log.add_unparsable(ValueError(), 1, record)
    return log.take(lambda: 0.0)[0].sample


@pytest.mark.parametrize(
    ("record", "limit", "sample"),
    [
        (b"abcdef", 6, "abcdef"),
        (b"abcdef", 5, f"abcde{CUT}"),
        (b"abcdef", 0, ""),
        ("aé€".encode(), 6, "aé€"),
        ("aé€".encode(), 5, f"aé{CUT}"),
        ("aé€".encode(), 2, f"a{CUT}"),
        ("😀".encode() * 2, 7, f"😀{CUT}"),
        (b"\x80" * 9, 8, "\\x80" * 8 + CUT),
        (b"a\xff", 5, "a\\xff"),
    ],
)
def test_a_sample_says_where_it_was_cut_and_not_within_a_character(record: bytes, limit: int, sample: str) -> None:
    assert sample_of(record, limit) == sample


def off(make_slips: MakeSlips, *lines: str) -> Slips:
    return make_slips("errors: {sample: off}", *lines)


def quoted(failures: list[Failure], text: str) -> list[str]:
    """The fields of error items that quote it."""
    fields = {name: str(getattr(each, name)) for each in failures for name in each.__struct_fields__}
    return [name for name, value in fields.items() if text in value]


def test_without_samples_nothing_of_a_record_that_cannot_be_parsed_is_kept(make_slips: MakeSlips) -> None:
    slips = off(make_slips)

    @slips.on_format("syslog")
    def function(meta: Meta, event: dict[str, Any]) -> None: ...

    failures = SlipsTester(slips).lines("syslog", ["a line of Ada's"]).errors
    assert quoted(failures, "Ada") == []
    (failure,) = failures
    assert (failure.sample, failure.error_message, failure.positions) == ("", NOT_KEPT, "1")
    assert failure.traceback.startswith("Traceback (most recent call last):\n  File ")
    assert failure.traceback.endswith("\nParseError\n")


def test_without_samples_the_limit_that_was_reached_is_still_named(make_slips: MakeSlips) -> None:
    slips = off(make_slips, "limits: {errors_per_object: 1}")

    @slips.on_format("syslog")
    def function(meta: Meta, event: dict[str, Any]) -> None: ...

    failures = SlipsTester(slips).lines("syslog", ["Ada 1", "Ada 2", "Ada 3"]).errors
    assert quoted(failures, "Ada") == []
    assert [each.error_message for each in failures] == [
        NOT_KEPT,
        "limits.errors_per_object (1) reached, the rest of the object waits",
    ]


def test_without_samples_what_a_function_says_is_kept(make_slips: MakeSlips) -> None:
    slips = off(make_slips)

    @slips.on_format("json")
    def function(meta: Meta, event: dict[str, Any]) -> None:
        raise ValueError("no such office")

    (failure,) = SlipsTester(slips).lines("json", [{"name": "Ada"}]).errors
    assert (failure.sample, failure.error_message) == ("", "no such office")
    assert "ValueError: no such office" in failure.traceback


def test_without_samples_a_failed_event_can_be_drained(make_slips: MakeSlips) -> None:
    slips, fails, given = off(make_slips), [True], []

    @slips.on_format("json")
    def function(meta: Meta, event: dict[str, Any]) -> None:
        if fails[0]:
            raise ValueError
        given.append(event)

    run = SlipsTester(slips)
    (failure,) = run.lines("json", [json.dumps({"name": "Ada"})]).errors
    fails[0] = False
    assert run.error(failure.request_id).errors == []
    assert given == [{"name": "Ada"}]


class Answered(Exception):
    """An exception with what an HTTP client knows of the answer."""

    def __init__(self, **fields: object) -> None:
        vars(self).update(fields)


class Response(SimpleNamespace):
    """A response which, like that of `requests`, is false where its status is an error."""

    def __bool__(self) -> bool:
        return False


class Broken(Exception):
    """An exception that cannot be looked at."""

    @property
    def response(self) -> object:
        raise RuntimeError("the response was closed")


def caused(fault: BaseException, *, depth: int = 1) -> BaseException:
    for _ in range(depth):
        outer = ValueError("cannot send")
        outer.__cause__ = fault
        fault = outer
    return fault


def circle() -> BaseException:
    first, second = ValueError(), ValueError()
    first.__cause__, second.__cause__ = second, first
    return first


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Answered(status=401), True),
        (Answered(status_code=403), True),
        (Answered(code=401), True),
        (Answered(code=HTTPStatus.UNAUTHORIZED), True),
        (Answered(response=Response(status_code=401)), True),
        (caused(Answered(status=401)), True),
        (caused(Answered(status=401), depth=9), True),
        (caused(Answered(status=401), depth=10), False),
        (Answered(status=404), False),
        (Answered(status="401"), False),
        (Answered(code=lambda: 401), False),
        (Answered(response=Response(status_code=500)), False),
        (ClientError({"Error": {"Code": "AccessDenied"}}, "PutItem"), False),
        (circle(), False),
        (Broken(), False),
        (SystemExit(1), False),
        (ValueError(401), False),
    ],
)
def test_an_exception_says_that_credentials_were_refused(fault: BaseException, says: bool) -> None:
    assert says_unauthorized(fault) is says
    log = FailureLog(item(), "json", "fast", 0, chain="")
    log.fail_rest("process", fault, 1)
    assert log.is_unauthorized is says


def test_an_exception_raised_while_another_is_handled_says_what_that_one_says() -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011, PT012 - its context is the case
        try:
            raise Answered(status=401)
        except Answered:
            raise ValueError  # noqa: B904
    assert says_unauthorized(raised.value)
