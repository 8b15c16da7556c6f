"""OpenSearch and Elasticsearch: documents in indices or data streams (both: "Bulk API")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final, Literal
from urllib.parse import quote, urlsplit

import msgspec

from ..aws.retry import Backoff
from ..errors import EventFailed, EventsFailed, RetryLater, SlipsError
from ..model import utc
from ..model.meta import Meta
from . import secrets
from .aws_batches import PATIENCE
from .base import Document, Encoded, Sink, encode, encode_all, pieces
from .http_answers import TOO_LARGE, UNAUTHORIZED, HttpRefused
from .http_client import ANSWER_SECONDS, CONNECT_SECONDS, HttpClient
from .opensearch_answers import BulkJudge, read_verdicts
from .opensearch_auth import make_auth
from .opensearch_index import IndexName

INDEX: Final = "{format}-{time:%Y.%m.%d}"
MOST_BYTES: Final = 10 * 1024 * 1024
"""Of a request, before it is compressed: the smaller instances of Amazon OpenSearch Service take no more (Developer
Guide, "Quotas": network quotas)."""

MOST_ANSWER_BYTES: Final = 64 * 1024 * 1024
"""Of an answer, which has a result for each document."""
ONCE: Final = Backoff(patience=0)
"""Of requests as a whole: they are sent again together with the documents of which some were taken."""
_HEADERS: Final = {"Content-Type": "application/x-ndjson", "Accept": "application/json"}
_ADVICE: Final = {
    400: "check the URL, the index and the pipeline",
    **dict.fromkeys((404, 405, 501), "check that the URL is that of the cluster itself"),
}
_DOWN: Final = (RetryLater, ConnectionError, TimeoutError)
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
    sent again is there twice. `most_bytes` is of a request, before gzip. Times are in seconds.
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
        most_bytes: int = MOST_BYTES,
        gzip: bool = True,
        concurrency: int | Literal["adaptive"] = "adaptive",
        connect_seconds: float = CONNECT_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
        backoff: Backoff = PATIENCE,
    ) -> None:
        url = _check_url(url) + "/_bulk" + (f"?pipeline={quote(pipeline, safe='')}" if pipeline else "")
        self._index = IndexName(index)
        if data_stream and "time" in self._index.fields:
            raise ValueError('a data stream rolls over on its own: write index="logs-{format}", without {time}')
        for name, value in {"size": size, "most_bytes": most_bytes}.items():
            if value < 1:
                raise ValueError(f"{name} is a number from 1 on, not {value}")
        self.size = size
        self.most_bytes = most_bytes
        self.concurrency = concurrency
        self._data_stream = data_stream
        self._id_suffix = id_suffix if ids else None
        self._backoff = backoff
        self._auth = make_auth(url, auth, api_key, region)
        self._client = HttpClient(
            url, headers=self._auth.headers, hides_url=False, key=self._auth.key, gzip=gzip,
            most_answer_bytes=MOST_ANSWER_BYTES, connect_seconds=connect_seconds, answer_seconds=answer_seconds,
            ca_file=ca_file, advice=_ADVICE | dict.fromkeys(UNAUTHORIZED, self._auth.advice), judge=BulkJudge,
            backoff=ONCE,
        )  # fmt: skip
        host = self._client.destination
        self.destination = host if index == INDEX else f"{host}/{index}"

    def send(self, documents: Sequence[Document]) -> None:
        """See `Sink.send`."""
        failed: dict[Meta, BaseException | str] = {}
        entries = encode_all(documents, failed, most_bytes=self.most_bytes, to_bytes=self._write)
        down: BaseException | None = None
        is_anything_taken = False
        for piece in pieces(entries, most=self.size, most_bytes=self.most_bytes):
            if down is None:
                try:
                    ended = self._deliver(piece)
                except (SlipsError, OSError) as fault:
                    if not is_anything_taken:
                        raise  # The outbox finds out which documents it is about.
                    ended = {entry.meta: fault for entry in piece}
                is_anything_taken = is_anything_taken or len(ended) < len(piece)
                failed |= ended
                down = next((cause for cause in ended.values() if _is_down(cause)), None)
            else:
                failed |= {entry.meta: down for entry in piece}
        if down is not None and all(map(_is_down, failed.values())) and len(failed) == len({d.meta for d in documents}):
            raise down
        if failed:
            raise EventsFailed(failed)

    def _write(self, document: Document) -> bytes:
        """Return the lines of a document."""
        meta = document.meta
        target = {"_index": self._index.name(meta)}
        if self._id_suffix is not None:
            target["_id"] = document.id + self._id_suffix
        data = encode(document.body)
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
        body = b"".join(entry.data for entry in entries)
        try:
            answer = self._client.send("POST", body, _HEADERS, sign=self._auth.sign)
        except _DOWN as fault:
            return {}, [(entry, fault) for entry in entries]
        except HttpRefused as fault:
            if fault.status != TOO_LARGE:
                raise
            return self._split(entries, fault)
        try:
            verdicts = read_verdicts(answer.text, len(entries))
        except ValueError as fault:
            unread = RetryLater(f"{self._client.destination} gives an answer that cannot be read: {fault}")
            return {}, [(entry, unread) for entry in entries]
        refused: dict[Meta, BaseException] = {}
        waiting: _Waiting = []
        for entry, verdict in zip(entries, verdicts, strict=True):
            if verdict.kind == "refused":
                refused[entry.meta] = EventFailed(verdict.text)
            elif verdict.kind != "done":
                waiting.append((entry, (RetryLater if verdict.kind == "later" else EventFailed)(verdict.text)))
        return refused, waiting

    def _split(self, entries: Sequence[Encoded], fault: HttpRefused) -> tuple[dict[Meta, BaseException], _Waiting]:
        """The destination takes no request as long as that: send its halves."""
        if len(entries) == 1:
            return {entries[0].meta: EventFailed(f"the document has {len(entries[0].data):,} bytes: {fault}")}, []
        middle = len(entries) // 2
        refused, waiting = self._request(entries[:middle])
        more_refused, more_waiting = self._request(entries[middle:])
        return refused | more_refused, waiting + more_waiting

    def statements(self) -> Sequence[dict[str, Any]]:
        """See `Sink.statements`."""
        return [*self._auth.statements, *secrets.statements(self._client.references())]


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
    return isinstance(cause, _DOWN)


def _check_url(url: str) -> str:
    """Return the URL without a slash at its end. HttpClient checks the rest."""
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise ValueError('the URL of OpenSearch holds a user or a password: write auth=("user", "ssm:/name")')
    if parts.scheme not in ("http", "https") or parts.query:
        raise ValueError("the URL of OpenSearch is https://HOST, or https://HOST:PORT/PATH, and no reference")
    return url.rstrip("/")
