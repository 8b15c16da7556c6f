"""GetObject, signed and sent by botocore's own parts, without the rest of what its client does for each call.

Of the CPU time of a small object, botocore's GetObject is the largest part, and half of that is spent on finding out
again how the bucket is called. decision: docs/decisions/0041-get-object-without-the-client.md
"""

from __future__ import annotations

import os
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

HEADERS: Final = {
    "IfMatch": "If-Match",
    "Range": "Range",
    "ExpectedBucketOwner": "x-amz-expected-bucket-owner",
    "RequestPayer": "x-amz-request-payer",
}
"""Parameters that become headers."""
ALWAYS: Final = ("User-Agent", "x-amz-checksum-mode")
"""Headers that botocore sends with every GetObject."""
SIGNATURES: Final = ("v4", "s3v4")
ELSEWHERE: Final = (301, 302, 303, 307, 308, 400)
"""Statuses by which S3 says, among others, that the bucket is in another region."""


class _Example(NamedTuple):
    """How botocore has called a bucket."""

    url: str
    """All before the key."""
    headers: dict[str, str]
    context: dict[str, Any]
    signer: Any
    signing: dict[str, str]


class ObjectRequests:
    """The GetObject requests of one client, each sent once.

    The client itself sends the first one for a bucket, and shows with it which endpoint, region and signature that
    bucket takes. It also sends all that are signed otherwise than by SigV4, and those that X-Ray is to see.
    """

    def __init__(self, client: S3Client) -> None:
        self._client: Any = client
        """What botocore has no types for is used, too: events, models, classes of exceptions."""
        self._examples: dict[str, _Example] = {}
        # The client's connections, with its timeouts, proxies and certificates. It has no public name for them.
        self._connections: Any = getattr(getattr(client, "_endpoint", None), "http_session", None)
        if self._connections is not None:
            client.meta.events.register_last("before-sign.s3.GetObject", self._learn)

    def get(self, **parameters: str) -> Any:
        """Return what the client's `get_object` returns: status, length, range, etag, time and body. Raises what it
        raises."""
        example = self._examples.get(parameters["Bucket"])
        if example is None or "Sampled=1" in os.environ.get("_X_AMZN_TRACE_ID", ""):
            return self._client.get_object(**parameters)
        response = self._send(example, parameters)
        if response.status_code in ELSEWHERE:
            response.content  # noqa: B018 - the connection is free when its answer is read
            self._examples.pop(parameters["Bucket"], None)
            return self._client.get_object(**parameters)
        if response.status_code >= 300:
            raise self._fault(response)
        return self._describe(response, example.context)

    def _learn(self, request: Any, signature_version: str, request_signer: Any, **others: Any) -> None:
        signing = request.context.get("signing", {})
        bucket, key = (request.context.get("input_params", {}).get(name) for name in ("Bucket", "Key"))
        url, path = request.url.partition("?")[0], _encode(key or "")
        if signature_version not in SIGNATURES or not (path and url.endswith(f"/{path}")):
            return
        if signing.keys() & {"request_credentials", "identity_cache"}:
            return
        self._examples[bucket] = _Example(
            url.removesuffix(path),
            {name: request.headers[name] for name in ALWAYS if name in request.headers},
            dict(request.context),
            request_signer,
            {
                "signing_name": signing.get("signing_name") or others["signing_name"],
                "region_name": signing.get("region") or others["region_name"],
                "signature_version": signature_version,
            },
        )

    def _send(self, example: _Example, parameters: dict[str, str]) -> Any:
        from botocore.awsrequest import AWSRequest

        version = parameters.get("VersionId", "")
        query = f"?versionId={quote(version, safe='')}" if version else ""
        request = AWSRequest(
            "GET",
            f"{example.url}{_encode(parameters['Key'])}{query}",
            example.headers | {HEADERS[name]: value for name, value in parameters.items() if name in HEADERS},
            stream_output=True,
        )
        request.context.update(example.context)
        # Made anew each time: its credentials may have been refreshed.
        example.signer.get_auth_instance(**example.signing).add_auth(request)
        prepared = request.prepare()
        # What tests put in place of AWS answers here.
        _, answered = self._client.meta.events.emit_until_response("before-send.s3.GetObject", request=prepared)
        return self._connections.send(prepared) if answered is None else answered

    def _describe(self, response: Any, context: dict[str, Any]) -> dict[str, Any]:
        from botocore.httpchecksum import handle_checksum_body
        from botocore.response import StreamingBody

        headers: Any = response.headers
        length, written = headers.get("content-length"), headers.get("last-modified")
        answer = {
            "headers": headers, "status_code": response.status_code, "context": {},
            "body": StreamingBody(response.raw, length),
        }  # fmt: skip
        operation = self._client.meta.service_model.operation_model("GetObject")
        handle_checksum_body(response, answer, context, operation)
        return {
            "ResponseMetadata": {"HTTPStatusCode": response.status_code},
            "Body": answer["body"],
            "ContentLength": None if length is None else int(length),
            "ContentRange": headers.get("content-range"),
            "ETag": headers.get("etag"),
            "LastModified": _date(written),
        }

    def _fault(self, response: Any) -> Any:
        from botocore.parsers import create_parser

        answer = {"headers": response.headers, "status_code": response.status_code, "body": response.content}
        shape: Any = self._client.meta.service_model.operation_model("GetObject").output_shape
        parsed = create_parser("rest-xml").parse(answer, shape)
        return self._client.exceptions.from_code(parsed["Error"]["Code"])(parsed, "GetObject")


def _date(header: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(header) if header else None
    except ValueError:
        return None


def _encode(key: str) -> str:
    """Return the key as botocore writes it into a URL."""
    return quote(key, safe="/~")
