"""A sink: a destination that takes documents in batches, and says which of them it did not take.

    class Sink:
        kind, destination        name it in the function's name: "cloudtrail -> opensearch search.example.com"
        size, most_bytes         of a batch at most: documents, and bytes of the raw records they were made of
        most_seconds             that a batch waits for more of them
        concurrency              batches under way at once
        send(documents)          raises EventsFailed for some of them, RetryLater for "not now", anything else for all

`send` is called in threads where `concurrency` is not 1, so a sink keeps no state of a batch in itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import msgspec

from ..errors import ENDS, EventFailed
from ..model.meta import Meta

if TYPE_CHECKING:
    from ..config import Config


class Document(msgspec.Struct, gc=False):
    """What is to be sent: what a function made of an event, or the event itself. It is unpacked like a pair. `number`
    is its place, from 0, among several that the function made of the event; None for the only one."""

    # A struct costs a fifth of a tuple with names, and the cycle collector need not look at it: nothing refers back.
    meta: Meta
    body: Any
    number: int | None = None

    @property
    def id(self) -> str:
        """The same in every run, and never that of another document of the function: what makes a repeat harmless."""
        return document_id(self.meta, self.number)

    def __iter__(self) -> Iterator[Any]:
        yield self.meta
        yield self.body


class Sink:
    """The base of all sinks. One of your own needs `send` alone."""

    kind: ClassVar[str] = "sink"
    """What it is, in the names of functions."""
    destination: str = ""
    """Which one, in the names of functions: no secret, and the same in every release."""
    size: int = 500
    """Documents of a batch at most, but for a single event that has more."""
    most_bytes: int = 4 * 1024 * 1024
    """Of the raw records of a batch at most, but for a single one that is larger."""
    packages: Sequence[str] = ()
    """What it needs of Python beyond the dependencies of SLIPS: `slips check` says where Lambda would lack it."""
    most_seconds: float = 10.0
    """That a batch waits to be full, while events of the function come; what is left leaves at the checkpoint."""
    concurrency: int | Literal["adaptive"] = 1
    """Batches under way at once, in threads."""

    def send(self, documents: Sequence[Document]) -> None:
        """Send a batch; return when the destination has confirmed it. Raises EventsFailed for those documents that it
        did not take, RetryLater where it takes nothing now; of a batch that raises anything else the halves are sent
        again, until those that fail are alone."""
        raise NotImplementedError(f"{type(self).__name__} has no method send(documents)")

    def check(self, config: Config) -> None:
        """Compare the sink with slips.yml, when app.py is imported. Raises RegistrationError, in one sentence that says
        what to write."""

    def emulate(self) -> None:
        """Create what it sends to, in the emulated account of `slips run`."""

    def statements(self) -> Sequence[dict[str, Any]]:
        """Return what the functions of the lanes must be allowed: statements of an IAM policy."""
        return ()


def document_id(meta: Meta, number: int | None) -> str:
    """Return the id of a document: that of its event, and its place where there are several of it."""
    return meta.event_id if number is None else f"{meta.event_id}.{number}"


def encode(body: Any) -> bytes:
    """Write a document as JSON. Raises EventFailed for what JSON cannot hold."""
    try:
        return msgspec.json.encode(body, enc_hook=str)
    except (TypeError, ValueError, OverflowError, RecursionError, UnicodeEncodeError) as fault:
        raise EventFailed(f"the document cannot be written as JSON: {fault}") from fault


class Encoded(NamedTuple):
    """A document and its bytes. `key`: what the destination groups it by, where it does so."""

    meta: Meta
    body: Any
    data: bytes
    key: str = ""
    number: int | None = None

    @property
    def id(self) -> str:
        """See `Document.id`."""
        return document_id(self.meta, self.number)


def encode_all(
    documents: Sequence[Document], failed: dict[Meta, BaseException | str], *, most_bytes: int,
    to_bytes: Callable[[Document], bytes] = lambda document: encode(document.body),
) -> list[Encoded]:  # fmt: skip
    """Write documents. One that cannot be written, for whatever `to_bytes` raises, or is longer than `most_bytes`, goes
    into `failed`."""
    encoded = []
    for document in documents:
        try:
            data = to_bytes(document)
        except ENDS:
            raise
        except BaseException as fault:  # noqa: BLE001 - see errors.ENDS: a user's function may be part of it
            failed[document.meta] = fault
            continue
        if len(data) > most_bytes:
            failed[document.meta] = f"the document has {len(data):,} bytes, and the destination takes {most_bytes:,}"
        else:
            encoded.append(Encoded(document.meta, document.body, data, number=document.number))
    return encoded


def pieces(encoded: Sequence[Encoded], *, most: int, most_bytes: int, extra_bytes: int = 0) -> Iterator[list[Encoded]]:
    """Cut documents into requests of at most `most` of them and `most_bytes`; each counts `extra_bytes` more."""
    piece: list[Encoded] = []
    size = 0
    for each in encoded:
        length = len(each.data) + extra_bytes
        if piece and (len(piece) >= most or size + length > most_bytes):
            yield piece
            piece, size = [], 0
        piece.append(each)
        size += length
    if piece:
        yield piece
