"""Texts of JSON for tests, and reading them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import chain

import pytest

from slips.reader.framing import RecordFilter
from slips.reader.json.layout import HEAD

from ..reading import Read, cut, read

CHUNKED = pytest.mark.parametrize("sizes", [(), (1,), (3, 50)], ids=str)
BOTH = pytest.mark.parametrize("source", ["s3-json", "s3-json-stream"])
A, B, C = b'{"a":1}', b'{"b":"}{],["}', b'{"c":[{"d":2}]}'
RECORDS = ("Records",)


def document(*events: bytes, key: bytes = b"Records", before: bytes = b"", after: bytes = b"") -> bytes:
    """A document that holds events under a key, with other members before and after it."""
    return b"{" + before + b'"' + key + b'":[' + b",".join(events) + b"]" + after + b"}"


def arriving(text: bytes, sizes: Sequence[int], empty: bytes) -> Iterator[bytes]:
    """Return the text in chunks of these sizes. Since the first 64 KiB are examined as a whole, 64 KiB of white space
    precede it then, after an `empty` document or array that determines the layout."""
    return chain([empty + b" " * HEAD], cut(text, sizes)) if sizes else cut(text, sizes)


def contained(
    text: bytes, *keys: str, sizes: Sequence[int] = (), limit: int = 1 << 20, record_filter: RecordFilter | None = None
) -> Read:
    """Read the documents of a format that holds its events under these keys, by default `Records`."""
    names = keys or RECORDS
    chunks = arriving(text, sizes, b'{"' + names[0].encode() + b'":[]}')
    return read("s3-json", chunks, array_keys=names, max_line_bytes=limit, record_filter=record_filter)


def elements(text: bytes, sizes: Sequence[int] = (), limit: int = 1 << 20) -> Read:
    """Read an array, or several."""
    return read("s3-json", arriving(text, sizes, b"[]"), max_line_bytes=limit)


def values(result: Read) -> list[object]:
    """Return the records, decoded."""
    return [json.loads(record) for record in result.bodies]


def padding(size: int) -> bytes:
    """A member that brings a document to a size."""
    return b'"pad":"' + b"x" * (size - len(b'"pad":"",')) + b'",'
