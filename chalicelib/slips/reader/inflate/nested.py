"""What is packed in what: each content is looked at again, until it is neither compressed nor an archive."""

from __future__ import annotations

from collections.abc import Iterator

from ...config.settings import Limits
from ...errors import CorruptObject
from .boundary import Piece, PieceStream
from .bounds import enforce_limits
from .detect import HEAD, Packing, detect_packing
from .peekable import PeekableStream
from .unread import refuse_unread

MOST_LAYERS = 3
"""As of a zip of tar.gz. More is no log, but a bomb."""


class Unpacker:
    """Takes off the layers of one object; its limits count from the stored bytes at every layer."""

    def __init__(self, stored: PeekableStream, limits: Limits, *, is_text: bool) -> None:
        """`is_text`: what is inside must be text in UTF-8; else it may be anything."""
        self._stored = stored
        self._limits = limits
        self._is_text = is_text

    def unpack(self) -> Iterator[Piece]:
        """Yield the innermost content. Raises CorruptObject where it is damaged, packed too deeply or known and not
        read, LimitExceeded above the limits; each after everything before it."""
        head = self._stored.peek(HEAD)
        packing = self._detect(head, ())
        if packing is not None:
            yield from self._take_off(packing, self._stored, ())
            return
        yield from enforce_limits(_pass_through(self._stored), self._stored, self._limits)

    def _detect(self, head: bytes, layers: tuple[str, ...]) -> Packing | None:
        """Return how what begins so is packed. Raises CorruptObject where it is no text, and must be."""
        packing = detect_packing(head)
        if packing is not None and (self._is_text or not packing.is_text):
            return packing
        if self._is_text:
            refuse_unread(head, layers)
        return None

    def _take_off(self, packing: Packing, stream: PeekableStream, layers: tuple[str, ...]) -> Iterator[Piece]:
        layers = (*layers, packing.name)
        if len(layers) > MOST_LAYERS:
            raise CorruptObject(
                f"the object is packed in more than {MOST_LAYERS} layers ({' in '.join(reversed(layers))}): "
                "unpack it before it is stored"
            )
        content = PieceStream(enforce_limits(packing.inflate(stream), self._stored, self._limits))
        while True:
            inner = self._detect(content.peek(HEAD), layers)
            if inner is None:
                yield from content.section()
            else:
                rest = PeekableStream(content.document(), unit=f"byte in {' in '.join(reversed(layers))}")
                yield from self._take_off(inner, rest, layers)
                for _ in content.document():  # What is behind it has a checksum, too.
                    pass
            boundary = content.take_boundary()
            if boundary is None:
                return
            yield boundary


def _pass_through(stored: PeekableStream) -> Iterator[bytes]:
    while piece := stored.take(1 << 20):
        yield piece
