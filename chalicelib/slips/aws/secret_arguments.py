"""The secrets that `handler.args` of slips.yml names.

`ssm:/path` is a parameter of the Systems Manager, `secretsmanager:name#key` a key of a secret's JSON (without `#key`:
the whole secret). They are fetched by the first invocation of a function that needs them, and again when they are old
or a destination has refused them (docs/decisions/0008). They are never logged.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol

from ..errors import ConfigError

SSM = "ssm:"
SECRETS_MANAGER = "secretsmanager:"
PAUSE_SECONDS: Final = 30.0
"""The least time between two fetches. A function whose credentials are wrong for good must not use up the requests a
second that SSM gives to the whole account."""

log = logging.getLogger("slips")


class Clients(Protocol):
    """A function from a service's name to its boto3 client."""

    def __call__(self, name: str) -> Any: ...


class SecretArguments:
    """`handler.args` with its secrets in place, which are fetched again after `max_age` seconds.

    `mask` gets every secret before anybody else does. `clock` is in seconds.
    """

    def __init__(
        self,
        args: Mapping[str, Any],
        max_age: float,
        client: Clients,
        mask: Callable[[Iterable[str]], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._references = args
        self._max_age = max_age
        self._client = client
        self._mask = mask
        self._clock = clock
        self._args: dict[str, Any] | None = None
        self._secrets: list[str] = []
        self._is_expired = False
        self._fetched_at = self._tried_at = float("-inf")

    def get(self) -> Mapping[str, Any]:
        """Return the arguments as they are now, or as they were when they could last be fetched. Raises ConfigError
        where that was never possible."""
        if self._args is None:
            self._args = self._fetch()
        elif self._secrets and self._is_due():
            try:
                self._args = self._fetch()
            except ConfigError as fault:
                log.warning("%s; the value fetched before is used, and may be out of date", fault)
        return self._args

    def expire(self) -> None:
        """Fetch the secrets again when they are next needed: something refused them."""
        self._is_expired = True

    def _is_due(self) -> bool:
        now = self._clock()
        is_old = self._is_expired or now - self._fetched_at >= self._max_age
        return is_old and now - self._tried_at >= PAUSE_SECONDS

    def _fetch(self) -> dict[str, Any]:
        self._tried_at = self._clock()
        args, secrets = resolve_secrets(self._references, self._client)
        if secrets != self._secrets:
            self._mask(secrets)
        self._secrets = secrets
        self._fetched_at = self._tried_at
        self._is_expired = False
        return args


def resolve_secrets(args: Mapping[str, Any], client: Clients) -> tuple[dict[str, Any], list[str]]:
    """Put every secret in its place, also inside lists and mappings; return the arguments, and the secrets to mask,
    whole.

    Raises ConfigError, naming the argument but never a value, where one cannot be fetched.
    """
    resolver = _Resolver(client)
    resolved_args = {name: resolver.value(f"handler.args.{name}", value) for name, value in args.items()}
    return resolved_args, resolver.secrets


class _Resolver:
    """A walk through values that puts secrets in place and remembers them."""

    def __init__(self, client: Clients) -> None:
        self.secrets: list[str] = []
        self._client = client

    def value(self, path: str, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: self.value(f"{path}.{name}", inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.value(f"{path}[{number}]", inner) for number, inner in enumerate(value)]
        if isinstance(value, str) and value.startswith((SSM, SECRETS_MANAGER)):
            secret, *parts = _fetch(path, value, self._client)
            self.secrets += [secret, *parts]
            return secret
        return value


def _fetch(path: str, value: str, client: Clients) -> list[str]:
    """Return the secret as text, and the parts that functions may take from it, where its text does not show them."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        if value.startswith(SSM):
            return _parameter(value.removeprefix(SSM), client("ssm"))
        return _secret(value.removeprefix(SECRETS_MANAGER), client("secretsmanager"))
    except (BotoCoreError, ClientError, ValueError, KeyError) as fault:
        raise ConfigError([f"{path}: {value} cannot be fetched: {type(fault).__name__}: {fault}"]) from None


def _parameter(name: str, ssm: Any) -> list[str]:
    parameter = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    value = str(parameter["Value"])
    return [value, *(value.split(",") if parameter.get("Type") == "StringList" else ())]


def _secret(name: str, manager: Any) -> list[str]:
    secret, _, key = name.partition("#")
    text = str(manager.get_secret_value(SecretId=secret)["SecretString"])
    if not key:
        return [text]
    try:
        value = json.loads(text)[key]
        return [value] if isinstance(value, str) else [str(value), json.dumps(value)]
    except (ValueError, TypeError):
        # The decoder's own message would show the secret.
        raise ValueError(f'the secret is not a JSON object with the key "{key}"') from None
