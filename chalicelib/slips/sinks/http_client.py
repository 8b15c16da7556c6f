"""Requests of a sink to its destination over HTTP: connections, credentials, and when a request is sent again.

Every answer but 2xx is an exception: RetryLater where the same request may be taken later, HttpRefused where it will
not, ConnectionError or TimeoutError where there was no answer. None of them shows a secret, or the path of a URL.
"""

from __future__ import annotations

import logging
import re
import ssl
import time
from collections.abc import Callable, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from ..aws.retry import Backoff
from ..errors import RetryLater
from . import secrets, tls
from .http_answers import (
    MOST_ANSWER_BYTES,
    MOST_CHARACTERS,
    UNAUTHORIZED,
    Answer,
    HttpRefused,
    Judge,
    is_hiccup,
    read_answer,
)

if TYPE_CHECKING:
    from urllib3 import PoolManager

PATIENCE: Final = Backoff(patience=10.0, first=0.2)
"""What may be a hiccup is sent again for so long; then it waits."""
CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 30.0
CONNECTIONS: Final = 64
"""That a sink keeps: as many as it may have batches under way (engine/outbox.py)."""
COMPRESSION: Final = 1
"""Of gzip, by ISA-L: more than ten times as fast as level 6 of zlib, for 4 % more (docs/decisions/0021)."""
_PLAIN_NAMES: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_SECRET_NAMES: Final = re.compile(r"auth|token|key|secret|sign|cookie|session|passw", re.IGNORECASE)
"""Headers whose values are secrets, even where they are not references."""
_SCHEME: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9_-]* )?(?P<value>.*)", re.DOTALL)
Headers = Mapping[str, str]
Sign = Callable[[str, bytes], Headers]
"""Returns headers for the bytes that are sent, made with a key."""


class _Credentials(NamedTuple):
    url: str
    headers: Headers
    key: str


class HttpClient:
    """Sends requests to one URL, from several threads at once.

    `url`, `key` and the values of `headers` may be references to secrets (a header's after one word: `Bearer
    ssm:/token`); `hides_url` says that the URL is a secret by itself, and `key` is what `sign` gets. `ca_file` holds
    the certificates to trust instead of the system's; `advice` says for a status what to do, and `judge` what answers
    mean, of which `most_answer_bytes` are read. There are no redirects and no proxies: a request is sent where the user
    said. Raises ValueError for what cannot be an argument.
    """

    def __init__(
        self, url: str, *, headers: Headers | None = None, name: str = "", hides_url: bool = True, key: str = "",
        gzip: bool = False, most_answer_bytes: int = MOST_ANSWER_BYTES,
        connect_seconds: float = CONNECT_SECONDS, answer_seconds: float = ANSWER_SECONDS, ca_file: str = "",
        advice: Mapping[int, str] | None = None, judge: type[Judge] = Judge,
        backoff: Backoff = PATIENCE, now: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._url = url
        self._headers = dict(headers or {})
        self._hides_url = hides_url
        self._key = key
        self._gzip = gzip
        self._most_answer_bytes = most_answer_bytes
        self._backoff = backoff
        self._now = now
        self._ca_file = ca_file
        self._timeouts = _check_seconds(connect_seconds), _check_seconds(answer_seconds)
        self._lock = Lock()
        self._pool: PoolManager | None = None
        for header, value in self._headers.items():
            _check_header(header, value)
        self.destination = name or (url if secrets.is_reference(url) else _check_url(url))
        self._judge = judge(self.destination, advice)
        tls.check_ca_file(ca_file)

    def references(self) -> list[str]:
        """Return the references to secrets that requests need."""
        values = [self._url, self._key, *(_split_scheme(value)[1] for value in self._headers.values())]
        return [value for value in values if secrets.is_reference(value)]

    def send(self, method: str, body: bytes, headers: Headers | None = None, *, sign: Sign | None = None) -> Answer:
        """Send a request, again where that may help, and return the answer, a 2xx. Raises RetryLater, HttpRefused,
        ConnectionError, TimeoutError."""
        extra = dict(headers or {})
        if self._gzip:
            from isal import igzip

            body, extra["Content-Encoding"] = igzip.compress(body, COMPRESSION, mtime=0), "gzip"
        fault: Exception | None = None
        for _ in self._backoff.attempts(self._backoff.end()):
            try:
                answer = self._ask(method, body, extra, sign)
            except (ConnectionError, TimeoutError) as no_answer:
                fault = no_answer
                continue
            try:
                return self._judge.check(answer, self._now())
            except RetryLater as later:
                if not is_hiccup(answer.status):
                    raise
                fault = later
        assert fault is not None
        raise fault

    def _ask(self, method: str, body: bytes, headers: Headers, sign: Sign | None) -> Answer:
        """Send a request once, or twice where credentials were refused and there are newer ones."""
        credentials = self._resolve()
        answer = self._request(method, body, headers, credentials, sign)
        if answer.status not in UNAUTHORIZED:
            return answer
        for reference in self.references():
            secrets.expire(reference)
        fresh = self._resolve()
        return answer if fresh == credentials else self._request(method, body, headers, fresh, sign)

    def _resolve(self) -> _Credentials:
        """Return the credentials as they are now. Raises HttpRefused for a secret that cannot be one."""
        url = secrets.resolve(self._url).strip()
        if self._hides_url:
            secrets.register(url)
        headers = {}
        for name, value in self._headers.items():
            scheme, secret = _split_scheme(value)
            resolved = secrets.resolve(secret).strip()
            if secrets.is_reference(secret) or _SECRET_NAMES.search(name):
                secrets.register(resolved)
            headers[name] = scheme + resolved
        key = secrets.resolve(self._key).strip()
        if key:
            secrets.register(key)
        try:
            _check_url(url)
            for name, value in headers.items():
                _check_header(name, value)
        except ValueError as fault:
            raise HttpRefused(f"a secret of the sink {self.destination} cannot be used: {fault}") from None
        return _Credentials(url, headers, key)

    def _request(
        self, method: str, body: bytes, headers: Headers, credentials: _Credentials, sign: Sign | None
    ) -> Answer:
        """Send a request once. Raises ConnectionError, TimeoutError, and HttpRefused where TLS refuses."""
        from urllib3 import Timeout
        from urllib3 import exceptions as library

        connect, answer = self._timeouts
        sent = {**credentials.headers, **headers, **(sign(credentials.key, body) if sign else {})}
        try:
            response = self._open_pool().urlopen(
                method, credentials.url, body=body, headers=sent, retries=False, redirect=False, preload_content=False,
                decode_content=False, timeout=Timeout(connect=connect, read=answer),
            )  # fmt: skip
            return read_answer(response, self._most_answer_bytes)
        except (library.NewConnectionError, OSError) as fault:
            raise ConnectionError(f"{self.destination} cannot be reached: {self._reason(fault)}") from None
        except library.ConnectTimeoutError:
            raise TimeoutError(f"{self.destination} cannot be reached: no connection in {connect:g} seconds") from None
        except library.TimeoutError:
            raise TimeoutError(f"{self.destination} has not answered in {answer:g} seconds") from None
        except library.SSLError as fault:
            inner = next((each for each in fault.args if isinstance(each, ssl.SSLError)), None)
            raise (inner and tls.explain(self.destination, inner)) or self._break(fault) from None
        except library.HTTPError as fault:
            raise self._break(fault) from None

    def _open_pool(self) -> PoolManager:
        """Return the connections, made when the first one is needed: reading certificates takes 30 ms."""
        from urllib3 import PoolManager

        with self._lock:
            if self._pool is not None:
                return self._pool
            logging.getLogger("urllib3.connectionpool").addFilter(_hide_secrets)
            self._pool = PoolManager(maxsize=CONNECTIONS, ssl_context=tls.make_context(self._ca_file))
            return self._pool

    def _break(self, fault: BaseException) -> ConnectionError:
        return ConnectionError(f"{self.destination} broke the connection: {self._reason(fault)}")

    def _reason(self, fault: BaseException) -> str:
        text = re.sub(r"^\S*Connection\w*\(.*?\): |^<.*?>: ", "", str(fault))
        return secrets.hide(" ".join(text.split())[:MOST_CHARACTERS])


def _hide_secrets(record: logging.LogRecord) -> bool:
    """Hide the URL in what urllib3 says of each request at level DEBUG."""
    record.msg, record.args = secrets.hide(record.getMessage()), None
    return True


def _split_scheme(value: str) -> tuple[str, str]:
    """`Bearer ssm:/token`: the word with its space, and the rest."""
    match = _SCHEME.fullmatch(value)
    assert match is not None
    return match["scheme"] or "", match["value"]


def _check_url(url: str) -> str:
    """Return host and port. Raises ValueError, which does not show the URL."""
    wrong = "a URL is written as https://host/path"
    if not url.isprintable() or " " in url:
        raise ValueError(f"{wrong}, without white space")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"{wrong}; this one has a host or a port that is not valid") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{wrong}, or http://…; a secret as ssm:/name or secretsmanager:name#key")
    if "@" in parts.netloc:
        raise ValueError(f"{wrong}; give a name and a password in the header Authorization")
    if parts.fragment:
        raise ValueError(f"{wrong}, without #…")
    return parts.hostname + (f":{port}" if port else "")


def _check_header(name: str, value: object) -> None:
    if not _PLAIN_NAMES.fullmatch(name):
        raise ValueError(f"a header has a name such as X-Api-Key, not {name!r}")
    # ISO-8859-1 is what HTTP/1.1 carries, and all that http.client sends.
    if not isinstance(value, str) or not value.isprintable() or not all(ord(each) < 256 for each in value):
        raise ValueError(f"the header {name} needs a text in one line")


def _check_seconds(value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 900:
        raise ValueError(f"connect_seconds and answer_seconds are numbers of seconds from 0 to 900, not {value!r}")
    return value
