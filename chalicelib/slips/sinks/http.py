"""Any destination that takes JSON over HTTP, and what the vendors' sinks on HTTP share."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final, Literal, TypedDict
from urllib.parse import urlsplit

from ..aws.retry import Backoff
from ..errors import EventsFailed, SlipsError
from ..model.meta import Meta
from . import secrets
from .base import Document, Encoded, Sink, encode, encode_all, pieces
from .http_answers import TOO_LARGE, Answer, HttpRefused
from .http_client import ANSWER_SECONDS, CONNECT_SECONDS, PATIENCE, HttpClient

MOST_BYTES: Final = 4 * 1024 * 1024
REFUSES_DOCUMENTS: Final = (400, TOO_LARGE, 422)
"""RFC 9110: what may be true of one document of a request, and not of the others."""
METHODS: Final = ("POST", "PUT", "PATCH")


class HttpOptions(TypedDict, total=False):
    """What the vendors' sinks hand on to Http.

    name             which one it is, in the names of functions; by default the host, or the URL's reference
    size             documents of a batch, and of a request
    most_bytes       of a request, before gzip
    concurrency      batches under way at once
    gzip             whether bodies are compressed
    id_field         put `meta.event_id` into each document that is a dict, under this name
    connect_seconds, answer_seconds   how long to wait for a connection, and for an answer
    ca_file          certificates (PEM) to trust instead of the system's
    backoff, now     for tests: pauses, and the time in seconds since the epoch
    """

    name: str
    size: int
    most_bytes: int
    concurrency: int | Literal["adaptive"]
    gzip: bool
    id_field: str
    connect_seconds: float
    answer_seconds: float
    ca_file: str
    backoff: Backoff
    now: Callable[[], float]


class Http(Sink):
    """Sends each batch as the body of a request: lines of JSON (`ndjson`), or an array (`json`).

        Http("https://logs.example.com/in", headers={"Authorization": "Bearer ssm:/logs/token"})

    The URL is taken for a secret, unless `hides_url` is False. A 2xx confirms a whole request. At least once: what was
    taken, and whose answer was lost, is sent again; `id_field` lets the destination see that.
    """

    kind: ClassVar[str] = "http"
    advice: ClassVar[Mapping[int, str]] = {}
    """What to do about an answer's status, in place of the general words."""
    is_one_a_request: ClassVar[bool] = False
    """Whether a request holds one document, and not a batch."""

    def __init__(
        self,
        url: str,
        *,
        body: Literal["ndjson", "json"] = "ndjson",
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
        hides_url: bool = True,
        key: str = "",
        name: str = "",
        size: int = 500,
        most_bytes: int = MOST_BYTES,
        concurrency: int | Literal["adaptive"] = 4,
        gzip: bool = True,
        id_field: str = "",
        connect_seconds: float = CONNECT_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
        ca_file: str = "",
        backoff: Backoff = PATIENCE,
        now: Callable[[], float] = time.time,
    ) -> None:
        if body not in ("ndjson", "json"):
            raise ValueError(f'body is "ndjson" or "json", not {body!r}')
        if method not in METHODS:
            raise ValueError(f"method is one of {', '.join(METHODS)}, not {method!r}")
        self.size = _check_count("size", size)
        self.most_bytes = _check_count("most_bytes", most_bytes)
        self.concurrency = concurrency
        self._body = body
        self._method = method
        self._id_field = id_field
        self._client = HttpClient(
            url,
            headers=headers,
            hides_url=hides_url,
            key=key,
            name=name,
            gzip=gzip,
            connect_seconds=connect_seconds,
            answer_seconds=answer_seconds,
            ca_file=ca_file,
            advice=self.advice,
            backoff=backoff,
            now=now,
        )
        self.destination = self._client.destination

    def send(self, documents: Sequence[Document]) -> None:
        """See `Sink.send`."""
        failed: dict[Meta, BaseException | str] = {}
        encoded = encode_all(documents, failed, most_bytes=self.most_document_bytes, to_bytes=self.to_bytes)
        # A comma or a line end for each document, and the brackets.
        most = 1 if self.is_one_a_request else self.size
        requests = list(pieces(encoded, most=most, most_bytes=self.most_bytes - 2, extra_bytes=1))
        is_anything_taken = False
        while requests:
            entries = requests.pop(0)
            try:
                self.post(entries)
                is_anything_taken = True
            except (SlipsError, OSError) as fault:
                status = fault.status if isinstance(fault, HttpRefused) else 0
                if len(entries) == 1 and status in REFUSES_DOCUMENTS:
                    failed[entries[0].meta] = fault
                elif status == TOO_LARGE or (is_anything_taken and status in REFUSES_DOCUMENTS):
                    middle = len(entries) // 2
                    requests[:0] = [entries[:middle], entries[middle:]]
                elif is_anything_taken:
                    failed |= {entry.meta: fault for each in (entries, *requests) for entry in each}
                    break
                else:
                    raise  # Nothing was taken: the outbox finds out which documents it is about.
        if failed:
            raise EventsFailed(failed)

    @property
    def most_document_bytes(self) -> int:
        """Of one document."""
        return self.most_bytes

    def to_bytes(self, document: Document) -> bytes:
        """Return a document as it stands in a request. Raises what is the fault of that document alone."""
        return encode(self.shape(document))

    def shape(self, document: Document) -> Any:
        """Return what is sent of a document."""
        body = document.body
        if self._id_field and isinstance(body, dict):
            return {**body, self._id_field: document.id}
        return body

    def join(self, entries: Sequence[Encoded]) -> tuple[bytes, str]:
        """Return the body of a request, and its media type."""
        if self.is_one_a_request:
            return entries[0].data, "application/json"
        if self._body == "ndjson":
            return b"".join(entry.data + b"\n" for entry in entries), "application/x-ndjson"
        return b"[" + b",".join(entry.data for entry in entries) + b"]", "application/json"

    def post(self, entries: Sequence[Encoded]) -> None:
        """Send a request, and return where it was taken. Raises what HttpClient.send raises."""
        body, media_type = self.join(entries)
        headers = {"Content-Type": media_type, **self.headers_of(entries)}
        self.check_answer(self._client.send(self._method, body, headers, sign=self.sign))

    def headers_of(self, entries: Sequence[Encoded]) -> Mapping[str, str]:  # noqa: ARG002
        """Return the headers of this one request."""
        return {}

    def sign(self, key: str, body: bytes) -> Mapping[str, str]:  # noqa: ARG002
        """Return the headers that sign these bytes with the sink's key."""
        return {}

    def check_answer(self, answer: Answer) -> None:
        """Raise where an answer of 2xx does not say that the request was taken."""

    def statements(self) -> Sequence[dict[str, Any]]:
        """See `Sink.statements`."""
        return secrets.statements(self._client.references())


def complete_url(url: str, path: str) -> str:
    """Return the URL with this path, unless it has one of its own, or is a reference."""
    has_path = secrets.is_reference(url) or urlsplit(url).path.strip("/")
    return url if has_path else url.rstrip("/") + path


def _check_count(name: str, value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{name} is a number from 1 on, not {value!r}")
    return value
