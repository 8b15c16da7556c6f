"""Replace personal data and secrets and keep their shape, so that parsers and functions fail as before.

A value gets the same replacement throughout a capture, and another one in the next: replacements are keyed with a
secret that is thrown away, so that nobody can find a value by trying all.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from typing import Any

_OCTET, _GROUP = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)", r"[0-9A-Fa-f]{1,4}"
_IPV4 = rf"(?<![\w.])(?:{_OCTET}\.){{3}}{_OCTET}(?![\w]|\.\d)"
_IPV6 = (
    rf"(?<![\w:.])(?:(?:{_GROUP}:){{7}}{_GROUP}|(?:{_GROUP}:){{1,6}}(?::{_GROUP}){{1,6}}|::(?:{_GROUP}:){{0,5}}{_GROUP})"
    r"(?![\w:])"
)
_MAC = r"(?<![\w:-])[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![\w:-])"
_MAIL = r"(?<![A-Za-z0-9._%+'-])[A-Za-z0-9._%+'-]{1,64}(?:@|%40)(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}"
_JWT = r"(?<![\w-])eyJ[\w-]{5,}+\.[\w-]{5,}+(?:\.[\w-]*+)?"
_AWS_KEY = r"(?<![A-Z0-9])(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}(?![A-Z0-9])"
_UUID = r"(?<![\w-])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![\w-])"
_HEX = r"(?<![\w-])[0-9A-Fa-f]{32,}(?![\w-])"
# Letters, and at least three digits among them: a key, a session. Possessive, so that hostile text costs linear time.
_MIXED = r"(?<![\w+.-])(?=(?:[A-Za-z_+-]*+\d){3})(?=[\d_+-]*+[A-Za-z])[\w+-]{24,}+={0,2}"
_BASE64 = r"(?<![\w/+.-])(?=[a-z\d/+]*+[A-Z])(?=[A-Z\d/+]*+[a-z])(?=[A-Za-z/+]*+\d)[A-Za-z\d/+]{40,}+={0,2}(?![\w])"

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(text))
    for name, text in (
        ("mail", _MAIL), ("token", _JWT), ("token", _AWS_KEY), ("token", _UUID), ("mac", _MAC), ("ipv6", _IPV6),
        ("ipv4", _IPV4), ("token", _HEX), ("token", _BASE64), ("token", _MIXED),
    )
)  # fmt: skip
_NAME_OR_SCALAR = re.compile(r'"(?>[^"\\]|\\.)*+(?:"(\s*:)?|\Z)|-?\d[\d.eE+-]*', re.DOTALL)
_ESCAPED = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|.)|[A-Za-z0-9]|[^\x00-\x7f]")
_SHORTEST = 3
"""The shortest value that is replaced wherever it occurs in a record."""


def suspicious(text: str) -> int:
    """Count the values that look like an IP or e-mail address or a token."""
    return sum(len(pattern.findall(text)) for _, pattern in _PATTERNS)


class Redaction:
    """A redaction of the named fields, and of whatever looks like an IP or e-mail address or a token. `values` gives
    the values that a record's parser has under a name, for records that do not contain names."""

    def __init__(
        self, fields: Sequence[str] = (), values: Callable[[bytes, str], Iterator[str]] | None = None
    ) -> None:  # fmt: skip
        self._fields = tuple(name for name in fields if name)
        self._values = values
        self._secret = secrets.token_bytes(32)
        self._known: dict[str, str] = {}

    def record(self, record: bytes) -> bytes:
        """Redact a record."""
        text = record.decode("utf-8", "surrogateescape")
        for name in self._fields:
            text = self._field(text, name, record)
        return self.text(text).encode("utf-8", "surrogateescape")

    def text(self, text: str) -> str:
        """Replace whatever looks like an IP or e-mail address or a token."""
        for kind, pattern in _PATTERNS:
            text = pattern.sub(lambda match, kind=kind: self._replace(kind, match[0]), text)  # type: ignore[misc]
        return text

    def about(self, text: str) -> str:
        """Redact a text about the records, such as a message: replace the same values in it."""
        both = {**self._known, **{_decoded(value): _decoded(redacted) for value, redacted in self._known.items()}}
        known = {value: redacted for value, redacted in both.items() if len(value) >= _SHORTEST}
        if known:
            longest_first = map(re.escape, sorted(known, key=len, reverse=True))
            text = re.sub("|".join(longest_first), lambda match: known[match[0]], text)
        return self.text(text)

    def _field(self, text: str, path: str, record: bytes) -> str:
        name = path.rpartition(".")[2]
        replaced = _in_json(text, name, self._scalars)
        for pattern in _spelled(name):
            replaced = pattern.sub(lambda match: match[1] + self.whole(match[2]) + match[3], replaced)
        for value in self._values(record, path) if self._values else ():
            if len(value) >= _SHORTEST:
                replaced = replaced.replace(value, self.whole(value))
        return replaced

    def _scalars(self, text: str) -> str:
        """Replace all strings and numbers in a JSON value, except the names of fields."""
        return _NAME_OR_SCALAR.sub(lambda match: match[0] if match[1] else self._scalar(match[0]), text)

    def _scalar(self, text: str) -> str:
        if text.startswith('"'):
            end = '"' if len(text) > 1 and text.endswith('"') else ""  # A broken record may end inside the string.
            return f'"{self.whole(text[1:].removesuffix(end))}{end}'
        # Without its exponent, which could turn it into an infinity.
        return re.sub(r"[\d.]+", lambda match: self._remember(match[0], self.shape(match[0])), text, count=1)

    def _replace(self, kind: str, value: str) -> str:
        digest = self._digest(value)
        match kind:
            case "ipv4":
                return f"{('192.0.2', '198.51.100', '203.0.113')[digest[0] % 3]}.{digest[1]}"
            case "ipv6":
                return f"2001:db8::{digest[0]:x}:{digest[1]:x}"
            case "mac":
                return value[2].join(("00", "00", "5E", "00", "53", f"{digest[0]:02X}"))
            case "mail":
                local, mark = re.split(r"(@|%40)", value)[:2]
                return f"{self.shape(local)}{mark}example.com"
        prefix = value[:4] if re.fullmatch(_AWS_KEY, value) or value.startswith("eyJ") else ""
        hexadecimal = re.fullmatch(r"[0-9A-Fa-f-]+", value) is not None
        return prefix + self.shape(value.removeprefix(prefix), hexadecimal=hexadecimal)

    def whole(self, value: str) -> str:
        """Replace a whole value."""
        kind = next((kind for kind, pattern in _PATTERNS if pattern.fullmatch(value)), "")
        return self._remember(value, self._replace(kind, value) if kind else self.shape(value))

    def _remember(self, value: str, redacted: str) -> str:
        self._known[value] = redacted
        return redacted

    def shape(self, value: str, *, hexadecimal: bool = False) -> str:
        """Replace letters by letters of the same case, and digits by digits; keep everything else, and the length."""
        stream = self._stream(value)
        letters = "abcdef" if hexadecimal else "abcdefghijklmnopqrstuvwxyz"
        return _ESCAPED.sub(lambda match: _other(match[0], next(stream), letters), value)

    def _stream(self, value: str) -> Iterator[int]:
        begun, counter = self._digest(value).hex(), 0  # Long values are hashed once.
        while True:
            yield from self._digest(f"{counter}:{begun}")
            counter += 1

    def _digest(self, value: str) -> bytes:
        return blake2b(value.encode("utf-8", "surrogatepass"), key=self._secret).digest()


def _decoded(value: str) -> str:
    """Decode the content of a JSON string."""
    try:
        return str(json.loads(f'"{value}"', strict=False))
    except ValueError:
        return value


def _other(char: str, number: int, letters: str) -> str:
    if len(char) > 1:  # An escape: keep line ends.
        return char if char[1] != "u" else "x"
    if char.isascii() and char.isdigit():
        return str(1 + number % 9)  # Not zero, with which a number may not begin.
    redacted = letters[number % len(letters)]
    return redacted.upper() if char.isupper() else redacted


def _spelled(name: str) -> tuple[re.Pattern[str], ...]:
    """Return patterns of a field in other formats: `name=value`, `name="…"`, `<name>…</name>`, nested JSON."""
    escaped = re.escape(name)
    return (
        re.compile(rf'((?<![\w.-]){escaped}=")((?:[^"\\]|\\.)*)(")'),
        re.compile(rf'((?<![\w.-]){escaped}=)([^\s",;&|]+)()'),
        re.compile(rf"(<{escaped}(?:\s[^>]*)?>)([^<]*)(</)"),
        re.compile(rf'(\\"{escaped}\\"\s*:\s*\\")(.*?)((?<!\\)\\")'),
    )


def _in_json(text: str, name: str, change: Callable[[str], str]) -> str:
    """Change every value of `"name": …`, also objects and lists, even if the rest of the text is broken."""
    redacted, at = "", 0
    for match in re.finditer(rf"{re.escape(json.dumps(name))}\s*:\s*", text):
        if match.start() < at:  # Inside a value that was changed as a whole.
            continue
        end = _end(text, match.end())
        redacted += text[at : match.end()] + change(text[match.end() : end])
        at = end
    return redacted + text[at:]


_DECODER: Any = json.JSONDecoder()


def _end(text: str, start: int) -> int:
    """Find the end of the JSON value that begins at `start`; if it is broken, the end of its line or pair."""
    try:
        end: int = _DECODER.raw_decode(text, start)[1]
    except (ValueError, RecursionError):
        match = re.compile(r'"(?:[^"\\]|\\.)*"?|[^,}\]\n]*').match(text, start)
        return match.end() if match else start
    return end
