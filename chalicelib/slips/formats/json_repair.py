"""JSON that a decoder has refused, though its values are clear: what JavaScript, nginx and shell scripts write."""

from __future__ import annotations

import json
import re

from .text_repair import decode_text

_STRING = re.compile(rb'"(?>(?s:[^"\\]++|\\.))*+"?+')
_CONTROL = re.compile(rb"[\0-\x1f]")
_ESCAPE = re.compile(
    rb"\\(?s:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a pair of surrogates
    rb"|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|(?P<hex>x[0-9a-fA-F]{2}(?>\\x[0-9a-fA-F]{2})*+)|.)"
)


def repair_json(record: bytes | str) -> bytes:
    """Return JSON text in which half a pair of surrogates is U+FFFD, control characters in strings are escaped, and so
    are the bytes that nginx writes as `\\x22`."""
    if isinstance(record, str):
        record = record.encode()
    return _ESCAPE.sub(_repair_escape, _STRING.sub(_escape_controls, record))


def _escape_controls(string: re.Match[bytes]) -> bytes:
    return _CONTROL.sub(lambda control: b"\\u%04x" % control[0][0], string[0])


def _repair_escape(escape: re.Match[bytes]) -> bytes:
    if escape["lone"]:
        return b"\\ufffd"
    if not escape["hex"]:
        return escape[0]
    text = bytes.fromhex(escape["hex"].replace(b"\\", b"").replace(b"x", b"").decode())
    return json.dumps(decode_text(text))[1:-1].encode()
