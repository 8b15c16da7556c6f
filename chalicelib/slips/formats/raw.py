"""Framings as formats of their own: every record unchanged, under `message`; and `ignore`, which reads nothing."""

from __future__ import annotations

from dataclasses import dataclass

from .base import Format, ObjectInfo, Parser
from .fields import Event
from .registry import register


@dataclass(frozen=True, kw_only=True)
class RawFormat(Format):
    """A chain that ends at its framing: `[s3-lines]`."""

    def parser(self, about: ObjectInfo) -> Parser:
        return RawParser(self, about)


class RawParser(Parser):
    """A parser that returns `{"message": the record's text}`, without trailing white space."""

    def __init__(self, declared: Format, about: ObjectInfo) -> None:
        super().__init__(declared, about)
        self.decode = _message


def _message(record: bytes) -> Event:
    return {"message": record.decode().rstrip()}


_DESCRIPTIONS = {
    "s3-lines": "Lines, LF or CRLF, the last one with or without an end",
    "s3-text": "The whole object as one record (bounded by limits.max_line_bytes)",
    "s3-json": "JSON by element: one document (its array is detected, or named as in s3-json:items), or one per line",
    "s3-json-stream": "JSON documents one after another, with or without separators, pretty-printed too",
    "s3-csv": "CSV rows; quoted cells may hold line breaks",
    "s3-tsv": "TSV rows",
    "s3-w3c": "Lines under a #Fields header",
    "s3-xml": "XML by element (s3-xml:Event)",
    "s3-parquet": "Parquet by row group (needs the extra slips[parquet])",
    "s3-multiline": "Records of several lines, by the pattern of their first line (s3-multiline:^\\d{4}-)",
    "ignore": "Nothing is read, so there are no events",
}

_VARIANTS: dict[str, tuple[str, ...]] = {
    "s3-lines": ("blank lines, which are skipped",),
    "s3-text": ("text of any encoding, with its line ends",),
    "s3-json": (
        "an array, also over several lines, or documents one after another without line ends",
        "the array under a key that the chain names (`s3-json:items`), also as `response.items`",
    ),
    "s3-json-stream": ("`}{`, white space or RFC 7464's record separator between", "numbers and texts as well"),
    "s3-csv": ("another delimiter (`s3-csv:;`, `s3-csv:tab`), also for the formats that follow",),
    "s3-tsv": ("tabs also for the formats that follow, with or without quotes",),
    "s3-w3c": ("a header for each appended file",),
    "s3-xml": ("elements with any namespace prefix, on one line or several, also empty ones",),
    "s3-multiline": (
        "no pattern: indented lines continue a record",
        "after `!` the pattern of continuing lines (`s3-multiline:!^-`)",
    ),
}

for _name, _description in _DESCRIPTIONS.items():
    register(
        RawFormat(
            name=_name,
            tag=_name,
            time=(),
            description=_description,
            document="-",
            example=b"any record",
            framing=_name,
            variants=_VARIANTS.get(_name, ()),
        )
    )
