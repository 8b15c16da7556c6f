"""Formats whose records are lines of text, as decorated functions from a line to an event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from .base import Format, ObjectInfo, Parser
from .fields import Event, FieldReader, TimeSpec
from .registry import register
from .usual_lines import UsualLine, UsualRows

Parse = Callable[[str], Event | None]
"""From a line (text, without its end) to its event; None for a documented comment. Raises ParseError."""
ParseT = TypeVar("ParseT", bound=Parse)


@dataclass(frozen=True, kw_only=True)
class LineFormat(Format):
    """A format of text lines; see `line_format`. `usual` is the shape of nearly all of them, which `parse` then sees
    only where something is unusual; it must give the same event."""

    parse: Parse
    usual: UsualLine | UsualRows | None = None

    @cached_property
    def decode(self) -> Callable[[bytes], Event | None]:
        """Return the function from a record to its event. Raises ParseError and UnicodeDecodeError."""
        parse, usual = self.parse, self.usual
        if usual is None:
            return lambda record: parse(record.decode())

        def parse_other(line: str) -> Event | None:
            stripped = line.rstrip()
            event = usual.read(stripped) if len(stripped) < len(line) else None
            return event or parse(line)

        return usual.decoder(parse_other)

    def parser(self, about: ObjectInfo) -> LineParser:
        return LineParser(self, about)


class LineParser(Parser):
    """A parser that reads lines one by one, without memory of earlier ones."""

    def __init__(self, declared: LineFormat, about: ObjectInfo) -> None:
        super().__init__(declared, about)
        self.decode = declared.decode


def line_format(
    name: str,
    *,
    tag: str | FieldReader,
    time: TimeSpec,
    document: str,
    example: bytes,
    framing: str = "s3-lines",
    signatures: tuple[str, ...] = (),
    specificity: float = 0.8,
    variants: tuple[str, ...] = (),
    refused: tuple[str, ...] = (),
    usual: UsualLine | UsualRows | None = None,
) -> Callable[[ParseT], ParseT]:
    """Register the decorated function as a format of text lines, described by the first line of its docstring.

    The other arguments are those of `LineFormat`. The function stays a plain function, to be called and tested as one.
    """

    def decorate(parse: ParseT) -> ParseT:
        described = (parse.__doc__ or name).strip().splitlines()[0].rstrip(".")
        declared = LineFormat(
            name=name, tag=tag, time=time, description=described, document=document, example=example,
            framing=framing, parse=parse, signatures=signatures, specificity=specificity, variants=variants,
            refused=refused, usual=usual,
        )  # fmt: skip
        register(declared)
        return parse

    return decorate
