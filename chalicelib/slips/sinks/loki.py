"""Grafana Loki (Loki, HTTP API, "Ingest logs"; "Enforce rate limits and push request validation")."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final, Unpack

from ..errors import EventFailed
from ..model.meta import Meta
from .base import Document, Encoded, encode
from .http import Http, HttpOptions, complete_url
from .http_answers import Answer, HttpRefused

PATH: Final = "/loki/api/v1/push"
MOST_BYTES: Final = 3 * 1024 * 1024
"""Of a request; a server takes 4 MiB (grpc_server_max_recv_msg_size)."""
MOST_LINE_BYTES: Final = 256 * 1024
"""limits_config, max_line_size."""
MOST_LABELS: Final = 15
"""limits_config, max_label_names_per_series."""
_LABEL: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")

Label = str | Callable[[Meta, Any], str]


class Loki(Http):
    """Pushes lines to Loki: each document as JSON, under `meta.timestamp`.

    The labels of a stream are `format`, `tag`, and `labels`: texts, or functions of `(meta, document)`. Give labels few
    values: each combination is a stream, and Loki takes some thousands. Of two lines that are the same, in a stream and
    at the same time, Loki keeps one: a repeat does no harm, and `event_id` in each line keeps apart events that are the
    same (`id_field=""` leaves it out). `tenant` is X-Scope-OrgID.
    """

    kind: ClassVar[str] = "loki"
    advice: ClassVar[Mapping[int, str]] = {
        401: "check the credentials in headers=, and tenant=",
        404: f"check the URL: Loki takes logs at {PATH}",
    }

    def __init__(
        self, url: str, *, labels: Mapping[str, Label] | None = None, tenant: str = "",
        headers: Mapping[str, str] | None = None, most_line_bytes: int = MOST_LINE_BYTES,
        **options: Unpack[HttpOptions],
    ) -> None:  # fmt: skip
        self._labels: dict[str, Label] = {
            "format": lambda meta, _: meta.format,
            "tag": lambda meta, _: meta.tag,
            **(labels or {}),
        }
        _check_labels(self._labels)
        self._most_line_bytes = most_line_bytes
        settings: HttpOptions = {"most_bytes": MOST_BYTES, "id_field": "event_id", **options}
        own = {**({"X-Scope-OrgID": tenant} if tenant else {}), **(headers or {})}
        super().__init__(complete_url(url, PATH), headers=own, hides_url=False, **settings)

    def to_bytes(self, document: Document) -> bytes:
        """Return the stream of a document, a line end, and its entry. Raises EventFailed where that is too long."""
        meta = document.meta
        body = self.shape(document)
        line = body.encode() if isinstance(body, str) else encode(body)
        if len(line) > self._most_line_bytes:
            raise EventFailed(f"the line has {len(line):,} bytes, and Loki takes {self._most_line_bytes:,}")
        labels = {
            name: value if isinstance(value, str) else str(value(meta, document.body))
            for name, value in self._labels.items()
        }
        # A float holds microseconds; the digits behind them would be noise.
        nanoseconds = str(round(meta.timestamp * 1_000_000) * 1000)
        stream = {name: value for name, value in sorted(labels.items()) if value}
        return encode(stream) + b"\n" + encode([nanoseconds, line.decode()])

    def join(self, entries: Sequence[Encoded]) -> tuple[bytes, str]:
        """See `Http.join`."""
        streams: dict[bytes, list[tuple[float, bytes]]] = {}
        for entry in entries:
            stream, _, value = entry.data.partition(b"\n")
            streams.setdefault(stream, []).append((entry.meta.timestamp, value))
        parts = []
        for stream, values in streams.items():
            # Where Loki insists on order, it is that of time.
            ordered = b",".join(value for _, value in sorted(values, key=lambda pair: pair[0]))
            parts.append(b'{"stream":' + stream + b',"values":[' + ordered + b"]}")
        return b'{"streams":[' + b",".join(parts) + b"]}", "application/json"

    def check_answer(self, answer: Answer) -> None:
        """See `Http.check`."""
        if answer.status != 204:
            raise HttpRefused(f"{self.destination} answers {answer.status}, and Loki 204; check the URL")


def _check_labels(labels: Mapping[str, Label]) -> None:
    for name, value in labels.items():
        if not _LABEL.fullmatch(name):
            raise ValueError(f"a label has a name of letters, digits and _, not {name!r}")
        if not isinstance(value, str) and not callable(value):
            raise ValueError(f"the label {name} is a text, or a function of (meta, document)")
    if len(labels) > MOST_LABELS:
        raise ValueError(f"Loki takes {MOST_LABELS} labels, and these are {len(labels)}")
