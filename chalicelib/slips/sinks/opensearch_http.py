"""Requests to OpenSearch: kept connections, gzip, and credentials (a user, an API key, or AWS's Signature 4)."""

from __future__ import annotations

import hashlib
import re
import ssl
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .. import aws
from ..aws.retry import is_transient
from ..aws.secret_arguments import SecretArguments
from ..errors import ConfigError, RetryLater, SlipsError

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

CONNECTIONS: Final = 64
"""Kept by a sink: as many batches may be under way."""
MOST_ANSWER_BYTES: Final = 64 * 1024 * 1024
SECRET_SECONDS: Final = 600.0
_ENDPOINT: Final = re.compile(
    r"(?P<name>[^.]+)\.(?:(?P<region>[a-z0-9-]+)\.(?P<service>es|aoss)\.amazonaws\.com(?:\.cn)?"
    r"|(?P<dual>aos|aoss)\.(?P<dual_region>[a-z0-9-]+)\.on\.aws)"
)
"""Hosts of domains and collections (Amazon OpenSearch Service, Developer Guide)."""


class OpenSearchRefused(SlipsError):
    """OpenSearch refuses all of a request; `status` is that of its answer."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


class BulkAnswer(NamedTuple):
    """An HTTP response."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Credentials:
    """What a request is allowed by: here, nothing."""

    advice = "give auth= or api_key="

    def sign(self, url: str, body: bytes) -> dict[str, str]:  # noqa: ARG002 - some sign them
        """Return the headers that say who asks."""
        return {}

    def renew(self) -> bool:
        """Fetch them again, after the destination refused them. Returns whether they have changed."""
        return False


class Secret:
    """A text, or the reference to one: `ssm:/name`, `secretsmanager:name#key`."""

    def __init__(self, value: str, clock: Callable[[], float] = time.monotonic) -> None:
        arguments = {"secret": value}
        self._arguments = SecretArguments(arguments, SECRET_SECONDS, aws.client, mask=lambda _: None, clock=clock)

    def read(self) -> str:
        """Return the secret. Raises RetryLater where AWS does not give it now, ConfigError where it never will."""
        try:
            return str(self._arguments.get()["secret"])
        except ConfigError as fault:
            text = str(fault).removeprefix("handler.args.")
            if fault.__context__ is not None and is_transient(fault.__context__):
                raise RetryLater(text) from None
            raise ConfigError([text]) from None

    def renew(self) -> bool:
        """Fetch it again. Returns whether it has changed."""
        before = self.read()
        self._arguments.expire()
        return self.read() != before


class HeaderCredentials(Credentials):
    """A user and a password, or an API key, in one header."""

    advice = "check the user and the secret of auth=, or the key of api_key="

    def __init__(self, scheme: str, secret: str, user: str | None = None) -> None:
        self._scheme = scheme
        self._secret = Secret(secret)
        self._user = user

    def sign(self, url: str, body: bytes) -> dict[str, str]:  # noqa: ARG002 - the base's
        """See `Credentials.sign`. Raises OpenSearchRefused for a key that no header can hold."""
        secret = self._secret.read().strip("\r\n")
        text = secret if self._user is None else b64encode(f"{self._user}:{secret}".encode()).decode()
        if not (text.isascii() and text.isprintable()):
            # The HTTP client would say so, too, with the key in its message.
            raise OpenSearchRefused(f"{url} cannot be asked: the value of api_key= is not an API key")
        return {"Authorization": f"{self._scheme} {text}"}

    def renew(self) -> bool:
        """See `Credentials.renew`."""
        return self._secret.renew()


class AwsCredentials(Credentials):
    """The role of the Lambda function: AWS's Signature Version 4, for a domain or a collection (serverless)."""

    def __init__(self, host: str, region: str = "") -> None:
        endpoint = _ENDPOINT.fullmatch(host)
        parts: dict[str, Any] = endpoint.groupdict() if endpoint else {}
        self.service = "aoss" if "aoss" in (parts.get("service"), parts.get("dual")) else "es"
        self.region = region or parts.get("region") or parts.get("dual_region") or ""
        self._name = str(parts.get("name", ""))
        self.advice = "allow the role of the function to write" + (
            ": aoss:APIAccessAll in IAM, and a data access policy of the collection"
            if self.service == "aoss"
            else ": es:ESHttpPost in IAM, and the domain's access policy or role mapping; a wrong region: give region="
        )

    @cached_property
    def _session(self) -> Any:
        import boto3

        return boto3.session.Session()

    def sign(self, url: str, body: bytes) -> dict[str, str]:
        """See `Credentials.sign`. Raises OpenSearchRefused where this process has no credentials or no region."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        credentials = self._session.get_credentials()
        region = self.region or self._session.region_name
        if credentials is None or not region:
            lacking = "region: give region=" if credentials else "credentials: run in Lambda, or log in to AWS"
            raise OpenSearchRefused(f"{url} cannot be asked, since AWS gives no {lacking}")
        # Collections want the digest as a header, too.
        digest = {"X-Amz-Content-SHA256": hashlib.sha256(body).hexdigest()}
        request = AWSRequest("POST", url, headers=digest, data=body)
        SigV4Auth(credentials.get_frozen_credentials(), self.service, region).add_auth(request)
        return dict(request.headers.items())

    def statements(self) -> list[dict[str, Any]]:
        """Return what IAM must allow."""
        region = self.region or "*"
        if self.service == "aoss":
            arn, action = f"arn:*:aoss:{region}:*:collection/{self._name or '*'}", "aoss:APIAccessAll"
        else:
            domain = re.fullmatch(r"(?:search|vpc)-(.+)-[a-z0-9]+", self._name)
            arn, action = f"arn:*:es:{region}:*:domain/{domain[1] if domain else '*'}/_bulk", "es:ESHttpPost"
        return [{"Effect": "Allow", "Action": [action], "Resource": [arn]}]


class BulkConnection:
    """Sends bulk requests to one URL, from any thread."""

    def __init__(
        self, url: str, credentials: Credentials, *, compress: bool, connect_seconds: float, answer_seconds: float,
        ca_file: str,
    ) -> None:  # fmt: skip
        self.url = url
        self.credentials = credentials
        self._compress = compress
        self._seconds = connect_seconds, answer_seconds
        self._ca_file = ca_file

    @cached_property
    def _pool(self) -> Any:
        from urllib3 import PoolManager

        return PoolManager(maxsize=CONNECTIONS, ca_certs=self._ca_file or None)

    def post(self, body: bytes) -> BulkAnswer:
        """Send a request once, or once more with credentials that were fetched again. Raises ConnectionError where
        there is no whole answer, OpenSearchRefused where the other side cannot be trusted."""
        data, headers = body, {"Content-Type": "application/x-ndjson", "Accept": "application/json"}
        if self._compress:
            from isal import igzip

            data = igzip.compress(body, 1, mtime=0)
            headers["Content-Encoding"] = "gzip"
        answer = self._ask(data, headers)
        if answer.status in (401, 403) and self.credentials.renew():
            answer = self._ask(data, headers)
        return answer

    def _ask(self, data: bytes, headers: dict[str, str]) -> BulkAnswer:
        from urllib3 import Timeout
        from urllib3.exceptions import HTTPError

        headers = headers | self.credentials.sign(self.url, data)
        timeout = Timeout(connect=self._seconds[0], read=self._seconds[1])
        try:
            response = self._pool.urlopen(
                "POST", self.url, body=data, headers=headers, timeout=timeout, retries=False, redirect=False,
                preload_content=False,
            )  # fmt: skip
            return BulkAnswer(response.status, response.headers, _read(response))
        except HTTPError as fault:
            cause = fault.args[0] if fault.args else None
            if isinstance(cause, ssl.SSLCertVerificationError):
                text = f"{self.url} has a certificate that cannot be verified ({cause.verify_message})"
                raise OpenSearchRefused(f"{text}: name the file of its authority in ca_file=") from None
            raise ConnectionError(f"{self.url} does not answer: {fault}") from fault


def _read(response: BaseHTTPResponse) -> bytes:
    """The body; the connection is then kept, unless the answer is longer than any can be."""
    body = response.read(MOST_ANSWER_BYTES)
    if response.read(1):
        response.close()
        raise ConnectionError(f"the answer has more than {MOST_ANSWER_BYTES:,} bytes")
    response.release_conn()
    return body
