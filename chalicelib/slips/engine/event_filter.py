"""Which events a function takes, and as what: `contains`, `tag`, `where` and `type` of its decorator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from ..errors import ENDS
from ..model.meta import Meta
from .functions import Function

Call = Callable[[Meta, Any], Any]


class EventFilter:
    """The filter of one function for one object. `search` tells whether `contains` is still to be checked here;
    `convert` makes the user's type of an event."""

    def __init__(self, function: Function, convert: Call | None, *, search: bool) -> None:
        self._convert = convert
        needles = function.needles if search else ()
        self.is_needed = bool(function.where or function.tag or needles or convert)
        """Whether anything is to be done."""
        self.matches = _make_matches(function, needles)
        """Whether the function takes the event, in the form that it gets."""

    def would_match(self, meta: Meta) -> bool:
        """Whether the function has taken an event that went through here before."""
        if not self.is_needed:
            return True
        try:
            return self.matches(meta, meta._event if self._convert is None else self._convert(meta, meta._event))
        except ENDS:
            raise
        except BaseException:  # noqa: BLE001 - then it has failed, and was not taken
            return False


def _make_matches(function: Function, needles: Sequence[bytes]) -> Callable[[Meta, Any], bool]:
    """Make the test of an event. A closure costs half of a method, and `where` alone is what most functions ask for."""
    where, tag = function.where, function.tag

    def is_wanted(meta: Meta, event: Any) -> bool:
        try:
            return True if where is None or where(meta, event) else False  # noqa: SIM210 - bool() costs a call
        except (AttributeError, TypeError) as fault:
            if function.type is not None:
                name = function.type.__name__
                fault.args = (f"{fault} (with type={name}, `where` gets a {name}, not a dict)",)
            raise

    def matches(meta: Meta, event: Any) -> bool:
        if needles and not any(needle in meta._record for needle in needles):
            return False
        return (not tag or function.takes_tag(meta.tag)) and is_wanted(meta, event)

    return matches if needles or tag else is_wanted


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
