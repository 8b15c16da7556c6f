"""Batches of those AWS services that answer for each entry whether they took it: Firehose, Kinesis, SQS, SNS."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any, Final, NamedTuple

from ..aws.retry import Backoff, is_transient, is_transient_code
from ..errors import EventFailed, RetryLater, SlipsError
from ..model.meta import Meta
from .base import Encoded, Sink

PATIENCE = Backoff(patience=10.0, first=0.1)
"""Entries that are refused for the moment are sent again for so long; then they wait."""
_TOO_LONG: Final = "BatchRequestTooLong"
"""In the codes of SQS (AWS.SimpleQueueService.BatchRequestTooLong) and SNS (BatchRequestTooLongException)."""
_IN_VAIN: Final = re.compile("NotFound|NonExistent|NotExist|Denied|Authorization|KMS|Kms")
"""In the codes of what no other batch would be spared: no such stream, queue, topic or key, or no permission."""


class EntryRefusal(NamedTuple):
    """What a service says of an entry that it did not take."""

    code: str
    message: str = ""
    is_fault_of_service: bool = False

    @property
    def passes(self) -> bool:
        """Whether the same entry may be taken later."""
        return self.is_fault_of_service or is_transient_code(self.code)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


_UNANSWERED: Final = EntryRefusal("NoAnswer", "the answer does not say whether it was taken", is_fault_of_service=True)

Put = Callable[[Sequence[Encoded]], Mapping[int, EntryRefusal]]
"""Sends entries; returns what the service says of each one that it refused, by its number in the request."""


def refusals_in_order(results: Sequence[Mapping[str, Any]], count: int) -> dict[int, EntryRefusal]:
    """Read the answer of Firehose and Kinesis: a result for each of `count` entries, in their order."""
    refused = {
        number: EntryRefusal(result["ErrorCode"], result.get("ErrorMessage") or "")
        for number, result in enumerate(results)
        if result.get("ErrorCode")
    }
    return refused | dict.fromkeys(range(len(results), count), _UNANSWERED)


def refusals_by_id(answer: Mapping[str, Any], count: int) -> dict[int, EntryRefusal]:
    """Read the answer of SQS and SNS: the entries that were taken and those that were not, by their Ids, which are the
    numbers from 0 to `count` - 1."""
    confirmed = {entry["Id"] for entry in answer.get("Successful", ())}
    refused = {number: _UNANSWERED for number in range(count) if str(number) not in confirmed}
    for entry in answer.get("Failed", ()):
        message, is_sender = entry.get("Message") or "", entry.get("SenderFault", True)
        refused[int(entry["Id"])] = EntryRefusal(entry["Code"], message, is_fault_of_service=not is_sender)
    return refused


def put_all(requests: Iterable[Sequence[Encoded]], put: Put, backoff: Backoff = PATIENCE) -> dict[Meta, BaseException]:
    """Send requests one after the other; of each, send again what is refused for the moment, and halves of what is too
    long. Returns what failed: for good, or with RetryLater; that also for all that is left where the service does not
    answer. Raises what else the client raises for the first request. Once the service has answered, that is what the
    rest failed of, or those of its documents that it is about."""
    failed: dict[Meta, BaseException] = {}
    has_answered = False  # Then the outbox must not send all of it again.
    waiting = deque(list(request) for request in requests)
    end = backoff.end()  # One for all requests: each of them could use up the time of the invocation.
    while waiting:
        entries, refused = waiting.popleft(), list[EntryRefusal]()
        try:
            for _ in backoff.attempts(end):
                entries, refused = _put_once(entries, put, failed)
                has_answered = True
                if not entries:
                    break
        except Exception as fault:
            if _is_unanswered(fault):
                return failed | {entry.meta: RetryLater(str(fault)) for entry in chain(entries, *waiting)}
            code = _code(fault)
            if _TOO_LONG not in code and not has_answered:
                raise
            if _IN_VAIN.search(code):
                return failed | {entry.meta: fault for entry in chain(entries, *waiting)}
            if len(entries) > 1:
                middle = len(entries) // 2
                waiting.extendleft((entries[middle:], entries[:middle]))
            else:
                failed[entries[0].meta] = EventFailed(str(fault))
            continue
        failed |= {entry.meta: RetryLater(str(each)) for entry, each in zip(entries, refused, strict=True)}
    return failed


def _put_once(
    entries: list[Encoded], put: Put, failed: dict[Meta, BaseException]
) -> tuple[list[Encoded], list[EntryRefusal]]:
    """Send a request; put what is refused for good into `failed`. Returns what may be taken later, and what is said of
    it."""
    refused = put(entries)
    later = {number: refusal for number, refusal in sorted(refused.items()) if refusal.passes}
    failed |= {
        entries[number].meta: EventFailed(str(refusal)) for number, refusal in refused.items() if number not in later
    }
    return [entries[number] for number in later], list(later.values())


def _is_unanswered(fault: BaseException) -> bool:
    from botocore.parsers import ResponseParserError

    # botocore decodes a body of JSON before it looks whether it is one.
    return is_transient(fault) or isinstance(fault, ResponseParserError | UnicodeDecodeError)


def _code(fault: BaseException) -> str:
    response: Any = getattr(fault, "response", None)  # Of botocore's ClientError.
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, Mapping) else ""


@contextmanager
def explain_refusals(sink: Sink) -> Iterator[None]:
    """Raise SlipsError, with what to look at, where AWS knows no such destination, or no permission for it."""
    from botocore.exceptions import ClientError

    try:
        yield
    except ClientError as fault:
        if not _IN_VAIN.search(_code(fault)):
            raise
        actions = " and ".join(action for statement in sink.statements() for action in statement["Action"])
        raise SlipsError(
            f"{sink.kind} {sink.destination}: {fault}; it must exist in the region of the functions, and their role "
            f"must be allowed {actions}, and the use of its key if it is encrypted"
        ) from fault
