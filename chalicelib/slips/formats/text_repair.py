"""Text that a decoder has refused, made readable: another encoding, NULs around it, a byte order mark.

Only what failed as strict UTF-8 comes here, so that a clean record pays nothing for it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

UTF8, WINDOWS, REPLACED = "utf-8", "windows-1252", "utf-8-replaced"
BOM = b"\xef\xbb\xbf"

_UTF_32 = re.compile(rb"\xff\xfe\0\0|\0\0\xfe\xff|(?:[\t\n\r -~]\0\0\0){2}|(?:\0\0\0[\t\n\r -~]){2}")
_UTF_16 = re.compile(rb"\xff\xfe|\xfe\xff|(?:[\t\n\r -~]\0){4}|(?:\0[\t\n\r -~]){4}")
WIDE = re.compile(_UTF_32.pattern + b"|" + _UTF_16.pattern)
"""How text in UTF-16 or UTF-32 begins: with a byte order mark, or with zeros between its first characters."""
LONGEST_SIGNATURE = 8
"""Bytes that tell it."""
_CUT_OFF = re.compile(rb"(?:[\xe0-\xef][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{1,2})\Z")
"""A character of UTF-8 of which the end is missing: systems cut lines by bytes."""


class RepairedText(NamedTuple):
    """A record in UTF-8, without NULs and a byte order mark around it, and how its bytes were read."""

    record: bytes
    encoding: str


def detect_wide(head: bytes) -> str | None:
    """Return the codec of text that begins so, if it is UTF-16 or UTF-32."""
    for bits, pattern in ((32, _UTF_32), (16, _UTF_16)):
        if match := pattern.match(head):
            if b"\xff\xfe" in match[0] or b"\xfe\xff" in match[0]:
                return f"utf-{bits}"
            return f"utf-{bits}-be" if match[0].startswith(b"\0") else f"utf-{bits}-le"
    return None


def repair_text(record: bytes) -> RepairedText | None:
    """Return the record as clean text; None where it already was, or where it is not text: bytes that are neither UTF-8
    nor free of NULs."""
    if codec := detect_wide(record):
        text = record.decode(codec, "replace").strip("\0").removeprefix("\ufeff")
        return RepairedText(text.encode(), codec[:6])
    bare = record.strip(b"\0").removeprefix(BOM)
    try:
        bare.decode()
    except UnicodeDecodeError:
        return None if b"\0" in bare else _replace_encoding(bare)
    return None if len(bare) == len(record) else RepairedText(bare, UTF8)


def decode_text(text: bytes) -> str:
    """Return text of any encoding."""
    repaired = repair_text(text)
    return (text if repaired is None else repaired.record).decode("utf-8", "replace")


def _replace_encoding(record: bytes) -> RepairedText:
    """Return the record in UTF-8. Where any of its characters is UTF-8 beyond ASCII, the others are damaged; else a
    system wrote its own code page, nearly always that of Western Windows, of which Latin-1 is a part."""
    text = record.decode("utf-8", "replace")
    if text.replace("\ufffd", "").isascii() and not _CUT_OFF.search(record):
        try:
            return RepairedText(record.decode("cp1252").encode(), WINDOWS)
        except UnicodeDecodeError:  # Five bytes mean nothing there.
            pass
    return RepairedText(text.encode(), REPLACED)
