"""Datadog's intake of logs (Datadog, API Reference, "Send logs")."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import ClassVar, Final, Unpack

from ..errors import EventFailed
from .base import Document, encode
from .http import Http, HttpOptions
from .http_answers import Answer, HttpRefused

MOST_LOGS: Final = 1000
MOST_BYTES: Final = 5_000_000
"""Of a request, before compression."""
MOST_LOG_BYTES: Final = 1_000_000
"""Datadog takes a longer log, and cuts it."""
MOST_AGE_SECONDS: Final = 18 * 3600.0
"""Datadog answers 202 for an older log, and does not keep it."""
SITE: Final = "datadoghq.com"


class DatadogLogs(Http):
    """Sends logs to a site of Datadog, such as `datadoghq.eu`.

    `message` is the document as JSON, which Datadog takes apart; `ddsource` is `source`, by default the format's name,
    `tags` are `{"env": "prod"}`, and the attribute `event_id` is `meta.event_id`: the same where an event was sent
    twice. Events older than `most_age_seconds` fail: Datadog would drop them silently. `url` is for a proxy.
    """

    kind: ClassVar[str] = "datadog"
    advice: ClassVar[Mapping[int, str]] = {
        401: "check the API key",
        403: "check the API key, and that it is of this site",
        404: "check the site",
    }

    def __init__(
        self, *, api_key: str, site: str = SITE, service: str = "", source: str = "",
        tags: Mapping[str, str] | None = None, most_age_seconds: float = MOST_AGE_SECONDS, url: str = "",
        **options: Unpack[HttpOptions],
    ) -> None:  # fmt: skip
        if "/" in site or "." not in site:
            raise ValueError(f"site is the name of a Datadog site, such as datadoghq.eu, not {site!r}")
        self._source = source
        self._most_age = most_age_seconds
        self._now = options.get("now", time.time)
        tag_list = ",".join(f"{name}:{value}" for name, value in (tags or {}).items())
        given = {"service": service, "ddtags": tag_list}
        self._fields = {name: value for name, value in given.items() if value}
        settings: HttpOptions = {"most_bytes": MOST_BYTES, "size": MOST_LOGS, **options}
        address = url or f"https://http-intake.logs.{site}/api/v2/logs"
        super().__init__(address, body="json", headers={"DD-API-KEY": api_key}, hides_url=False, **settings)

    @property
    def most_document_bytes(self) -> int:
        """See `Http.most_document_bytes`."""
        return MOST_LOG_BYTES

    def to_bytes(self, document: Document) -> bytes:
        """See `Http.to_bytes`."""
        meta = document.meta
        age = self._now() - meta.timestamp
        if age > self._most_age:
            raise EventFailed(
                f"the event is {age / 3600:,.1f} hours old, and Datadog keeps none older than "
                f"{self._most_age / 3600:,.1f} hours"
            )
        body = self.shape(document)
        log = {
            "message": body if isinstance(body, str) else encode(body).decode(),
            "timestamp": round(meta.timestamp * 1000),
            "ddsource": self._source or meta.format,
            "event_id": document.id,
        }
        return encode({**log, **self._fields})

    def check_answer(self, answer: Answer) -> None:
        """See `Http.check`."""
        if answer.status != 202:
            raise HttpRefused(f"{self.destination} answers {answer.status}, and Datadog 202; check the site, or url=")
