"""OpenSearch and Elasticsearch: documents in indices or data streams (both: "Bulk API")."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, Literal
from urllib.parse import quote, urlsplit

import msgspec

from ..aws.retry import Backoff
from ..errors import EventFailed, EventsFailed, ParseError, RetryLater
from ..model import utc
from ..model.meta import Meta
from .aws_batches import PATIENCE
from .base import Document, Encoded, Sink, encode, encode_all, pieces
from .opensearch_answers import describe_refusal, is_busy, read_retry_after, read_verdicts, shorten
from .opensearch_http import (
    AwsCredentials,
    BulkAnswer,
    BulkConnection,
    Credentials,
    HeaderCredentials,
    OpenSearchRefused,
)
from .opensearch_index import IndexName

INDEX: Final = "{format}-{time:%Y.%m.%d}"
REQUEST_BYTES: Final = 10 * 1024 * 1024
"""Of a request, before it is compressed: the smaller instances of Amazon OpenSearch Service take no more (Developer
Guide, "Quotas": network quotas)."""

_Waiting = list[tuple[Encoded, Exception]]
"""Documents to send again, and what each of them ends with where patience ends first."""


class OpenSearch(Sink):
    """An OpenSearch or Elasticsearch cluster, by its URL. A document is created under the id of its event, so what is
    sent again is there once.

    `index` is a template of `{format}`, `{tag}`, `{bucket}` and `{time:%Y.%m.%d}` (UTC, strftime); with `data_stream`
    the name of a data stream, whose documents get `@timestamp` where they lack it. `auth` is "aws" (the role of the
    function; a domain, or a collection) or a user and a secret; `api_key` is Elasticsearch's. A secret is a text,
    `ssm:/name` or `secretsmanager:name#key`. `pipeline` names an ingest pipeline. `id_suffix` distinguishes the
    documents of a second function in the same index; `ids=False` is for collections that take no ids, where what is
    sent again is there twice. `request_bytes` bounds a request, before it is compressed. Times are in seconds.
    """

    kind: ClassVar[str] = "opensearch"

    def __init__(
        self,
        url: str,
        index: str = INDEX,
        *,
        auth: Literal["aws"] | tuple[str, str] | None = None,
        api_key: str = "",
        data_stream: bool = False,
        pipeline: str = "",
        ids: bool = True,
        id_suffix: str = "",
        region: str = "",
        ca_file: str = "",
        size: int = 1000,
        request_bytes: int = REQUEST_BYTES,
        compress: bool = True,
        concurrency: int | Literal["adaptive"] = "adaptive",
        connect_seconds: float = 5.0,
        answer_seconds: float = 30.0,
        backoff: Backoff = PATIENCE,
    ) -> None:
        host, url = _check_url(url)
        self._index = IndexName(index)
        if data_stream and "time" in self._index.fields:
            raise ValueError('a data stream rolls over by itself: write index="logs-{format}", without {time}')
        for name, value in {"size": size, "request_bytes": request_bytes}.items():
            if value < 1:
                raise ValueError(f"{name} is a number from 1 on, not {value}")
        for name, seconds in {"connect_seconds": connect_seconds, "answer_seconds": answer_seconds}.items():
            if not 0 < seconds < float("inf"):
                raise ValueError(f"{name} is a number of seconds, not {seconds}")
        if ca_file and not Path(ca_file).is_file():
            raise ValueError(f"ca_file={ca_file!r}: there is no such file")
        self.destination = host if index == INDEX else f"{host}/{index}"
        self.size = size
        self.concurrency = concurrency
        self._credentials = _make_credentials(host, auth, api_key, region)
        self._data_stream = data_stream
        self._id_suffix = id_suffix if ids else None
        self._request_bytes = request_bytes
        self._backoff = backoff
        self._connection = BulkConnection(
            f"{url}/_bulk" + (f"?pipeline={quote(pipeline, safe='')}" if pipeline else ""), self._credentials,
            compress=compress, connect_seconds=connect_seconds, answer_seconds=answer_seconds, ca_file=ca_file,
        )  # fmt: skip

    def send(self, documents: Sequence[Document]) -> None:
        """See `Sink.send`."""
        failed: dict[Meta, BaseException | str] = {}
        lines = list(self._write_all(documents, failed))
        entries = encode_all(lines, failed, most_bytes=self._request_bytes, to_bytes=lambda line: line.body)
        down: BaseException | None = None
        for piece in pieces(entries, most=self.size, most_bytes=self._request_bytes):
            if down is None:
                ended = self._deliver(piece)
                failed |= ended
                down = next((cause for cause in ended.values() if _is_down(cause)), None)
            else:
                failed |= {entry.meta: down for entry in piece}
        if down is not None and all(map(_is_down, failed.values())) and len(failed) == len({d.meta for d in documents}):
            raise down
        if failed:
            raise EventsFailed(failed)

    def _write_all(self, documents: Sequence[Document], failed: dict[Meta, BaseException | str]) -> Iterator[Document]:
        """The lines of each document. An event may have several documents: each has an id of its own."""
        counts: Counter[Meta] = Counter()
        for meta, body in documents:
            number = counts[meta]
            counts[meta] += 1
            try:
                yield Document(meta, self._write(meta, body, number))
            except (ParseError, EventFailed) as fault:
                failed[meta] = fault

    def _write(self, meta: Meta, body: Any, number: int) -> bytes:
        target = {"_index": self._index.name(meta)}
        if self._id_suffix is not None:
            target["_id"] = meta.event_id + self._id_suffix + (f".{number}" if number else "")
        data = encode(body)
        if data[:1] != b"{":
            raise EventFailed(f"the document is not a JSON object: {data[:40].decode(errors='replace')}")
        if b"\n" in data:
            data = _join_lines(data)
        if self._data_stream:
            data = _stamp(data, meta)
        return b'{"create":%b}\n%b\n' % (encode(target), data)

    def _deliver(self, entries: Sequence[Encoded]) -> dict[Meta, BaseException]:
        """Send the documents of one request, and again those that may be taken yet. Returns what failed, for good or
        for now."""
        failed: dict[Meta, BaseException] = {}
        waiting: _Waiting = []
        for _ in self._backoff.attempts(self._backoff.end()):
            refused, waiting = self._request(entries)
            failed |= refused
            entries = [entry for entry, _ in waiting]
            if not waiting or any(isinstance(cause, RetryLater) and cause.after is not None for _, cause in waiting):
                break
        return failed | {entry.meta: cause for entry, cause in waiting}

    def _request(self, entries: Sequence[Encoded]) -> tuple[dict[Meta, BaseException], _Waiting]:
        """Send a request. Returns what the destination refused for good, and what may be sent again."""
        try:
            answer = self._connection.post(b"".join(entry.data for entry in entries))
        except ConnectionError as fault:
            return {}, [(entry, fault) for entry in entries]
        if answer.status == 413:
            return self._split(entries, answer)
        try:
            self._check(answer)
            verdicts = read_verdicts(answer.body, len(entries))
        except RetryLater as fault:
            return {}, [(entry, fault) for entry in entries]
        except ValueError as fault:
            unread = RetryLater(f"{self._connection.url}: the answer cannot be read: {shorten(str(fault))}")
            return {}, [(entry, unread) for entry in entries]
        refused: dict[Meta, BaseException] = {}
        waiting: _Waiting = []
        for entry, verdict in zip(entries, verdicts, strict=True):
            if verdict.kind == "refused":
                refused[entry.meta] = EventFailed(verdict.text)
            elif verdict.kind != "done":
                waiting.append((entry, (RetryLater if verdict.kind == "later" else EventFailed)(verdict.text)))
        return refused, waiting

    def _split(self, entries: Sequence[Encoded], answer: BulkAnswer) -> tuple[dict[Meta, BaseException], _Waiting]:
        """The destination takes no request as long as that: send its halves."""
        if len(entries) == 1:
            text = f"the document has {len(entries[0].data):,} bytes: {describe_refusal(answer.body)[1] or 'too large'}"
            return {entries[0].meta: EventFailed(text)}, []
        middle = len(entries) // 2
        refused, waiting = self._request(entries[:middle])
        more_refused, more_waiting = self._request(entries[middle:])
        return refused | more_refused, waiting + more_waiting

    def _check(self, answer: BulkAnswer) -> None:
        """Raise RetryLater or OpenSearchRefused where a request was refused as a whole."""
        status = answer.status
        if status == 200:
            return
        kind, words = describe_refusal(answer.body)
        text = f"{self._connection.url} answers {status}" + (f" ({words})" if words else "")
        if is_busy(status, kind, words) or (status >= 500 and status != 501):
            raise RetryLater(text, read_retry_after(answer.headers))
        if 300 <= status < 400:
            advice = f"give the URL that it names: {answer.headers.get('Location', 'none')[:200]}"
        elif status in (401, 403):
            advice = self._credentials.advice
        elif status in (404, 405):
            advice = "check that the URL is that of the cluster itself"
        else:
            advice = "check the URL, the index and the pipeline"
        raise OpenSearchRefused(f"{text}: {advice}", status)

    def statements(self) -> Sequence[dict[str, Any]]:
        """See `Sink.statements`."""
        return self._credentials.statements() if isinstance(self._credentials, AwsCredentials) else ()


def _join_lines(data: bytes) -> bytes:
    """Write JSON on one line: a function's msgspec.Raw may have several, and each would be read as an action."""
    try:
        return msgspec.json.format(data, indent=-1)
    except msgspec.DecodeError as fault:
        raise EventFailed(f"the document is not JSON: {fault}") from fault


class _Stamped(msgspec.Struct):
    timestamp: msgspec.Raw | msgspec.UnsetType = msgspec.field(name="@timestamp", default=msgspec.UNSET)


def _stamp(data: bytes, meta: Meta) -> bytes:
    """Write the event's time into a JSON object without `@timestamp`."""
    try:
        if msgspec.json.decode(data, type=_Stamped).timestamp is not msgspec.UNSET:
            return data
    except msgspec.DecodeError as fault:
        raise EventFailed(f"the document is not JSON: {fault}") from fault
    return b'{"@timestamp":"%b"%b%b' % (utc.iso(meta.timestamp).encode(), b"" if data == b"{}" else b",", data[1:])


def _is_down(cause: BaseException | str) -> bool:
    return isinstance(cause, RetryLater | ConnectionError)


def _check_url(url: str) -> tuple[str, str]:
    """Return the host, with its port, and the URL without a slash at its end."""
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise ValueError('the URL of OpenSearch holds a user or a password: write auth=("user", "ssm:/name")')
    _ = parts.port  # Raises ValueError.
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"the URL of OpenSearch is https://HOST, or https://HOST:PORT/PATH, not {url!r}")
    return parts.netloc.lower(), url.rstrip("/")


def _make_credentials(
    host: str, auth: Literal["aws"] | tuple[str, str] | None, api_key: str, region: str
) -> Credentials:
    if auth is not None and api_key:
        raise ValueError("OpenSearch takes auth= or api_key=, not both")
    if api_key:
        return HeaderCredentials("ApiKey", api_key)
    if auth == "aws":
        return AwsCredentials(host, region)
    if auth is None:
        return Credentials()
    if isinstance(auth, tuple) and len(auth) == 2 and all(isinstance(part, str) and part for part in auth):
        return HeaderCredentials("Basic", auth[1], auth[0])
    raise ValueError('auth of OpenSearch is "aws" or ("user", "ssm:/name")')  # Without what it is: a secret.
