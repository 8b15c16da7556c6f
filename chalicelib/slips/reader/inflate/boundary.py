"""What stands between the inflated pieces of an object."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import TypeAlias

from ...errors import ReadError

LF = b"\n"
BOM = b"\xef\xbb\xbf"
LONGEST_HEADER = 64 * 1024
_CELL = re.compile(rb'[^\s,;|"]+')


class Boundary(Enum):
    """A line that has begun does not go on behind it."""

    STREAM = "another compressed stream, such as a gzip member that was appended"
    DOCUMENT = "another document: the next member of an archive, which has a header of its own"


Piece: TypeAlias = "bytes | Boundary"


class PieceStream:
    """Pieces, of which the next can be looked at."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self._pieces = iter(pieces)
        self._ahead: deque[Piece] = deque()
        self._fault: ReadError | None = None
        """What ended them; it is raised behind everything before it."""

    def peek(self, count: int, until: bytes = b"") -> bytes:
        """Return the next bytes: fewer before a boundary, before an error and at the end; as many as hold `until`."""
        head: list[bytes] = []
        size = 0
        for piece in self._look():
            if isinstance(piece, Boundary):
                break
            head.append(piece)
            size += len(piece)
            if size >= count or (until and until in piece):
                break
        return b"".join(head)[:count]

    def _look(self) -> Iterator[Piece]:
        yield from tuple(self._ahead)
        while self._fault is None:
            try:
                following = next(self._pieces, None)
            except ReadError as fault:
                self._fault = fault
                return
            if following is None:
                return
            self._ahead.append(following)
            yield following

    def section(self) -> Iterator[bytes]:
        """Take the pieces before the next boundary."""
        while (piece := self._next()) is not None:
            if isinstance(piece, Boundary):
                self._ahead.appendleft(piece)
                return
            yield piece

    def document(self) -> Iterator[bytes]:
        """Take the pieces of this document: streams of the outer layer may cut those of the inner one."""
        while (piece := self._next()) is not None:
            if piece is Boundary.DOCUMENT:
                self._ahead.appendleft(piece)
                return
            if isinstance(piece, bytes):
                yield piece

    def skip_bom(self) -> None:
        """Leave out a byte order mark."""
        if self.peek(len(BOM)) == BOM:
            pieces = self.section()
            self._ahead.appendleft(next(pieces).removeprefix(BOM))

    def take_boundary(self) -> Boundary | None:
        """Take the boundary that ended the section; None at the end."""
        piece = self._next()
        assert piece is None or isinstance(piece, Boundary)
        return piece

    def _next(self) -> Piece | None:
        if self._ahead:
            return self._ahead.popleft()
        if self._fault is not None:
            raise self._fault
        return next(self._pieces, None)


def separate(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Yield the pieces, and something in place of each STREAM: a document begins there where its first line names the
    same columns as that of the document before, or is the same; else a line ends there. A byte order mark is left
    out, as at the beginning of an object."""
    content = PieceStream(pieces)
    first_line = _first_line(content)
    while True:
        last = LF
        for piece in content.section():
            last = piece[-1:] or last
            yield piece
        boundary = content.take_boundary()
        if boundary is None:
            return
        line = _first_line(content)
        if boundary is Boundary.DOCUMENT:
            first_line = line
            yield boundary
        elif is_header_again(line, first_line):
            yield Boundary.DOCUMENT
        elif line:
            if last != LF:
                yield LF
            content.skip_bom()


def join_streams(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Yield the pieces, and nothing in place of a STREAM: what is not text goes on behind it."""
    return (piece for piece in pieces if piece is not Boundary.STREAM)


def _first_line(content: PieceStream) -> bytes:
    return content.peek(LONGEST_HEADER, until=LF).partition(LF)[0].removeprefix(BOM).rstrip(b"\r")


def is_header_again(line: bytes, first_line: bytes) -> bool:
    """Whether a line is the same as the first one of its document, or names the same columns in another order, some
    more, or fewer: two at least."""
    if not line or line == first_line:
        return bool(line)
    cells, known = _CELL.findall(line), frozenset(_CELL.findall(first_line))
    names = frozenset(cells)
    is_table = len(names) == len(cells) > 1 and len(known) > 1
    return is_table and (names <= known or known <= names)


def split_documents(pieces: Iterable[Piece]) -> Iterator[Iterator[bytes]]:
    """Yield the documents. What is not read of one is passed over when the next is asked for; who reads nothing at all
    of one gets no other."""
    pieces = iter(pieces)
    is_begun, is_at_end = True, False

    def document() -> Iterator[bytes]:
        nonlocal is_begun, is_at_end
        is_begun = True
        for piece in pieces:
            if isinstance(piece, bytes):
                yield piece
            elif piece is Boundary.DOCUMENT:
                return
        is_at_end = True

    while is_begun and not is_at_end:
        is_begun, current = False, document()
        yield current
        if is_begun:
            for _ in current:
                pass
