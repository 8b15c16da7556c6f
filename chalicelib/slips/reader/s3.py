"""The stored bytes of an S3 object, in order, even where S3 throttles, fails or falls silent, or connections break."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from ..aws.clients import connect_seconds
from ..aws.retry import Backoff, Deadline, is_transient
from ..config.access import S3Access
from ..errors import OutOfTime, ReadError, Unavailable
from ..model import ObjectRef
from ..model.utc import epoch
from ..wording import plural
from .pace import Pace
from .s3_answers import Version, describe, explain, name_of, status_of
from .s3_requests import ObjectRequests

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client

CHUNK, CAREFUL = 512 * 1024, 16 * 1024
"""Bytes read from the socket at a time; few after a break, which costs those that are incomplete."""
SLOWEST = 8 * 1024
"""Bytes a second that come at least: a chunk is as large as it can be and still come in time."""
SILENCES = (10.0, 3.0, 1.0)
"""Seconds for which S3 may be silent, the shorter ones near the end of an invocation: for each there is a client."""
SHORTEST = SILENCES[-1] + connect_seconds(SILENCES[-1])
"""Seconds without which no attempt is begun, but for the first one of an object."""
PRECONDITION_FAILED = 412
CLOCKS = 5.0
"""Seconds by which the time of a notification and the object's own may differ."""
PATIENT = Backoff(patience=30.0, first=0.1)
"""An outage of twenty seconds is waited out; a longer one holds up no lane."""

PARTIAL = 2
"""Times that patience, for an object whose bucket has answered others: they have taken its turns."""


class _Spell(msgspec.Struct):
    """Attempts in a row that brought no byte."""

    begun: float
    attempts: int = 0


class S3Objects:
    """A reader of objects with one GET each. After a fault that passes, another GET asks for what is missing.

    This loop is the only one: botocore sends each request once. Every GET names the version (or, without one, the
    etag), so that an overwritten object is noticed, and never read half old, half new.
    """

    def __init__(self, access: S3Access, deadline: Deadline | None = None, backoff: Backoff = PATIENT) -> None:
        self._access = access
        self._deadline = deadline or Deadline()
        self._backoff = backoff
        self._paces: dict[str, Pace] = {}
        self._requests: dict[S3Client, ObjectRequests] = {}

    def open(self, ref: ObjectRef) -> Iterator[bytes]:
        """Yield chunks of at most CHUNK bytes. Raises ReadError where they end early: ObjectMissing, AccessDenied,
        ObjectChanged, or Unavailable (OutOfTime where the invocation ended the waiting)."""
        pace = self._pace(ref.bucket)
        offset, most, version, is_at_end = 0, CHUNK, Version(ref.etag), False
        spell: _Spell | None = None
        while not is_at_end:
            if not pace.is_calm:
                pace.wait(self._deadline.left_for_work() - SHORTEST)
            before, begun = offset, self._backoff.clock()
            try:
                silence = self._silence(pace)
                response = self._get(ref, version.etag, offset, silence)
                early = version.check(ref, response, offset)
                left = math.inf if version.length is None else version.length - offset + early
                for chunk in self._chunks(response["Body"], left, most, silence):
                    if offset == before and not pace.is_calm:
                        pace.note_answer()
                    fresh, early = chunk[early:], max(0, early - len(chunk))
                    offset += len(fresh)
                    if fresh:
                        yield fresh
                is_at_end = _is_complete(before, offset, version.length, response)
            except Exception as fault:
                if not is_transient(fault):
                    self._check_changed(ref, fault)
                    explained = explain(ref, fault)
                    if explained is None:
                        raise
                    raise explained from fault
                pace.note_fault(begun)
                if spell is None or offset > before:
                    spell = _Spell(begun if offset == before else self._backoff.clock())
                spell.attempts += 1
                self._pause(ref, spell, pace, fault)
                most = CAREFUL

    def _pace(self, bucket: str) -> Pace:
        pace = self._paces.get(bucket) or self._paces.setdefault(bucket, Pace(self._backoff))
        pace.begin(self._deadline.invocation)
        return pace

    def _silence(self, pace: Pace) -> float:
        """Return for how many seconds S3 may be silent in the next attempt."""
        if not pace.is_calm and not pace.is_patient:
            return SILENCES[-1]
        left = self._deadline.left_for_work()
        return next((each for each in SILENCES if each + connect_seconds(each) <= left), SILENCES[-1])

    def _get(self, ref: ObjectRef, etag: str, offset: int, silence: float) -> Any:
        request: dict[str, Any] = {**self._access.object_parameters(ref.bucket), "Key": ref.key}
        if ref.version_id and ref.version_id != "null":
            request["VersionId"] = ref.version_id
        if etag:
            request["IfMatch"] = f'"{etag}"'
        if offset:
            request["Range"] = f"bytes={offset}-"
        client = self._access.client(ref.bucket, silence)
        requests = self._requests.get(client)
        if requests is None:
            requests = self._requests.setdefault(client, ObjectRequests(client))
        return requests.get(**request)

    def _check_changed(self, ref: ObjectRef, fault: Exception) -> None:
        """Raise ReadError where the notification names an etag that is not the object's, though nobody has written the
        object since: no other notification comes, so it is not superseded."""
        if status_of(fault) != PRECONDITION_FAILED or not (ref.etag and ref.event_time):
            return
        try:
            response = self._get(ref, "", 0, self._silence(self._pace(ref.bucket)))
            response["Body"].close()
            is_older = response["LastModified"].timestamp() < epoch(ref.event_time) - CLOCKS
        except Exception:  # noqa: BLE001 - what S3 has said first is what counts
            return
        if is_older:
            raise ReadError(
                f"{name_of(ref)}: its etag is {response['ETag']}, and the notification named {ref.etag!r}, though it "
                "was not written since: what sends the notifications?"
            ) from fault

    def _chunks(self, body: StreamingBody, expected: float, most: int, silence: float) -> Iterator[bytes]:
        try:
            while True:
                left = self._deadline.left_for_work()
                if left < silence and expected > 0:  # Behind the last byte there is no socket.
                    silence = max(SILENCES[-1], left)
                    body.set_socket_timeout(silence)
                chunk = body.read(int(min(most, max(CAREFUL, left * SLOWEST))))
                if not chunk:
                    return
                expected -= len(chunk)
                yield chunk
        finally:
            body.close()

    def _pause(self, ref: ObjectRef, spell: _Spell, pace: Pace, fault: Exception) -> None:
        """Wait before the next attempt. Raises Unavailable where there is none: OutOfTime, when time is really over."""
        waited = self._backoff.clock() - spell.begun
        told = f"{describe(fault)} ({plural(spell.attempts, 'attempt')} in {waited:.0f} s without a byte)"
        pause, left = self._backoff.pause(spell.attempts - 1), self._deadline.left_for_work()
        if left < SHORTEST + self._backoff.first:
            self._backoff.sleep(max(0.0, left) + 0.01)
            raise OutOfTime(f"{name_of(ref)}: S3 did not answer before the invocation was over: {told}") from fault
        patience = self._backoff.patience * (PARTIAL if pace.answered_at > spell.begun else 1)
        if waited + pause > patience or not pace.is_patient:
            raise Unavailable(f"{name_of(ref)}: S3 does not answer, or not now: {told}") from fault
        self._backoff.sleep(min(pause, left - SHORTEST))


def _is_complete(before: int, offset: int, length: int | None, response: Any) -> bool:
    """Whether nothing is missing. Raises IncompleteReadError where the connection was closed properly, but too early;
    what answers with a part only, unasked, is asked for the next one."""
    if length is None or offset >= length:
        return True
    if offset > before and response.get("ContentRange"):
        return False
    from botocore.exceptions import IncompleteReadError

    raise IncompleteReadError(actual_bytes=offset, expected_bytes=length)
