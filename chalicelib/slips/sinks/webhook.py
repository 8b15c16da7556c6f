"""A webhook of one's own: JSON, signed."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import ClassVar, Final, Unpack

from .base import Encoded
from .http import Http, HttpOptions

SIGNATURE: Final = "X-Slips-Signature"
REPEAT: Final = "Idempotency-Key"


class Webhook(Http):
    """Sends each batch as an array of JSON, signed with `secret`.

    The header X-Slips-Signature is `sha256=` and the HMAC-SHA256 of the body as it is sent, in hex. Idempotency-Key is
    the same where the same documents are sent again, in a request of the same ones.
    """

    kind: ClassVar[str] = "webhook"

    def __init__(
        self, url: str, *, secret: str = "", headers: Mapping[str, str] | None = None, **options: Unpack[HttpOptions]
    ) -> None:
        self._is_signed = bool(secret)
        settings: HttpOptions = {"gzip": False, **options}
        super().__init__(url, body="json", headers=headers, key=secret, **settings)

    def headers_of(self, entries: Sequence[Encoded]) -> Mapping[str, str]:
        """See `Http.headers_of`."""
        ids = "".join(entry.id for entry in entries)
        return {REPEAT: blake2b(ids.encode(), digest_size=16).hexdigest()}

    def sign(self, key: str, body: bytes) -> Mapping[str, str]:
        """See `Http.sign`."""
        return {SIGNATURE: f"sha256={hmac.digest(key.encode(), body, 'sha256').hex()}"} if self._is_signed else {}
