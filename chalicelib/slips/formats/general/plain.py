"""Formats of no vendor: JSON, CSV with a header, logfmt, GELF."""

from __future__ import annotations

import re
from functools import cache

from ...errors import ParseError
from ..fields import Event
from ..json_format import JsonFormat
from ..learned_lines import LearnedLines
from ..line_format import line_format
from ..pair_grammar import PairGrammar
from ..pairs import NameCheck, spaced_pairs
from ..patterns import QUOTED, abbreviate
from ..registry import register
from ..table_format import TableFormat, header_row, split_at_commas
from ..values import merge_pairs

USUAL_TIMES = (
    *("@timestamp", "timestamp", "time", "ts", "t", "eventTime", "event_time", "datetime", "published", "created_at"),
    *("asctime", "instant", "date"),
)
"""Where a JSON log usually keeps its time, in the order in which they are tried: the first that holds a time counts."""

register(
    JsonFormat(
        name="json",
        tag="json",
        time=USUAL_TIMES,
        only_decodes=True,
        specificity=0.3,
        description="Any JSON object",
        document="RFC 8259",
        example=b'{"time":"2026-03-01T09:15:02Z","level":"info","msg":"listening","port":8080}',
    ),
    TableFormat(
        name="csv",
        tag="csv",
        time=USUAL_TIMES,
        framing="s3-csv",
        split=split_at_commas,
        header=header_row,
        only_decodes=True,
        specificity=0.25,
        description="CSV rows under a header",
        variants=(
            "quoted cells with commas, quotes and line breaks",
            "a repeated header, as in files appended to each other",
            "more cells than columns, under `extra`",
        ),
        refused=(
            "rows with fewer cells than the header",
            "another delimiter than its chain names",
        ),
        document="RFC 4180",
        example=b"time,level,msg\n2026-03-01T09:15:02Z,info,listening",
    ),
    JsonFormat(
        name="gelf",
        tag="gelf",
        time="timestamp",
        inner_paths=("short_message", "full_message"),
        signatures=("version=1.*, host, short_message, timestamp|level",),
        description="Graylog Extended Log Format",
        document="Graylog: GELF Payload Specification 1.1",
        example=b'{"version":"1.1","host":"web-3","short_message":"listening","timestamp":1772356502.481,"level":6,'
        b'"_port":8080}',
    ),
)


@cache
def _pair() -> re.Pattern[str]:
    return re.compile(rf'\s*([^\s="]+)(?:=(?:{QUOTED}(?!\S)|([^\s"]*+)(?!\S))|(?!\S))\s*')


_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


_NAMES = NameCheck(r'[^\s="]+')


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), text) if "\\" in text else text


@line_format(
    "logfmt",
    tag="logfmt",
    time=tuple(dict.fromkeys(("time", "ts", "timestamp", *USUAL_TIMES))),
    specificity=0.4,
    variants=(
        "a key alone, as an empty value",
        "quoted values with escapes",
        "a repeated key, as a list",
    ),
    refused=("text without `=`, and unclosed quotes",),
    document="logfmt, as of the Go package kr/logfmt",
    example=b'time=2026-03-01T09:15:02Z level=info msg="server listening" port=8080 tls',
)
def logfmt(line: str) -> Event:
    """key=value pairs; values with spaces in quotes; a key alone is an empty value."""
    event: Event = _LINES.read(line)
    return event


def _careful(line: str) -> Event:
    simple = spaced_pairs(line, lone_names=True) if "=" in line and "\\" not in line else None
    if simple is not None and _NAMES.accepts(simple):
        return simple
    pairs: list[tuple[str, str]] = []
    at, pair = 0, _pair().match
    while at < len(line):
        match = pair(line, at)
        if match is None:
            raise ParseError(f"no key=value at character {at + 1}: {abbreviate(line[at:])}")
        name, quoted, bare = match.groups()
        pairs.append((name, _unescape(quoted) if quoted is not None else bare or ""))
        at = match.end()
    if "=" not in line:
        raise ParseError(f"no key=value in {abbreviate(line)}")
    return merge_pairs(pairs)


_LINES = LearnedLines(
    _careful,
    PairGrammar(name=r'[^\s="]+', word=r"[!#-\[\]-~]*+", quoted=r'[^"\\]*+', lone_names=True),
)
