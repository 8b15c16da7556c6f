"""Masking of secrets: the values that `handler.args` resolves from a reference appear in no log line, error item or
trace, however they are written there (docs/decisions/0018)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from ..errors import message_of
from ..model import Failure
from ..model.ports import Errors
from .secret_index import SecretIndex
from .secret_parts import find_parts
from .spellings import spell

MASK = "«secret»"


class Secrets:
    """The secrets of this process."""

    def __init__(self) -> None:
        self._parts: dict[str, None] = {}
        self._indexed: tuple[dict[str, None], SecretIndex] = (self._parts, SecretIndex(()))

    def add(self, secrets: Iterable[str]) -> None:
        """Mask these from now on, and what of them is secret by itself. Those added before stay masked: a value that
        was rotated away may still be in what is written later."""
        # Another object, not another content: threads that write log lines may be looking through the old one.
        self._parts = self._parts | dict.fromkeys(part for secret in secrets for part in find_parts(secret))

    def __bool__(self) -> bool:
        return bool(self._parts)

    @property
    def _index(self) -> SecretIndex:
        parts, index = self._indexed
        if parts is not self._parts:
            parts = self._parts
            index = SecretIndex(spelling for part in parts for spelling in spell(part))
            self._indexed = (parts, index)
        return index

    def are_in(self, text: str) -> bool:
        """Whether `mask` would change the text, or a JSON text that is in it."""
        return bool(self) and any(True for _ in self._index.find(text))

    def mask(self, text: str) -> str:
        """Return the text without secrets, and without the beginning of one that was cut off there."""
        if not self:
            return text
        masked: list[str] = []
        at = 0
        for start, end in _merge(sorted(self._index.find(text))):
            masked += (text[at:start], MASK)
            at = end
        return "".join((*masked, text[at:])) if masked else text

    def mask_value(self, value: Any) -> Any:
        """Return a value that is about to become JSON, without secrets: its texts, numbers and keys, and the text of
        whatever JSON does not know."""
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self.mask(value)
        if isinstance(value, dict):
            return {self._mask_key(key): self.mask_value(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.mask_value(inner) for inner in value]
        text = message_of(value)
        masked = self.mask(text)
        return value if isinstance(value, int | float) and masked == text else masked

    def _mask_key(self, key: Any) -> Any:
        return key if key is None or isinstance(key, bool | int | float) else self.mask(message_of(key))


def _merge(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join spans, in order, that overlap or touch: of two secrets that share characters, neither leaves a rest."""
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


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
        # An item that an earlier version wrote may have brought its history along. What names the object is kept: the
        # object could not be found by a masked key.
        argument = tuple(
            msgspec.structs.replace(item, history=tuple(map(mask, item.history))) if item.history else item
            for item in failure.argument
        )
        return msgspec.structs.replace(
            failure,
            argument=argument,
            error_message=mask(failure.error_message),
            traceback=mask(failure.traceback),
            sample=mask(failure.sample),
        )


class MaskingFormatter(logging.Formatter):
    """The formatter of a handler that writes text, without secrets: whatever the record holds them in."""

    def __init__(self, inner: logging.Formatter, secrets: Secrets) -> None:
        super().__init__()
        self.inner = inner
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """Format one line."""
        try:
            text = self.inner.format(record)
        # The handler would print the record as it is.
        except Exception as fault:  # noqa: BLE001
            text = describe_broken(record, fault)
        return self._secrets.mask(text)


def describe_broken(record: logging.LogRecord, fault: BaseException) -> str:
    """Describe a record that cannot be formatted, such as one with an argument too many."""
    values = ", ".join(map(message_of, record.args)) if isinstance(record.args, tuple) else message_of(record.args)
    return f"{record.levelname} {message_of(record.msg)} ({values}): not formatted: {type(fault).__name__}"


def mask_log_lines(secrets: Secrets, logger: str) -> None:
    """Mask secrets in what the handlers of all loggers write; `logger` is the app's."""
    for each in {logging.getLogger(), logging.getLogger("slips"), logging.getLogger(logger)}:
        for handler in each.handlers:
            _mask_lines_of(handler, secrets)
    if logging.lastResort is not None:
        _mask_lines_of(logging.lastResort, secrets)


def _mask_lines_of(handler: logging.Handler, secrets: Secrets) -> None:
    formatter = handler.formatter or logging.Formatter()
    inner = formatter.inner if isinstance(formatter, MaskingFormatter) else formatter
    handler.setFormatter(MaskingFormatter(inner, secrets))
