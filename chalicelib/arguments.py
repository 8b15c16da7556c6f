"""`handler.args` of slips.yml, with the secrets it names fetched.

`ssm:/path` is a parameter of the Systems Manager, `secretsmanager:name#key` a key of a secret's JSON (without `#key`:
the whole secret). They are fetched once, at the first invocation of a function that asks, and never logged.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from .errors import ConfigError

SSM = "ssm:"
SECRETS_MANAGER = "secretsmanager:"


class Clients(Protocol):
    """From a service's name to its boto3 client."""

    def __call__(self, name: str) -> Any: ...


def resolved(args: Mapping[str, Any], client: Clients) -> dict[str, Any]:
    """The arguments with every secret in place, also those inside lists and mappings.

    Raises ConfigError, naming the argument but never a value, where one cannot be fetched.
    """
    return {name: _value(f"handler.args.{name}", value, client) for name, value in args.items()}


def _value(path: str, value: Any, client: Clients) -> Any:
    if isinstance(value, Mapping):
        return {name: _value(f"{path}.{name}", inner, client) for name, inner in value.items()}
    if isinstance(value, list):
        return [_value(f"{path}[{number}]", inner, client) for number, inner in enumerate(value)]
    if not isinstance(value, str):
        return value
    if value.startswith(SSM):
        return _fetched(path, value, lambda: _parameter(value.removeprefix(SSM), client("ssm")))
    if value.startswith(SECRETS_MANAGER):
        return _fetched(path, value, lambda: _secret(value.removeprefix(SECRETS_MANAGER), client("secretsmanager")))
    return value


def _fetched(path: str, value: str, fetch: Any) -> str:
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
        found = json.loads(text)[key]
    except (ValueError, TypeError):
        # The decoder's own message would show the secret.
        raise ValueError(f'the secret is no JSON object with the key "{key}"') from None
    return found
