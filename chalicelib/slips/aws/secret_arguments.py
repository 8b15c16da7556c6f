"""The secrets that `handler.args` of slips.yml names.

`ssm:/path` is a parameter of the Systems Manager, `secretsmanager:name#key` a key of a secret's JSON (without `#key`:
the whole secret). They are fetched once, at the first invocation of a function that needs them, and never logged.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ..errors import ConfigError

SSM = "ssm:"
SECRETS_MANAGER = "secretsmanager:"


class Clients(Protocol):
    """A function from a service's name to its boto3 client."""

    def __call__(self, name: str) -> Any: ...


def resolve_secrets(args: Mapping[str, Any], client: Clients) -> tuple[dict[str, Any], list[str]]:
    """Put every secret in its place, also inside lists and mappings; return the arguments, and the secrets to mask.

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
            secret = _fetch_as_text(path, value, lambda: self._fetch(value))
            self.secrets += [secret, *_inner(secret)]
            return secret
        return value

    def _fetch(self, name: str) -> Any:
        if name.startswith(SSM):
            return _parameter(name.removeprefix(SSM), self._client("ssm"))
        return _secret(name.removeprefix(SECRETS_MANAGER), self._client("secretsmanager"))


def _inner(secret: str) -> list[str]:
    """The values of a secret that is a JSON object: each of them is a secret."""
    try:
        document = json.loads(secret)
    except ValueError:
        return []
    return [value for value in document.values() if isinstance(value, str)] if isinstance(document, dict) else []


def _fetch_as_text(path: str, value: str, fetch: Callable[[], Any]) -> str:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return str(fetch())
    except (BotoCoreError, ClientError, ValueError, KeyError) as fault:
        raise ConfigError([f"{path}: {value} cannot be fetched: {type(fault).__name__}: {fault}"]) from None


def _parameter(name: str, ssm: Any) -> Any:
    return ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]


def _secret(name: str, manager: Any) -> Any:
    secret, _, key = name.partition("#")
    text = manager.get_secret_value(SecretId=secret)["SecretString"]
    if not key:
        return text
    try:
        return json.loads(text)[key]
    except (ValueError, TypeError):
        # The decoder's own message would show the secret.
        raise ValueError(f'the secret is not a JSON object with the key "{key}"') from None
