"""The secrets that `handler.args` of slips.yml names.

`ssm:/path` is a parameter of the Systems Manager, `secretsmanager:name#key` a key of a secret's JSON (without `#key`:
the whole secret). They are fetched once, at the first invocation of a function that needs them, and never logged.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from ..errors import ConfigError

SSM = "ssm:"
SECRETS_MANAGER = "secretsmanager:"


class Clients(Protocol):
    """A function from a service's name to its boto3 client."""

    def __call__(self, name: str) -> Any: ...


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
