"""Formats that slips.yml declares as patterns (docs/patterns.md), compiled to what a hand-written parser does."""

from __future__ import annotations

import re

from ..config.patterns.settings import INDENTED, PatternFormat
from .base import Format
from .line_format import LineFormat, Parse
from .pattern_lines import beginning_pattern, line_parser
from .pattern_rows import derive_types, row_parser, split_of
from .pattern_time import time_function
from .table_format import TableFormat, header_row


def pattern_format(settings: PatternFormat) -> Format:
    """Return the format that slips.yml declares."""
    time, framing = time_function(settings.time), _framing(settings)
    description, document = "A pattern format", "slips.yml"
    if settings.header:
        return TableFormat(
            name=settings.name, tag=settings.tag, time=time, framing=framing, description=description,
            document=document, example=b"", split=split_of(settings), header=header_row, absent=settings.absent,
            header_prefix=settings.comment.encode(), derive=derive_types(settings), signatures=_signatures(settings),
            specificity=0.3,
        )  # fmt: skip
    parse = line_parser(settings) if settings.lines else row_parser(settings)
    if settings.comment:
        parse = _skip_comments(parse, settings.comment)
    return LineFormat(
        name=settings.name, tag=settings.tag, time=time, framing=framing, description=description,
        document=document, example=b"", parse=parse,
    )  # fmt: skip


def _framing(settings: PatternFormat) -> str:
    if settings.multiline == (INDENTED,):
        return "s3-multiline"
    if settings.multiline:
        return f"s3-multiline:^(?:{'|'.join(beginning_pattern(settings, text) for text in settings.multiline)})"
    if settings.lines or not settings.quotes:
        return "s3-lines"
    return "s3-csv" if settings.separator == "," else f"s3-csv:{settings.separator}"


def _signatures(settings: PatternFormat) -> tuple[str, ...]:
    """Return the names that its header has: any row can be read under any header."""
    names = dict.fromkeys((*(name for name, _ in settings.columns), *settings.time.fields))
    sign = ", ".join(name for name in names if re.fullmatch(r"[\w.@-]+", name))
    return (sign,) if sign else ()


def _skip_comments(parse: Parse, comment: str) -> Parse:
    return lambda line: None if line.startswith(comment) else parse(line)
