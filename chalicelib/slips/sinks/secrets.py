"""Secrets of sinks, by reference or as text: `ssm:/name`, `secretsmanager:name#key`, as in `handler.args` of slips.yml.

    resolve("ssm:/splunk/token")      the secret; ten minutes long the same, then it is fetched again
    expire("ssm:/splunk/token")       a destination has refused it: fetch it again when it is next needed
    hide(text)                        the text without the secrets that were resolved or registered here

What is not a reference is the secret itself.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any, Final, NamedTuple

from .. import aws
from ..aws.iam import secret_permissions
from ..aws.retry import is_transient
from ..aws.secret_arguments import PAUSE_SECONDS, SECRETS_MANAGER, SSM, resolve_secrets
from ..errors import ConfigError, RetryLater, SlipsError
from ..observability.masking import Secrets

MAX_AGE_SECONDS: Final = 600.0

log = logging.getLogger("slips")


class SecretMissing(SlipsError):
    """A reference names a secret that cannot be fetched, and waiting changes nothing."""


class _Fetched(NamedTuple):
    value: str
    fault: SlipsError | None
    tried_at: float
    expires_at: float


class SecretCache:
    """The secrets of this process's sinks. `clock` is in seconds."""

    def __init__(self, max_age: float = MAX_AGE_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_age = max_age
        self._clock = clock
        self._lock = Lock()
        """Of all threads that need a secret, one fetches it."""
        self._fetched: dict[str, _Fetched] = {}
        self._known: dict[str, None] = {}
        self._masks: list[Callable[[Iterable[str]], None]] = []
        self._hidden = Secrets()
        self.mask_with(self._hidden.add)

    def resolve(self, value: str) -> str:
        """Return what the reference names, as it is now, or as it was when it could last be fetched; any other text as
        it is. Raises RetryLater where it cannot be fetched now, SecretMissing where it cannot be fetched at all."""
        with self._lock:
            last = self._fetched.get(value)
            if last is None or self._is_due(last):
                last = self._fetched[value] = self._fetch(value, last)
        if last.fault is not None and not last.value:
            raise type(last.fault)(str(last.fault))
        return last.value

    def expire(self, value: str) -> None:
        """Fetch the secret again when it is next needed: something refused it."""
        with self._lock:
            if value in self._fetched:
                self._fetched[value] = self._fetched[value]._replace(expires_at=self._clock())

    def register(self, secret: str) -> None:
        """Hide this text, too."""
        with self._lock:
            self._register([secret])

    def hide(self, text: str) -> str:
        """Return the text without secrets."""
        return self._hidden.mask(text)

    def mask_with(self, mask: Callable[[Iterable[str]], None]) -> None:
        """Give every secret to `mask`: those that are known, and those to come, before anybody else has them."""
        with self._lock:
            self._masks.append(mask)
            mask(list(self._known))

    def _is_due(self, last: _Fetched) -> bool:
        now = self._clock()
        return now >= last.expires_at and now - last.tried_at >= PAUSE_SECONDS

    def _fetch(self, reference: str, last: _Fetched | None) -> _Fetched:
        now = self._clock()
        try:
            values, secrets = resolve_secrets({"sink": reference}, aws.client)
        except ConfigError as fault:
            failure = _explain(reference, fault)
            if last is not None and last.value:
                log.warning("%s; the value fetched before is used, and may be out of date", failure)
            return _Fetched(last.value if last else "", failure, now, now)
        self._register(secrets)
        return _Fetched(str(values["sink"]), None, now, now + self._max_age)

    def _register(self, secrets: Iterable[str]) -> None:
        fresh = [secret for secret in secrets if secret not in self._known]
        if fresh:
            self._known |= dict.fromkeys(fresh)
            for mask in self._masks:
                mask(fresh)


_CACHE = SecretCache()
resolve = _CACHE.resolve
expire = _CACHE.expire
register = _CACHE.register
hide = _CACHE.hide
mask_with = _CACHE.mask_with


def is_reference(value: str) -> bool:
    """Whether the text names a secret, and is not the secret itself."""
    return value.startswith((SSM, SECRETS_MANAGER))


def statements(values: Iterable[str]) -> list[dict[str, Any]]:
    """Return what fetching these references needs; other texts need nothing."""
    permissions = secret_permissions(values)
    return [{"Effect": "Allow", "Action": [action], "Resource": arns} for action, arns in permissions.items()]


def _explain(reference: str, fault: ConfigError) -> SlipsError:
    reason = str(fault).partition(" cannot be fetched: ")[2]
    # resolve_secrets raises `from None`, since a traceback would not help its users; what AWS said is the context.
    if fault.__context__ is not None and is_transient(fault.__context__):
        return RetryLater(f"the secret {reference} cannot be fetched now: {reason}")
    return SecretMissing(
        f"the secret {reference} cannot be fetched; check its name, and the role's permissions: {reason}"
    )
