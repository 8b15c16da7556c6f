"""Masking of secrets: the values that `handler.args` resolves from a reference appear in no log and no error item."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

import msgspec

from ..model import Failure
from ..model.ports import Errors

SHORTEST = 4
"""Characters: masking anything shorter would mask half of the text, and it would not be a secret."""
MASK = "«secret»"


class Secrets:
    """The secrets of this process, the longest first: one may contain another."""

    def __init__(self) -> None:
        self._values: tuple[str, ...] = ()

    def add(self, values: Iterable[str]) -> None:
        """Mask these from now on."""
        known = {*self._values, *(value for value in values if len(value) >= SHORTEST)}
        self._values = tuple(sorted(known, key=lambda value: -len(value)))

    def mask(self, text: str) -> str:
        """Return the text without secrets."""
        for value in self._values:
            text = text.replace(value, MASK)
        return text

    def __bool__(self) -> bool:
        return bool(self._values)


class MaskingErrors:
    """An ErrorTable (`ports.Errors`) that no secret gets into."""

    def __init__(self, errors: Errors, secrets: Secrets) -> None:
        self._errors = errors
        self._secrets = secrets

    def record(self, failures: Sequence[Failure]) -> None:
        """See `ports.Errors`."""
        self._errors.record([self._masked(failure) for failure in failures] if self._secrets else failures)

    def _masked(self, failure: Failure) -> Failure:
        mask = self._secrets.mask
        return msgspec.structs.replace(
            failure,
            error_message=mask(failure.error_message),
            traceback=mask(failure.traceback),
            sample=mask(failure.sample),
        )


class MaskingFilter(logging.Filter):
    """A filter that masks secrets in log records."""

    def __init__(self, secrets: Secrets) -> None:
        super().__init__()
        self._secrets = secrets

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record's text; no record is dropped."""
        if self._secrets:
            record.msg, record.args = self._secrets.mask(record.getMessage()), ()
        return True
