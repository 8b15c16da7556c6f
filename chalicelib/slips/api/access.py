"""Who may ask: `iam` (API Gateway checks the signature), `token` (a bearer token), `none` (on the loopback alone)."""

from __future__ import annotations

import hashlib
import hmac
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from chalice.app import ForbiddenError, IAMAuthorizer, UnauthorizedError

from ..config.settings import Config
from ..errors import ConfigError

KEPT_SECONDS = 300.0
"""How long the token's hash is kept before SSM is asked again, so that a changed token takes effect."""

RETRY_SECONDS = 5.0
"""After a token that is wrong by what was kept, SSM is asked again so soon: the token may be new. No sooner, so that
guessing costs a request in five seconds."""

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
"""The names of this machine as a browser writes them into `Host`."""

Fetch = Callable[[], str]


def token_parameter(config: Config) -> str:
    """The SSM parameter that holds the SHA-256 of the token, in hex."""
    return f"/{config.stack_name}/api-token-sha256"


class ApiAccess:
    """Refuses whoever may not ask. `fetch` gives the hash of the token, empty where none is configured."""

    def __init__(self, config: Config, fetch: Fetch, clock: Callable[[], float] = time.monotonic) -> None:
        self._is_deployed = "AWS_LAMBDA_FUNCTION_NAME" in os.environ
        if config.api_auth == "none" and self._is_deployed:
            raise ConfigError(["api.auth: none is for the loopback alone; deployed it must be iam or token"])
        self.authorizer = IAMAuthorizer() if config.api_auth == "iam" else None
        self._needs_token = config.api_auth == "token"
        self._fetch = fetch
        self._clock = clock
        self._hash = ""
        self._fetched_at = float("-inf")

    def check(self, headers: Mapping[str, str]) -> None:
        """Raise UnauthorizedError or ForbiddenError unless the request may pass."""
        if not self._needs_token:
            if not self._is_deployed:
                _check_local(headers)
            return
        scheme, _, token = headers.get("authorization", "").partition(" ")
        digest = hashlib.sha256(token.strip().encode("utf-8", "surrogatepass")).hexdigest()
        may_pass = scheme.lower() == "bearer" and bool(token.strip())
        if not may_pass or not (self._matches(digest, KEPT_SECONDS) or self._matches(digest, RETRY_SECONDS)):
            raise UnauthorizedError("send the header `Authorization: Bearer TOKEN` with the deployment's token")

    def _matches(self, digest: str, seconds: float) -> bool:
        expected = self._expected(seconds)
        # compare_digest takes the same time wherever the first difference stands.
        return hmac.compare_digest(digest.encode(), expected.encode()) and bool(expected)

    def _expected(self, seconds: float) -> str:
        if self._clock() - self._fetched_at > seconds:
            self._hash = self._fetch().strip().lower()
            self._fetched_at = self._clock()
        return self._hash


def _check_local(headers: Mapping[str, str]) -> None:
    """On this machine nobody is asked for credentials. So a page of elsewhere, open in the same browser, must not get
    through: neither by a name of its own that leads to 127.0.0.1 (`Host` tells), nor by a request of its own making
    (`Origin` tells)."""
    host = headers.get("host", LOOPBACK[0])
    origin = headers.get("origin")
    if _name(host) not in LOOPBACK or (origin is not None and origin.partition("://")[2] != host):
        raise ForbiddenError("without credentials, the API answers this machine alone: ask http://127.0.0.1:PORT")


def _name(host: str) -> str:
    """Without the port."""
    return host if host.endswith("]") else host.rpartition(":")[0] or host


def from_ssm(config: Config, client: Callable[[str], Any]) -> Fetch:
    """The hash from SSM; empty, so that everybody is refused, where there is no such parameter."""

    def fetch() -> str:
        ssm = client("ssm")
        try:
            answer = ssm.get_parameter(Name=token_parameter(config), WithDecryption=True)
        except ssm.exceptions.ParameterNotFound:
            return ""
        return str(answer["Parameter"]["Value"])

    return fetch
