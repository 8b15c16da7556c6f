"""What of a secret is secret by itself: the values of a JSON document, the lines of a key, the password of a URL."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import unquote, unquote_plus, urlsplit

SHORTEST = 4
"""Characters: anything shorter is in every second text, and protects nothing."""
SHORTEST_NUMBER = 6
"""Digits: ports, status codes, years and counts have fewer."""
SHORTEST_LINE = 8
"""Characters of a line of a longer secret."""
SHORTEST_PATH = 16
"""Characters of a URL's path: that of a webhook is its secret, `/api/v1` is none."""
COMMON = frozenset(
    [
        *("true", "false", "null", "none", "undefined", "default", "test", "localhost", "http", "https"),
        *("admin", "administrator", "root", "user", "username", "guest", "secret", "password"),
        *("postgres", "postgresql", "mysql", "mariadb", "oracle", "sqlserver", "mongodb", "redis"),
    ]
)
"""Values next to the password in a JSON secret, and in many a log line. As a password they protect nothing."""
PIECE = 256
"""Characters. Matching takes a regular expression, and time to compile it grows with its length."""

NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_KEY_FILE_MARK = re.compile(r"-----(?:BEGIN|END) [A-Z0-9 ]+-----")
_LINE_END = re.compile(r"[\r\n]|\\r|\\n")
"""Also escaped, as a key is in an environment variable."""
_USER_INFO = (re.compile(r"://([^\s/?#]*)@"), re.compile(r"://(\S*)@"))
"""The second for a password that holds a slash, and should have been quoted."""
_ASSIGNED = re.compile(
    r"""(?:pass(?:word|wd|phrase)?|pwd|secret|token|key|sig(?:nature)?)\s*=\s*(?:'([^']+)'|"([^"]+)"|([^\s;&'"]+))""",
    re.IGNORECASE,
)


def find_parts(secret: str) -> list[str]:
    """Return the secret without the white space around it, and what of it is secret by itself: of JSON all values, of
    several lines each, of URLs and connection strings the passwords, of a webhook the path."""
    parts = dict.fromkeys(part.strip() for part in _parts(secret.strip()))
    return [piece for part in parts if is_rare(part) for piece in _pieces(part)]


def is_rare(part: str) -> bool:
    """Whether masking it leaves the rest of a text readable."""
    if NUMBER.fullmatch(part):
        return sum(map(str.isdigit, part)) >= SHORTEST_NUMBER
    return len(part) >= SHORTEST and part.casefold() not in COMMON


def _pieces(part: str) -> list[str]:
    """A long part in pieces, of which each is masked."""
    count = max(1, len(part) // PIECE)
    ends = [*(number * PIECE for number in range(count)), len(part)]
    return [part[start:end] for start, end in pairwise(ends)]


def _parts(text: str) -> Iterator[str]:
    leaves = [part for leaf in _leaves(text) for part in _parts(leaf)]
    if any(map(is_rare, leaves)):
        yield from leaves
        return
    for block in _KEY_FILE_MARK.split(text):
        yield block
        lines = [line.strip() for line in _LINE_END.split(block)]
        yield from (line for line in lines if len(line) >= SHORTEST_LINE)
    for groups in _ASSIGNED.findall(text):
        yield from _unquoted("".join(groups))
    for user_info in (found for pattern in _USER_INFO for found in pattern.findall(text)):
        yield from _unquoted(user_info)
        yield from _unquoted(user_info.partition(":")[2])
    yield from _path(text)


def _leaves(text: str) -> list[str]:
    """The texts and numbers of a JSON document, numbers as they stand and as Python writes them; none of other text."""
    if NUMBER.fullmatch(text):  # It would be its own leaf, without end.
        return []
    try:
        document = json.loads(
            text,
            parse_float=lambda literal: [literal, repr(float(literal))],
            parse_int=str,
            object_pairs_hook=lambda pairs: [value for _, value in pairs],
        )
    except (ValueError, RecursionError):
        return []
    leaves: list[str] = []
    waiting: list[Any] = [document]
    while waiting:
        match waiting.pop():
            case list() as inner:
                waiting.extend(inner)
            case str() as leaf:
                leaves.append(leaf)
    return leaves


def _unquoted(text: str) -> Iterator[str]:
    yield from (text, unquote(text), unquote_plus(text))


def _path(text: str) -> Iterator[str]:
    """The path of a URL, which is all that an error of an HTTP client names beside the host."""
    if text.startswith(("http://", "https://")) and not any(map(str.isspace, text)):
        try:
            path = urlsplit(text).path
        except ValueError:  # "Invalid IPv6 URL"
            return
        if len(path) >= SHORTEST_PATH:
            yield from _unquoted(path)
