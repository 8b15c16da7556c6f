"""What a route takes, declared once: read and checked by it, and described by it in docs/openapi.yml.

Every fault of a value is a BadRequest that names the parameter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

import msgspec

from ..errors import BadRequest

LONGEST = 2048
"""Bytes of a text: the longest that S3 and DynamoDB know are keys of 1,024 and 2,048."""
MOST = 500
"""Items a page or a list may hold: beyond it an answer comes near API Gateway's 10 MB."""

Schema = dict[str, Any]


class Kind(Protocol):
    """What values a parameter takes."""

    def schema(self) -> Schema:
        """As JSON Schema."""
        ...

    def of_text(self, name: str, text: str) -> Any:
        """The value in a query. Raises BadRequest."""
        ...

    def of_json(self, name: str, value: Any) -> Any:
        """The value in a body. Raises BadRequest."""
        ...


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """Text of at most LONGEST bytes; one of `words` where there are any. In a body an empty one is refused unless it
    `may_be_empty`: who drains the cause "" forgot to set it, and would drain all."""

    words: tuple[str, ...] = ()
    form: str = ""
    """`date-time` for times."""
    may_be_empty: bool = False

    def schema(self) -> Schema:
        """See Kind."""
        if self.words:
            return {"type": "string", "enum": list(self.words)}
        least = {} if self.may_be_empty else {"minLength": 1}
        return {"type": "string", **least, "maxLength": LONGEST} | ({"format": self.form} if self.form else {})

    def of_text(self, name: str, text: str) -> str:
        """See Kind."""
        if len(text.encode("utf-8", "surrogatepass")) > LONGEST:
            raise BadRequest(f"{name}: longer than {LONGEST} bytes")
        if self.words and text not in self.words:
            raise BadRequest(f"{name}: {text[:40]!r} is none of {', '.join(self.words)}")
        return text

    def of_json(self, name: str, value: Any) -> str:
        """See Kind."""
        if not isinstance(value, str):
            raise wrong(name, value, "a text")
        if not value and not self.may_be_empty:
            raise BadRequest(f"{name}: is empty; leave it out where you do not mean one")
        return self.of_text(name, value)


class Number(msgspec.Struct, frozen=True, kw_only=True):
    """A whole number from 1 on."""

    most: int

    def schema(self) -> Schema:
        """See Kind."""
        return {"type": "integer", "minimum": 1, "maximum": self.most}

    def of_text(self, name: str, text: str) -> int:
        """See Kind."""
        is_number = text.isascii() and text.isdigit() and len(text) < 16
        return self.of_json(name, int(text) if is_number else text)

    def of_json(self, name: str, value: Any) -> int:
        """See Kind."""
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= self.most:
            raise wrong(name, value, f"a number from 1 to {self.most}")
        return value


class Flag(msgspec.Struct, frozen=True):
    """true or false."""

    def schema(self) -> Schema:
        """See Kind."""
        return {"type": "boolean"}

    def of_text(self, name: str, text: str) -> bool:
        """See Kind."""
        return self.of_json(name, {"true": True, "false": False}.get(text, text))

    def of_json(self, name: str, value: Any) -> bool:
        """See Kind."""
        if not isinstance(value, bool):
            raise wrong(name, value, "true or false")
        return value


class Texts(msgspec.Struct, frozen=True):
    """A list of texts, none empty, in a body."""

    def schema(self) -> Schema:
        """See Kind."""
        each = {"type": "string", "minLength": 1, "maxLength": LONGEST}
        return {"type": "array", "items": each, "minItems": 1, "maxItems": MOST}

    def of_text(self, name: str, text: str) -> tuple[str, ...]:
        """See Kind."""
        return self.of_json(name, text.split(","))

    def of_json(self, name: str, value: Any) -> tuple[str, ...]:
        """See Kind."""
        # None at all would be no filter, and so ask for all items.
        is_list = isinstance(value, list) and 1 <= len(value) <= MOST
        if not is_list or not all(isinstance(each, str) and each for each in value):
            raise wrong(name, value, f"a list of 1 to {MOST} texts, none empty")
        return tuple(Text().of_text(name, each) for each in value)


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a request may say."""

    name: str
    about: str
    kind: Kind
    required: bool = False


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One route. `name` is that of its view, `answer` that of a struct in `shapes` (empty: a file, of `media`).

    A `public` route asks for no credentials: it gives the console's files, and no data.
    """

    method: Literal["GET", "POST", "DELETE"]
    path: str
    name: str
    about: str
    query: tuple[Parameter, ...] = ()
    body: tuple[Parameter, ...] = ()
    answer: str = ""
    media: tuple[str, ...] = ()
    can_be_missing: bool = False
    public: bool = False

    @property
    def in_path(self) -> tuple[str, ...]:
        """The names of the parameters in the path."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))


def known(name: str, parameters: Mapping[str, Parameter], what: str) -> Parameter:
    """The parameter of that name. Raises BadRequest."""
    if name not in parameters:
        allowed = f"there are {', '.join(parameters)}" if parameters else "there are none"
        raise BadRequest(f"{name[:80]}: no such {what}; {allowed}")
    return parameters[name]


def wrong(name: str, value: Any, wanted: str) -> BadRequest:
    """A value of another kind."""
    shown = repr(value) if isinstance(value, str) else msgspec.json.encode(value).decode(errors="replace")
    return BadRequest(f"{name}: {shown[:42]} is not {wanted}")
