"""Splunk's HTTP Event Collector (Splunk, "Get data with HTTP Event Collector", "Format events for HTTP Event
Collector", "Troubleshoot HTTP Event Collector")."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar, Final, Unpack

from .base import Document, Encoded, encode
from .http import Http, HttpOptions, complete_url
from .http_answers import Answer, HttpRefused

PATH: Final = "/services/collector/event"
MOST_BYTES: Final = 1_000_000
"""Of a request to Splunk Cloud (Splunk Cloud Platform Service Details, "Data ingestion"); a server of one's own takes
more (limits.conf, max_content_length)."""
_CODES: Final = {
    7: "allow the index to the token, or name another one with index=",
    10: "turn indexer acknowledgment off for the token; SLIPS does not use it",
    11: "turn indexer acknowledgment off for the token; SLIPS does not use it",
}
"""What a 400 says of the token or of the sink, and not of an event."""


class SplunkHec(Http):
    """Sends events to an HTTP Event Collector: `url` is `https://host:8088`, `token` that of the collector.

    `time` is `meta.timestamp`, `source` the object, and the indexed field `event_id` is `meta.event_id`: the same where
    an event was sent twice. At least once; indexer acknowledgment is not used.
    """

    kind: ClassVar[str] = "splunk"
    advice: ClassVar[Mapping[int, str]] = {
        401: "check the token of the HTTP Event Collector",
        403: "check the token of the HTTP Event Collector, and that it is enabled",
        404: "check the URL: the collector answers at https://host:8088, or https://http-inputs-….splunkcloud.com",
    }

    def __init__(
        self, url: str, *, token: str, index: str = "", sourcetype: str = "", host: str = "",
        **options: Unpack[HttpOptions],
    ) -> None:  # fmt: skip
        given = {"index": index, "sourcetype": sourcetype, "host": host}
        self._fields = {name: value for name, value in given.items() if value}
        headers = {"Authorization": f"Splunk {token}"}
        settings: HttpOptions = {"most_bytes": MOST_BYTES, **options}
        super().__init__(complete_url(url, PATH), headers=headers, hides_url=False, **settings)

    def to_bytes(self, document: Document) -> bytes:
        """See `Http.to_bytes`."""
        meta = document.meta
        source = f"s3://{meta.source.bucket}/{meta.source.key}"
        envelope = {"time": round(meta.timestamp, 6), "source": source, **self._fields, "event": self.shape(document)}
        return encode({**envelope, "fields": {"event_id": document.id}})

    def join(self, entries: Sequence[Encoded]) -> tuple[bytes, str]:
        """See `Http.join`."""
        return b"".join(entry.data for entry in entries), "application/json"

    def post(self, entries: Sequence[Encoded]) -> None:
        """See `Http.post`."""
        try:
            super().post(entries)
        except HttpRefused as fault:
            advice = _CODES.get(_read_code(fault.answer)) if fault.answer else None
            if advice is None:
                raise
            raise HttpRefused(f"{fault}; {advice}") from None

    def check_answer(self, answer: Answer) -> None:
        """See `Http.check`."""
        if _read_code(answer) != 0:
            raise HttpRefused(
                f"{self.destination} answers {answer.status}, but not as an HTTP Event Collector does; check the URL"
            )


def _read_code(answer: Answer) -> Any:
    """Return the collector's code; 0 is success, None is no answer of a collector."""
    with suppress(ValueError, RecursionError):
        content = json.loads(answer.text)
        return content.get("code") if isinstance(content, dict) else None
    return None
