"""Graylog, and whoever else takes GELF 1.1, over HTTP or TCP (Graylog, "GELF Format"; "GELF HTTP", "GELF TCP")."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final, Unpack
from urllib.parse import urlsplit

from ..errors import EventsFailed
from ..model.meta import Meta
from .base import Document, Sink, encode, encode_all
from .gelf_message import make_message
from .gelf_tcp import GelfConnection
from .http import Http, HttpOptions, complete_url
from .http_client import ANSWER_SECONDS, CONNECT_SECONDS

PATH: Final = "/gelf"
PORT: Final = 12201
MOST_MESSAGE_BYTES: Final = 2 * 1024 * 1024
"""max_message_size of an input of GELF TCP."""
INFORMATIONAL: Final = 6
"""Of syslog's levels."""
_TCP, _TLS = "gelf+tcp", "gelf+tls"

Host = str | Callable[[Meta, Any], str]


class Gelf(Sink):
    """Sends messages of GELF 1.1 to `https://graylog:12201/gelf`, `gelf+tcp://graylog:12201` or `gelf+tls://…`.

    `short_message` is `meta.message`, `timestamp` is `meta.timestamp`, `_event_id` is `meta.event_id`, `_tag` is
    `meta.tag`, and each field of the document has its name behind an underscore. `host` is a text, or a function of
    `(meta, document)`; by default the bucket. Over HTTP a message is a request, and its answer confirms it. Over TCP
    nothing confirms a message, but a connection that Graylog ends says that it has read a batch: see `GelfConnection`.
    `headers` are for HTTP alone.
    """

    kind: ClassVar[str] = "gelf"

    def __init__(
        self, url: str, *, host: Host | None = None, level: int = INFORMATIONAL, waits_for_close: bool = True,
        headers: Mapping[str, str] | None = None, **options: Unpack[HttpOptions],
    ) -> None:  # fmt: skip
        if isinstance(level, bool) or not isinstance(level, int) or not 0 <= level <= 7:
            raise ValueError(f"level is a level of syslog, from 0 (emergency) to 7 (debug), not {level!r}")
        self._host: Host = host if host is not None else lambda meta, _: meta.source.bucket
        self._level = level
        self._transport: Sink
        if url.startswith((f"{_TCP}:", f"{_TLS}:")):
            self._transport = _GelfTcp(self._to_bytes, url, waits_for_close, headers, options)
        else:
            self._transport = _GelfHttp(self._to_bytes, url, headers, options)
        self.destination = self._transport.destination
        self.size = self._transport.size
        self.concurrency = self._transport.concurrency

    def send(self, documents: Sequence[Document]) -> None:
        """See `Sink.send`."""
        self._transport.send(documents)

    def statements(self) -> Sequence[dict[str, Any]]:
        """See `Sink.statements`."""
        return self._transport.statements()

    def _to_bytes(self, document: Document) -> bytes:
        host = self._host if isinstance(self._host, str) else str(self._host(document.meta, document.body))
        return encode(make_message(document, host, self._level))


ToBytes = Callable[[Document], bytes]


class _GelfHttp(Http):
    is_one_a_request: ClassVar[bool] = True
    advice: ClassVar[Mapping[int, str]] = {
        404: f"check the URL: a GELF HTTP input takes messages at {PATH}",
        413: "raise max_chunk_size of the GELF HTTP input",
    }

    def __init__(self, to_bytes: ToBytes, url: str, headers: Mapping[str, str] | None, options: HttpOptions) -> None:
        self._write = to_bytes
        settings: HttpOptions = {"most_bytes": MOST_MESSAGE_BYTES, "concurrency": 8, **options}
        super().__init__(complete_url(url, PATH), headers=headers, hides_url=False, **settings)

    def to_bytes(self, document: Document) -> bytes:
        """See `Http.to_bytes`."""
        return self._write(document)


class _GelfTcp(Sink):
    def __init__(
        self, to_bytes: ToBytes, url: str, waits_for_close: bool, headers: Mapping[str, str] | None,
        options: HttpOptions,
    ) -> None:  # fmt: skip
        host, port = _check_address(url)
        if headers or "gzip" in options:
            raise ValueError("headers and gzip are for GELF over HTTP; over TCP there are none")
        self.concurrency = options.get("concurrency", 4)
        self.size = options.get("size", self.size)
        self._to_bytes = to_bytes
        self._most_bytes = options.get("most_bytes", MOST_MESSAGE_BYTES)
        self._connection = GelfConnection(
            host, port, is_tls=url.startswith(_TLS), ca_file=options.get("ca_file", ""),
            connect_seconds=options.get("connect_seconds", CONNECT_SECONDS),
            answer_seconds=options.get("answer_seconds", ANSWER_SECONDS), waits_for_close=waits_for_close,
        )  # fmt: skip
        self.destination = options.get("name", "") or self._connection.destination

    def send(self, documents: Sequence[Document]) -> None:
        """See `Sink.send`."""
        failed: dict[Meta, BaseException | str] = {}
        encoded = encode_all(documents, failed, most_bytes=self._most_bytes, to_bytes=self._to_bytes)
        if encoded:
            self._connection.send([entry.data for entry in encoded])
        if failed:
            raise EventsFailed(failed)


def _check_address(url: str) -> tuple[str, int]:
    wrong = f"a URL of GELF over TCP is gelf+tcp://host:{PORT} or gelf+tls://host:{PORT}"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"{wrong}; this one has a host or a port that is not valid") from None
    if not host or parts.path.strip("/") or parts.query or "@" in parts.netloc:
        raise ValueError(wrong)
    return host, port or PORT
