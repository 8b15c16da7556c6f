"""A service of AWS that answers as a test says, and the patience of a test."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from slips import aws
from slips.aws.retry import Backoff

from ..error_table import Time

Answer = dict[int, str] | Exception | None
"""The codes of those entries that are refused, by their numbers in the request; what the client raises; None: `{}`, an
answer that says nothing."""

SERVER = "server:"
"""Before a code: SQS and SNS say that it is not the sender's fault."""


def patience() -> Backoff:
    """Return a Backoff of ten seconds, which pass at once."""
    time = Time()
    return Backoff(patience=10, first=0.1, sleep=time.sleep, clock=time)


def refusal(code: str, status: int = 400) -> ClientError:
    """Return what a client raises where a whole request is refused."""
    response: Any = {
        "Error": {"Code": code, "Message": "as planned"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, "Call")


class ServiceOfTheTest:
    """A boto3 client: it answers with `answers`, one after the other, then it takes everything. `requests` are the
    entries that it was sent, `arguments` what else."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[list[dict[str, Any]]] = []
        self.arguments: list[dict[str, Any]] = []

    def _ask(self, entries: list[dict[str, Any]], arguments: dict[str, Any]) -> dict[int, str] | None:
        self.requests.append(entries)
        self.arguments.append(arguments)
        answer = self.answers.pop(0) if self.answers else {}
        if isinstance(answer, Exception):
            raise answer
        return answer

    def put_record_batch(self, *, Records: list[dict[str, Any]], **arguments: Any) -> dict[str, Any]:
        """Firehose."""
        return self._in_order("RequestResponses", Records, arguments)

    def put_records(self, *, Records: list[dict[str, Any]], **arguments: Any) -> dict[str, Any]:
        """Kinesis."""
        return self._in_order("Records", Records, arguments)

    def _in_order(self, field: str, entries: list[dict[str, Any]], arguments: dict[str, Any]) -> dict[str, Any]:
        refused = self._ask(entries, arguments)
        if refused is None:
            return {}
        results: list[dict[str, Any]] = [
            {"ErrorCode": refused[number], "ErrorMessage": "as planned"} if number in refused else {"RecordId": "r"}
            for number in range(len(entries))
        ]
        return {"FailedPutCount": len(refused), field: results}

    def get_queue_url(self, **arguments: Any) -> dict[str, Any]:
        """SQS."""
        self.arguments.append(arguments)
        return {"QueueUrl": "https://sqs.eu-central-1.amazonaws.com/123456789012/" + arguments["QueueName"]}

    def send_message_batch(self, *, Entries: list[dict[str, Any]], **arguments: Any) -> dict[str, Any]:
        """SQS."""
        return self._by_id(Entries, arguments)

    def publish_batch(self, *, PublishBatchRequestEntries: list[dict[str, Any]], **arguments: Any) -> dict[str, Any]:
        """SNS."""
        return self._by_id(PublishBatchRequestEntries, arguments)

    def _by_id(self, entries: list[dict[str, Any]], arguments: dict[str, Any]) -> dict[str, Any]:
        refused = self._ask(entries, arguments)
        if refused is None:
            return {}
        # In no order, as SQS may answer.
        return {
            "Successful": [{"Id": entry["Id"]} for entry in reversed(entries) if int(entry["Id"]) not in refused],
            "Failed": [
                {
                    "Id": entry["Id"],
                    "Code": refused[int(entry["Id"])].removeprefix(SERVER),
                    "Message": "as planned",
                    "SenderFault": not refused[int(entry["Id"])].startswith(SERVER),
                }
                for entry in reversed(entries)
                if int(entry["Id"]) in refused
            ],
        }


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> ServiceOfTheTest:
    """The one behind every client of AWS."""
    service = ServiceOfTheTest()
    monkeypatch.setattr(aws, "client", lambda name: service)
    return service
