"""What the answer of an HTTP server means: taken, later, or refused; and its words, short, without secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from ..errors import MOST_AFTER, RetryLater, SlipsError
from . import secrets

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

MOST_ANSWER_BYTES: Final = 64 * 1024
"""Of an answer that are read. Who answers more loses the connection."""
MOST_CHARACTERS: Final = 300
"""Of an answer's own words, in an error."""
MOST_PAGE_CHARACTERS: Final = 4096
"""Of a page in HTML in which words are looked for: one may hold tags that never end."""
TOO_LARGE: Final = 413
UNAUTHORIZED: Final = (401, 403)
LATER: Final = (429, 503)
"""RFC 6585 and RFC 9110: too many requests, unavailable. They say themselves when to come again."""
_AGAIN: Final = (408, 425)
_NEVER: Final = (501, 505)
"""RFC 9110: not implemented, version not supported. All else from 500 on is sent again."""
_TITLE: Final = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_TAG: Final = re.compile(r"<(?:style|script).*?</(?:style|script)>|<[^>]*>", re.IGNORECASE | re.DOTALL)


_ADVICE: Final = {
    401: "check the credentials of the sink",
    403: "check the credentials of the sink, and what they are allowed to do",
    404: "check the URL of the sink",
    405: "check the URL and the method of the sink",
    410: "the address is gone for good; give the sink another one",
    415: "it does not take this kind of body; check `body`, and try gzip=False",
}


class Answer(NamedTuple):
    """What a destination answered: `text` is its beginning, in UTF-8."""

    status: int
    headers: Mapping[str, str]
    text: str


class HttpRefused(SlipsError):
    """A destination refused a request, and will refuse it again. `status` is that of its `answer`; 0 without one, and
    where all requests are refused, whatever documents they hold."""

    def __init__(self, text: str, status: int = 0, answer: Answer | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.answer = answer


class Judge:
    """Says what the answers of one destination mean; `advice` says for a status what to do, after its own words. A
    class of its own, for a destination whose answers have a form of their own, is an argument of HttpClient."""

    def __init__(self, destination: str, advice: Mapping[int, str] | None = None) -> None:
        self.destination = destination
        self._advice = {**_ADVICE, **(advice or {})}

    def check(self, answer: Answer, now: float) -> Answer:
        """Return a 2xx. Raises RetryLater or HttpRefused for any other answer; `now` is in seconds since the epoch."""
        status = answer.status
        if 200 <= status < 300:
            return answer
        if self.is_later(answer):
            raise RetryLater(self.describe(answer), after=read_retry_after(answer.headers.get("retry-after"), now))
        if 300 <= status < 400:
            target = urlsplit(answer.headers.get("location", "")).netloc.rpartition("@")[2] or "another path"
            raise HttpRefused(
                f"{self.destination} answers {status}, a redirect to {secrets.hide(target)}, and a sink follows none; "
                "give it the URL that answers itself",
                status,
            )
        text, advice = self.describe(answer), self._advice.get(status)
        raise HttpRefused(f"{text.rstrip('.')}; {advice}" if advice else text, status, answer)

    def is_later(self, answer: Answer) -> bool:
        """Whether the same request may be taken later."""
        return answer.status in LATER or is_hiccup(answer.status)

    def read_words(self, text: str) -> str:
        """Return of an answer what to tell; it is then shortened."""
        return text

    def describe(self, answer: Answer) -> str:
        """Say what was answered, in the destination's own words."""
        words = shorten(secrets.hide(self.read_words(answer.text)))
        with suppress(ValueError):
            words = words or HTTPStatus(answer.status).phrase
        return f"{self.destination} answers {answer.status}: {words or 'nothing'}"


def read_retry_after(value: str | None, now: float) -> float | None:
    """Return the seconds that a header Retry-After asks for (RFC 9110): a number, or a date; None for anything else."""
    seconds: float | None = None
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        seconds = float(text[:9])
    elif text:
        with suppress(ValueError, TypeError, OverflowError):
            seconds = parsedate_to_datetime(text).timestamp() - now
    return None if seconds is None else min(max(seconds, 0.0), MOST_AFTER)


def shorten(text: str) -> str:
    """Return the beginning of a text, in one line; of a page in HTML its title, else what it shows."""
    if text.lstrip()[:1] == "<":
        page = text[:MOST_PAGE_CHARACTERS]
        title = _TITLE.search(page)
        text = title[1] if title else _TAG.sub(" ", page)
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if len(line) <= MOST_CHARACTERS else line[:MOST_CHARACTERS] + "…"


def is_hiccup(status: int) -> bool:
    """Whether the same request may be taken in a moment."""
    return status in _AGAIN or (status >= 500 and status not in (*LATER, *_NEVER))


def read_answer(response: BaseHTTPResponse, most_bytes: int) -> Answer:
    """Read an answer, and leave the connection to the next request where it has ended."""
    try:
        data = response.read(most_bytes)
        is_complete = not response.read(1)
    except BaseException:
        response.close()
        raise
    if is_complete:
        response.release_conn()
    else:
        response.close()
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, headers, data.decode("utf-8", "replace"))
