"""Text in UTF-16, as Windows writes it: read as UTF-8."""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from collections.abc import Iterator

from .peekable import PeekableStream

SIGNATURE = re.compile(rb"\xff\xfe(?!\0\0)|\xfe\xff")
PIECE = 256 * 1024


def inflate_utf16(stored: PeekableStream) -> Iterator[bytes]:
    """Yield the text in UTF-8. Raises CorruptObject where it is not UTF-16."""
    decoder = getincrementaldecoder("utf-16")()
    while piece := stored.take(PIECE):
        try:
            yield decoder.decode(piece).encode()
        except UnicodeError as fault:
            raise stored.damaged_error("UTF-16", fault) from fault
    if decoder.getstate()[0]:
        raise stored.truncated_error("UTF-16")
