"""Text in UTF-16 and UTF-32, as Windows writes it: read as UTF-8."""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Iterator

from ...formats.text_repair import LONGEST_SIGNATURE, detect_wide
from .peekable import PeekableStream

PIECE = 256 * 1024


def inflate_wide(stored: PeekableStream) -> Iterator[bytes]:
    """Yield the text in UTF-8, with U+FFFD for half of a surrogate pair. Raises CorruptObject where it is cut off."""
    codec = detect_wide(stored.peek(LONGEST_SIGNATURE)) or "utf-16"
    decoder = getincrementaldecoder(codec)("replace")
    while piece := stored.take(PIECE):
        yield decoder.decode(piece).encode()
    if decoder.getstate()[0]:
        raise stored.truncated_error(codec[:6].upper())
