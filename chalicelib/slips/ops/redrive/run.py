"""The redrive queue, read to its end. A message is deleted when its function returned: `dispatch` does so when every
object is in a lane or in the ErrorTable, `report` when every error item is. So each call is synchronous, and one that
fails leaves its messages in the queue."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from ... import aws
from ...dispatch.redrive_messages import parse_message
from ..aws_errors import describe_error, explain_aws_errors
from .receivers import Receivers

WORKERS = 8
BATCH = 10
"""Messages in a request (Amazon SQS API, ReceiveMessage), and in an invocation."""
HIDDEN_SECONDS = 300
"""A message that is being sent is not seen by another call for so long; after a kill it comes back then."""
WAIT_SECONDS = 1
"""A request that waits asks all servers of SQS: without, it may find nothing though there is something."""
LOOKED_AT = 1000
"""The messages that a dry run reads; no queue may hide more than 120,000."""

Show = Callable[[int, int | None], None]
"""Takes how many are done, and how many there are in all."""


class RedriveReport(msgspec.Struct, kw_only=True):
    """The messages by what became of them; those that were not sent stay in the queue."""

    dry_run: bool
    sent: dict[str, int] = {}
    """By the name of the function; in a dry run, those that would be sent."""
    failed: dict[str, int] = {}
    """By what the function, or AWS, said."""
    not_understood: dict[str, int] = {}
    """By the beginning of the message, or by what is missing."""
    remaining: int = 0
    """About; of a dry run, all that are in the queue."""


class _Message(msgspec.Struct):
    id: str
    receipt: str
    calls: dict[str, list[Any]]
    """By the ARN of the function: the records that it gets."""
    problem: str = ""
    """Why it is not understood."""
    failure: str = ""


class Redrive:
    """A call of the command, on the queue of that name."""

    def __init__(self, queue: dict[str, str], receivers: Receivers) -> None:
        """`queue` are the attributes of the queue, and its URL as `QueueUrl`."""
        self._url = queue["QueueUrl"]
        self._receivers = receivers
        self._stay: dict[str, _Message] = {}
        """What is not sent, by its id: a long run gets it again."""
        self.sent: Counter[str] = Counter()

    def run(self, depth: int, show: Show) -> RedriveReport:
        """Send everything, `depth` messages about, round by round; stop where a round sends nothing. Raises
        DeploymentError."""
        try:
            with ThreadPoolExecutor(WORKERS) as pool:
                while messages := [message for part in pool.map(self._work, range(WORKERS)) for message in part]:
                    before = self.sent.total()
                    self._count(messages)
                    show(self.sent.total(), max(depth, self.sent.total()))
                    if self.sent.total() == before and any(message.failure for message in messages):
                        break  # The functions are as broken as before.
        finally:
            self._release(self._stay.values())
        return self._report(dry_run=False)

    def look(self) -> RedriveReport:
        """Read some messages, and say what a run would do with them. Raises DeploymentError."""
        messages: dict[str, _Message] = {}
        try:
            while len(messages) < LOOKED_AT and (batch := self._receive()):
                messages |= {message.id: message for message in batch}
        finally:
            self._release(messages.values())
        self._count(messages.values())
        return self._report(dry_run=True)

    def _count(self, messages: Iterable[_Message]) -> None:
        for message in messages:
            if message.id in self._stay:
                self._stay[message.id].receipt = message.receipt
            elif message.problem or message.failure:
                self._stay[message.id] = message
            else:
                self.sent.update({next(iter(message.calls)).rpartition(":function:")[2]: 1})

    def _report(self, *, dry_run: bool) -> RedriveReport:
        stay = self._stay.values()
        return RedriveReport(
            dry_run=dry_run,
            sent=dict(self.sent),
            failed=dict(Counter(message.failure for message in stay if message.failure)),
            not_understood=dict(Counter(message.problem for message in stay if message.problem)),
        )

    def _work(self, _: int) -> list[_Message]:
        messages = self._receive()
        to_send = [message for message in messages if not message.problem and message.id not in self._stay]
        for function in dict.fromkeys(function for message in to_send for function in message.calls):
            self._send(function, [message for message in to_send if function in message.calls])
        self._delete([message for message in to_send if not message.failure])
        return messages

    def _receive(self) -> list[_Message]:
        with explain_aws_errors(f"the queue {self._url}"):
            response = aws.client("sqs").receive_message(
                QueueUrl=self._url, MaxNumberOfMessages=BATCH, VisibilityTimeout=HIDDEN_SECONDS,
                WaitTimeSeconds=WAIT_SECONDS,
            )  # fmt: skip
        return [self._read(message) for message in response.get("Messages", ())]

    def _read(self, message: Any) -> _Message:
        read = _Message(message["MessageId"], message["ReceiptHandle"], {})
        records = parse_message(message["Body"])
        if not records:
            read.problem = f"not a message of SNS or Lambda: {message['Body'][:100]}"
        for record in records:
            function = self._receivers.find(record)
            if not function:
                read.problem = f"no function of this stack is subscribed to {record.topic}"
            read.calls.setdefault(function, []).append(record.record)
        return read

    def _send(self, function: str, messages: list[_Message]) -> None:
        """Send the messages together; where that fails, one by one: one of them may be the reason."""
        failure = _invoke(function, [record for message in messages for record in message.calls[function]])
        if failure and len(messages) > 1:
            for message in messages:
                self._send(function, [message])
        elif failure:
            messages[0].failure = failure

    def _delete(self, messages: list[_Message]) -> None:
        if messages:
            entries = [{"Id": str(at), "ReceiptHandle": message.receipt} for at, message in enumerate(messages)]
            with explain_aws_errors(f"the queue {self._url}"):
                aws.client("sqs").delete_message_batch(QueueUrl=self._url, Entries=entries)

    def _release(self, messages: Iterable[_Message]) -> None:
        """Let the next call have them at once. What is not released comes back by itself."""
        entries = [
            {"Id": str(at), "ReceiptHandle": message.receipt, "VisibilityTimeout": 0}
            for at, message in enumerate(messages)
        ]
        with explain_aws_errors(f"the queue {self._url}"):
            for first in range(0, len(entries), BATCH):
                part = entries[first : first + BATCH]
                aws.client("sqs").change_message_visibility_batch(QueueUrl=self._url, Entries=part)


def _invoke(function: str, records: list[Any]) -> str:
    """Call the function, and return why it failed; empty where it did not."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        response = aws.client("lambda").invoke(FunctionName=function, Payload=json.dumps({"Records": records}))
    except (BotoCoreError, ClientError) as error:
        return describe_error(error)
    if "FunctionError" not in response:
        return ""
    fault = json.loads(response["Payload"].read())
    return f"{function.rpartition(':')[2]}: {fault.get('errorType', '')}: {fault.get('errorMessage', '')}"
