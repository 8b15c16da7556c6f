"""Who may call the API: `iam` (API Gateway checks the signature), `token` (a bearer token), `none` (this machine)."""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from chalice.app import ForbiddenError, IAMAuthorizer, UnauthorizedError

from ..config.settings import Config
from ..errors import ConfigError, StoreError
from .loopback import Headers, is_from_other_site, is_own_host
from .responses import ServiceUnavailableError

CACHE_SECONDS = 300.0
"""How long the token's hash is cached before it is read from SSM again, so that a changed token takes effect."""

RETRY_SECONDS = 30.0
"""How soon the hash is read again after a wrong token, which may be new, or after a read that failed. No sooner: each
process of a flood of wrong tokens asks SSM once in this time, and the whole account has 40 requests a second (AWS
Systems Manager, "Service quotas")."""

HOLD_SECONDS = 3600.0
"""How long the hash that was read last is used while SSM does not answer."""

Fetch = Callable[[], str]

log = logging.getLogger("slips")


def token_parameter(config: Config) -> str:
    """Name the SSM parameter that holds the SHA-256 of the token, in hex."""
    return f"/{config.stack_name}/api-token-sha256"


class ApiAccess:
    """A check of each request's credentials. `fetch` returns the hash of the token, empty if none is set; it raises
    StoreError where that cannot be read."""

    def __init__(self, config: Config, fetch: Fetch, clock: Callable[[], float] = time.monotonic) -> None:
        self._is_deployed = "AWS_LAMBDA_FUNCTION_NAME" in os.environ
        if config.api_auth == "none" and self._is_deployed:
            raise ConfigError(["api.auth: none is only for the loopback; write iam or token to deploy"])
        self.authorizer = IAMAuthorizer() if config.api_auth == "iam" else None
        self._needs_token = config.api_auth == "token"
        self._fetch = fetch
        self._clock = clock
        self._hash = ""
        self._fetched_at = self._tried_at = float("-inf")

    def check(self, headers: Mapping[str, str]) -> None:
        """Raise UnauthorizedError or ForbiddenError unless the request may pass, and ServiceUnavailableError where that
        cannot be told."""
        if not self._needs_token:
            if not self._is_deployed:
                _check_local(headers)
            return
        scheme, _, token = headers.get("authorization", "").partition(" ")
        digest = hashlib.sha256(token.strip().encode("utf-8", "surrogatepass")).hexdigest()
        may_pass = scheme.lower() == "bearer" and bool(token.strip())
        if not may_pass or not (self._matches(digest, CACHE_SECONDS) or self._matches(digest, RETRY_SECONDS)):
            raise UnauthorizedError("send the header `Authorization: Bearer TOKEN` with the deployment's token")

    def _matches(self, digest: str, seconds: float) -> bool:
        expected = self._expected(seconds)
        # compare_digest takes the same time wherever the first difference is.
        return hmac.compare_digest(digest.encode(), expected.encode()) and bool(expected)

    def _expected(self, seconds: float) -> str:
        now = self._clock()
        if now - self._fetched_at > seconds and now - self._tried_at > RETRY_SECONDS:
            self._tried_at = now
            try:
                self._hash = self._fetch().strip().lower()
                self._fetched_at = now
            except StoreError as fault:
                log.error("%s", fault)
        if now - self._fetched_at > HOLD_SECONDS:
            raise ServiceUnavailableError(
                "SLIPS cannot check the token, because SSM does not answer; try again in a minute"
            )
        return self._hash


def _check_local(headers: Headers) -> None:
    """Refuse requests of other sites' pages, since no credentials are needed on this machine."""
    host = headers.get("host")
    if (host is not None and not is_own_host(host)) or is_from_other_site(headers):
        raise ForbiddenError("without credentials, the API answers only this machine: use http://127.0.0.1:PORT")


def hash_from_ssm(config: Config, client: Callable[[str], Any]) -> Fetch:
    """Make a function that reads the hash from SSM; without the parameter it is empty, and everybody is refused. It
    raises StoreError where SSM does not answer."""

    def fetch() -> str:
        from botocore.exceptions import BotoCoreError, ClientError

        ssm = client("ssm")
        try:
            response = ssm.get_parameter(Name=token_parameter(config), WithDecryption=True)
        except ssm.exceptions.ParameterNotFound:
            return ""
        except (BotoCoreError, ClientError) as fault:
            raise StoreError(f"parameter {token_parameter(config)}: {type(fault).__name__}: {fault}") from fault
        return str(response["Parameter"]["Value"])

    return fetch
