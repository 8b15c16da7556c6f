"""What a server on the loopback checks before it serves a request: whether a browser sent it for another site's page,
and whether it can be read in one way only.

A browser names the origin of a page in `Origin`, except for a plain GET, and how that origin relates to ours in
`Sec-Fetch-Site` (W3C Fetch Metadata). `Host` shows a name of another site that resolves to 127.0.0.1 (DNS rebinding).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from email.message import Message

NAMES: Final = ("127.0.0.1", "localhost", "[::1]")
"""The names of this machine in a browser's `Host` header."""
SINGLE: Final = ("Host", "Content-Length", "Authorization", "Origin", "Sec-Fetch-Site")
"""Headers that mean something else to whoever reads the first than to whoever reads the last."""
_DIGITS: Final = 18
"""Of any length that can be meant; Python converts no number of more than 4,300 digits."""


class Headers(Protocol):
    """The headers of a request; a name in lower case finds any spelling."""

    def get(self, name: str, /) -> str | None: ...


class Refusal(NamedTuple):
    """A refused request: the HTTP status, and `Code` and `Message` of the response."""

    status: int
    code: str
    message: str


def is_own_host(host: str, port: int | None = None) -> bool:
    """Return whether `Host` names this machine, and the port if one is given."""
    if port is not None:
        return host in [f"{name}:{port}" for name in NAMES]
    return (host if host.endswith("]") else host.rpartition(":")[0] or host) in NAMES


def is_from_page(headers: Headers) -> bool:
    """Return whether a page sent the request: neither a program nor a person who typed the address."""
    return headers.get("origin") is not None or headers.get("sec-fetch-site") not in (None, "none")


def is_from_other_site(headers: Headers) -> bool:
    """Return whether the page of another origin sent the request. The origins of other ports of this machine, which
    browsers call `same-site`, are others, too."""
    own = f"http://{headers.get('host') or ''}"
    is_own_page = headers.get("origin") in (None, own)
    return not is_own_page or headers.get("sec-fetch-site") not in (None, "none", "same-origin")


def find_refusal(headers: Message, most_bytes: int) -> Refusal | None:
    """Refuse a request whose body, or whose sender, another reader of the same bytes would see differently: Chalice
    takes a chunked body for an empty one, and so a drain of a few items for a drain of all."""
    length = headers.get("Content-Length", "0")
    repeated = [name for name in SINGLE if len(headers.get_all(name, ())) > 1]
    if headers.defects:
        return Refusal(400, "BadRequestError", "a header line has no name and colon")
    if repeated:
        return Refusal(400, "BadRequestError", f"the header {repeated[0]} is given more than once")
    if "Transfer-Encoding" in headers:
        return Refusal(
            411, "LengthRequiredError", "a chunked body is not supported here; send a Content-Length, and nothing else"
        )
    if not (length.isascii() and length.isdigit()):
        return Refusal(400, "BadRequestError", "the Content-Length is not a number of bytes")
    if len(length) > _DIGITS or int(length) > most_bytes:
        return Refusal(413, "RequestTooLongError", f"the body is longer than {most_bytes} bytes")
    return None
