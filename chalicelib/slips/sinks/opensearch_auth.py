"""Who writes to OpenSearch: a user, an API key, or a role of AWS (Signature Version 4)."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import urlsplit

from . import secrets
from .http_answers import HttpRefused
from .http_client import Headers, Sign

_ENDPOINT: Final = re.compile(
    r"(?P<name>[^.]+)\.(?:(?P<region>[a-z0-9-]+)\.(?P<service>es|aoss)\.amazonaws\.com(?:\.cn)?"
    r"|(?P<dual>aos|aoss)\.(?P<dual_region>[a-z0-9-]+)\.on\.aws)"
)
"""Hosts of domains and collections (Amazon OpenSearch Service, Developer Guide)."""


class OpenSearchAuth(NamedTuple):
    """What HttpClient adds to requests, what IAM must allow, and what to do where a request is not allowed."""

    advice: str
    headers: Headers | None = None
    key: str = ""
    sign: Sign | None = None
    statements: Sequence[dict[str, Any]] = ()


def make_auth(url: str, auth: Literal["aws"] | tuple[str, str] | None, api_key: str, region: str) -> OpenSearchAuth:
    """Read the arguments of OpenSearch; `url` is that of its requests. Raises ValueError, which shows no secret."""
    if auth is not None and api_key:
        raise ValueError("OpenSearch takes auth= or api_key=, not both")
    if api_key:
        return OpenSearchAuth("check the key of api_key=", headers={"Authorization": f"ApiKey {api_key}"})
    if auth == "aws":
        role = AwsRole(url, region)
        return OpenSearchAuth(role.advice, sign=role.sign, statements=role.statements())
    if auth is None:
        return OpenSearchAuth("give auth= or api_key=")
    if isinstance(auth, tuple) and len(auth) == 2 and all(isinstance(part, str) and part for part in auth):
        return OpenSearchAuth("check the user and the secret of auth=", key=auth[1], sign=_sign_as(auth[0]))
    raise ValueError('auth of OpenSearch is "aws" or ("user", "ssm:/name")')  # Without what it is: a secret.


def _sign_as(user: str) -> Sign:
    def sign(password: str, _: bytes) -> Headers:
        value = b64encode(f"{user}:{password}".encode()).decode()
        secrets.register(value)
        return {"Authorization": f"Basic {value}"}

    return sign


class AwsRole:
    """The role of the Lambda function, for a domain or a collection (serverless)."""

    def __init__(self, url: str, region: str = "") -> None:
        endpoint = _ENDPOINT.fullmatch(urlsplit(url).hostname or "")
        parts: dict[str, Any] = endpoint.groupdict() if endpoint else {}
        self._url = url
        self._service = "aoss" if "aoss" in (parts.get("service"), parts.get("dual")) else "es"
        self._region = region or parts.get("region") or parts.get("dual_region") or ""
        self._name = str(parts.get("name", ""))
        self.advice = "allow the role of the function to write" + (
            ": aoss:APIAccessAll in IAM, and a data access policy of the collection"
            if self._service == "aoss"
            else ": es:ESHttpPost in IAM, and the domain's access policy or role mapping; a wrong region: give region="
        )

    @cached_property
    def _session(self) -> Any:
        import botocore.session

        return botocore.session.get_session()

    def sign(self, _: str, body: bytes) -> Headers:
        """Return the headers of Signature Version 4. Raises HttpRefused where this process has no credentials or no
        region."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        credentials = self._session.get_credentials()
        region = self._region or self._session.get_config_variable("region")
        if credentials is None or not region:
            lacking = "region: give region=" if credentials else "credentials: run in Lambda, or log in to AWS"
            raise HttpRefused(f"{self._url} cannot be signed for, because AWS gives no {lacking}")
        # Collections want the digest as a header, too.
        digest = {"X-Amz-Content-SHA256": hashlib.sha256(body).hexdigest()}
        request = AWSRequest("POST", self._url, headers=digest, data=body)
        SigV4Auth(credentials.get_frozen_credentials(), self._service, region).add_auth(request)
        return dict(request.headers.items())

    def statements(self) -> list[dict[str, Any]]:
        """Return what IAM must allow."""
        region = self._region or "*"
        if self._service == "aoss":
            arn, action = f"arn:*:aoss:{region}:*:collection/{self._name or '*'}", "aoss:APIAccessAll"
        else:
            domain = re.fullmatch(r"(?:search|vpc)-(.+)-[a-z0-9]+", self._name)
            arn, action = f"arn:*:es:{region}:*:domain/{domain[1] if domain else '*'}/_bulk", "es:ESHttpPost"
        return [{"Effect": "Allow", "Action": [action], "Resource": [arn]}]
