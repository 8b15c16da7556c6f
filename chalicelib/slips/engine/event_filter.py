"""Which events a function takes, and as what: `contains`, `tag`, `where` and `type` of its decorator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from ..errors import ENDS
from ..model.meta import Meta
from .functions import Function, Where

Call = Callable[[Meta, Any], Any]


class Offered(msgspec.Struct):
    """How many events of the object were offered to the functions, the current one aside."""

    events: int = 0


class EventFilter:
    """The filter of one function for one object. `search` tells whether `contains` is still to be checked after the
    reader; `convert` makes the user's type of an event."""

    def __init__(self, function: Function, convert: Call | None, *, search: bool) -> None:
        self._function = function
        self._convert = convert
        self.needles = function.needles if search else ()
        """The bytes of which the event's record must hold one; none: any record."""
        self.is_needed = bool(function.where or function.tag or self.needles or convert)
        """Whether anything is to be done."""
        self._where = _explain_type(function)
        self.where = self._where if convert is None else None
        """What an event of the function's tag, and with its needles, must be; None: anything, or `add_to` decides."""

    def add_to(self, take: Call) -> Call:
        """Make the call that takes an event in the form that the function gets, where `where` is true for that."""
        convert, where = self._convert, self._where
        if convert is None:
            return take

        def convert_and_take(meta: Meta, event: Any) -> None:
            event = convert(meta, event)
            if where is None or where(meta, event):
                take(meta, event)

        return convert_and_take

    def would_match(self, meta: Meta) -> bool:
        """Whether the function has taken an event that went through here before."""
        if self.needles and not any(needle in meta._record for needle in self.needles):
            return False
        try:
            if not self._function.takes_tag(meta.tag if self._function.tag else ""):
                return False
            event = meta._event if self._convert is None else self._convert(meta, meta._event)
            return self._where is None or bool(self._where(meta, event))
        except ENDS:
            raise
        except BaseException:  # noqa: BLE001 - then it has failed, and was not taken
            return False


def _explain_type(function: Function) -> Where | None:
    """Make a `where` that says what it gets, where that is a type of the user's."""
    where, struct = function.where, function.type
    if where is None or struct is None:
        return where

    def explaining(meta: Meta, event: Any) -> object:
        try:
            return where(meta, event)
        except (AttributeError, TypeError) as fault:
            fault.args = (f"{fault} (with type={struct.__name__}, `where` gets a {struct.__name__}, not a dict)",)
            raise

    return explaining


def converter(struct: type[msgspec.Struct] | None, *, direct: bool) -> Call | None:
    """Make the call from an event to the user's struct; None without one. `direct`: the record is the event in JSON,
    and decodes at once."""
    if struct is None:
        return None
    if not direct:
        return lambda meta, event: msgspec.convert(event, struct, strict=False)  # noqa: ARG005
    decode = msgspec.json.Decoder(struct).decode

    def decode_record(meta: Meta, event: Any) -> Any:
        if meta.index is None:
            try:
                return decode(meta._record)
            except ValueError:  # It was in another encoding, maybe.
                pass
        return msgspec.convert(event, struct, str_keys=True)

    return decode_record
