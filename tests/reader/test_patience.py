"""How long an object is asked for, and when no longer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import (
    CredentialRetrievalError,
    EndpointConnectionError,
    FlexibleChecksumError,
    NoCredentialsError,
)
from urllib3.exceptions import ProtocolError

from slips.aws.retry import Deadline, is_transient
from slips.config.access import S3Access
from slips.errors import AccessDenied, CorruptObject, ObjectMissing, OutOfTime, ReadError, Unavailable
from slips.reader.s3 import CAREFUL, CHUNK, SILENCES, S3Objects

from ..error_table import Time
from ..fake_s3 import URL, FakeS3, patient, refused, unreachable


class World:
    """An S3 with one object, and its reader."""

    def __init__(self, content: bytes = b"0123456789") -> None:
        self.time = Time(0.0)
        self.s3 = FakeS3(self.time)
        self.deadline = Deadline()
        self.objects = S3Objects(S3Access({}, self.s3), self.deadline, patient(self.time))
        self.content = content
        self.ref = self.s3.put("a", content)

    def read(self) -> bytes:
        return b"".join(self.objects.open(self.ref))

    def fail_until(self, end: float, fault: Callable[[], Exception] = refused) -> None:
        """Refuse every request before that time."""

        def fail(number: int, key: str) -> None:
            if self.time.now < end:
                raise fault()

        self.s3.fail = fail

    def read_within(self, seconds: float, reserve: float = 5.0) -> bytes:
        """Read in an invocation that has so many seconds left."""
        end = self.time.now + seconds
        with self.deadline.during(lambda: end - self.time.now, lambda: reserve):
            return self.read()


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize(
    "fault",
    [
        refused(),
        refused("InternalError", 500),
        refused("503", 503),
        refused("KMS.ThrottlingException", 400),
        refused("ThrottlingException", 400),
        refused("TooManyRequests", 429),
        refused("ExpiredToken", 400),
        refused("RequestTimeTooSkewed", 403),
        unreachable(),
        EndpointConnectionError(endpoint_url=URL),
        CredentialRetrievalError(provider="container", error_msg="503"),
        ProtocolError("broken"),
        ConnectionResetError("reset"),
    ],
    ids=repr,
)
def test_what_passes_by_itself_is_waited_out(world: World, fault: Exception) -> None:
    world.fail_until(20.0, lambda: fault)
    assert world.read() == world.content
    assert 20 <= world.time.now < 26


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (refused("AccessDenied", 403), AccessDenied),
        (refused("NoSuchKey", 404), ObjectMissing),
        (refused("InvalidArgument", 400), ReadError),
        (refused("NotImplemented", 501), ReadError),
        (NoCredentialsError(), ReadError),
    ],
    ids=repr,
)
def test_what_does_not_pass_is_raised_at_once(world: World, fault: Exception, kind: type[ReadError]) -> None:
    world.fail_until(99.0, lambda: fault)
    with pytest.raises(kind) as raised:
        world.read()
    assert not isinstance(raised.value, Unavailable)
    assert not is_transient(raised.value)
    assert (world.time.now, len(world.s3.requests)) == (0.0, 1)


def test_a_fault_of_slips_itself_is_not_taken_for_one_of_s3(world: World) -> None:
    world.fail_until(99.0, lambda: KeyError("x"))
    with pytest.raises(KeyError):
        world.read()


def test_an_object_is_given_up_after_half_a_minute_and_the_error_says_what_s3_said(world: World) -> None:
    world.fail_until(99.0)
    with pytest.raises(
        Unavailable, match=r"s3://logs/a: .*503 SlowDown: Please reduce your request rate\. \("
    ) as raised:
        world.read()
    assert 24 < world.time.now <= 30
    assert f"({len(world.s3.requests)} attempts in {world.time.now:.0f} s without a byte)" in str(raised.value)
    assert not isinstance(raised.value, OutOfTime)
    assert is_transient(raised.value)


def test_a_silent_server_is_noticed_after_ten_seconds(world: World) -> None:
    world.s3.silent_from = 0
    with pytest.raises(Unavailable, match="attempts in"):
        world.read()
    assert set(world.s3.silences) == {10.0}
    assert world.time.now < 45


def test_silence_in_the_middle_of_a_body_costs_what_is_missing_only(world: World) -> None:
    world.s3.silent_from = 4

    def speak_again(number: int, key: str) -> None:
        if number == 3:
            world.s3.silent_from = None

    world.s3.fail = speak_again
    assert world.read() == world.content
    assert [request.get("Range") for request in world.s3.requests] == [None, "bytes=4-", "bytes=4-"]


class ShortBody:
    """A body that ends properly, and too early."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def read(self, size: int) -> bytes:
        content, self.content = self.content, b""
        return content

    def close(self) -> None: ...


def test_a_body_that_keeps_ending_early_is_an_error() -> None:
    class Short:
        requests = 0

        def get_object(self, **request: Any) -> Any:
            self.requests += 1
            assert self.requests < 100, "it keeps asking"
            body = ShortBody(b"" if "Range" in request else b"12")
            return {"ContentLength": 8 if "Range" in request else 10, "ETag": '"e1"', "Body": body}

    client: Any = Short()
    world = World()
    chunks = S3Objects(S3Access({}, lambda *_: client), backoff=patient(world.time)).open(world.ref)
    assert next(chunks) == b"12"
    with pytest.raises(Unavailable, match=r"2 read, but total bytes expected is 10"):
        next(chunks)


def test_patience_begins_anew_with_each_byte() -> None:
    content = bytes(range(200))

    class Dripping:
        def __init__(self) -> None:
            self.requests = 0

        def get_object(self, **request: Any) -> Any:
            self.requests += 1
            if self.requests % 3:
                raise refused()
            start = int(request.get("Range", "bytes=0-")[6:-1])
            body = ShortBody(content[start : start + 1])
            return {"ContentLength": len(content) - start, "ETag": '"e1"', "Body": body}

    client: Any = Dripping()
    world = World()
    assert b"".join(S3Objects(S3Access({}, lambda *_: client), backoff=patient(world.time)).open(world.ref)) == content
    assert world.time.now > 2 * 30


def test_bytes_that_are_not_what_s3_stores_are_an_error_of_the_object() -> None:
    class Damaged(ShortBody):
        def read(self, size: int) -> bytes:
            if not self.content:
                raise FlexibleChecksumError(error_msg="Expected checksum a did not match calculated checksum: b")
            return super().read(size)

    class Client:
        def get_object(self, **request: Any) -> Any:
            return {"ContentLength": 2, "ETag": '"e1"', "Body": Damaged(b"12")}

    client: Any = Client()
    world = World()
    with pytest.raises(CorruptObject, match="Expected checksum"):
        list(S3Objects(S3Access({}, lambda *_: client)).open(world.ref))


# The time of an invocation.


def test_no_attempt_is_longer_than_what_is_left(world: World) -> None:
    world.s3.silent_from = 0
    with pytest.raises(OutOfTime, match="before the invocation was over") as raised:
        world.read_within(20.0)
    assert 15.0 <= world.time.now < 15.1
    assert world.s3.silences[0] == 10.0
    assert set(world.s3.silences[1:]) <= {3.0, 1.0}
    assert is_transient(raised.value)


def test_a_body_that_falls_silent_near_the_end_is_not_listened_to_for_longer(world: World) -> None:
    world.s3.silent_from = 4
    with pytest.raises(OutOfTime):
        world.read_within(12.0)
    assert 7.0 <= world.time.now < 7.1


def test_an_invocation_that_is_over_leaves_one_short_attempt(world: World) -> None:
    assert world.read_within(1.0) == world.content
    world.s3.silent_from = 0
    with pytest.raises(OutOfTime):
        world.read_within(1.0)
    assert (world.s3.silences, world.time.now) == ([SILENCES[-1]] * 2 + [SILENCES[-1]], pytest.approx(1.01))


def test_pauses_leave_time_for_another_attempt(world: World) -> None:
    world.fail_until(8.3)
    assert world.read_within(15.0) == world.content
    assert len(world.s3.requests) < 10


def test_near_the_end_few_bytes_are_read_at_a_time() -> None:
    world = World(bytes(2 * CHUNK))
    sizes = [len(chunk) for chunk in world.objects.open(world.ref)]
    assert sizes == [CHUNK, CHUNK]
    with world.deadline.during(lambda: 2.0):
        assert {len(chunk) for chunk in world.objects.open(world.ref)} == {CAREFUL}


# What one object has learnt holds for the next ones.


def test_an_object_is_waited_for_for_longer_where_its_bucket_answers_others(world: World) -> None:
    world.s3.put("b", world.content)

    def fail(number: int, key: str) -> None:
        if key == "a" and world.time.now < 50:
            list(world.objects.open(world.ref.__class__(bucket="logs", key="b", size=10)))
            raise refused()

    world.s3.fail = fail
    assert world.read() == world.content
    world.fail_until(world.time.now + 50)
    with pytest.raises(Unavailable):
        world.read()


def test_what_is_down_is_waited_for_once_and_not_for_each_object(world: World) -> None:
    world.fail_until(1e9)
    with world.deadline.during(lambda: 900.0):
        for _ in range(100):
            with pytest.raises(Unavailable):
                world.read()
    assert world.time.now < 90
    assert len(world.s3.requests) < 150


def test_a_silent_bucket_is_probed_shortly(world: World) -> None:
    world.s3.silent_from = 0
    for _ in range(30):
        with pytest.raises(Unavailable):
            world.read()
    assert world.s3.silences[-1] == SILENCES[-1]
    assert world.time.now < 90


def test_a_bucket_that_answers_again_is_waited_for_again(world: World) -> None:
    world.fail_until(60.0)
    for _ in range(3):
        with pytest.raises(Unavailable):
            world.read()
    world.time.now = 60.0
    for _ in range(10):
        assert world.read() == world.content
    world.fail_until(world.time.now + 20.0)
    assert world.read() == world.content


def test_the_next_invocation_is_patient_again(world: World) -> None:
    world.fail_until(50.0)
    with world.deadline.during(lambda: 900.0), pytest.raises(Unavailable):
        world.read()
    with world.deadline.during(lambda: 900.0):
        assert world.read() == world.content


def test_a_bucket_that_is_down_costs_no_other_one(world: World) -> None:
    world.fail_until(1e9)
    with pytest.raises(Unavailable):
        world.read()
    down, world.time.now = world.time.now, 0.0
    other = world.ref.__class__(bucket="other", key="a", size=10)
    world.fail_until(20.0)
    assert b"".join(world.objects.open(other)) == world.content
    assert down > 20


def test_where_nothing_fails_nobody_waits(world: World) -> None:
    for _ in range(50):
        world.read()
    assert world.time.now == 0
    assert world.objects._paces["logs"].is_calm
