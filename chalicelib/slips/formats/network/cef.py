"""ArcSight's Common Event Format."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from ...errors import ParseError
from .. import syslog_header
from ..fields import Event
from ..learned_lines import LearnedLines
from ..line_format import line_format
from ..pair_grammar import PairGrammar
from ..pairs import has_plain_spaces
from ..patterns import abbreviate
from ..values import merge_pairs, with_numbers
from ..variants import SYSLOG_HEADERS

HEADER = (
    "Version", "Device Vendor", "Device Product", "Device Version", "Device Event Class ID", "Name", "Severity",
)  # fmt: skip

# What the extension dictionary gives as Integer, Long or Floating Point.
_NUMBERS = frozenset((
    "cnt", "cn1", "cn2", "cn3", "cfp1", "cfp2", "cfp3", "cfp4", "deviceDirection", "dpid", "dpt", "dvcpid",
    "destinationTranslatedPort", "fsize", "in", "oldFileSize", "out", "spid", "spt", "sourceTranslatedPort", "type",
    "flexNumber1", "flexNumber2", "Severity",
))  # fmt: skip


_TIMES = ("rt", "deviceReceiptTime", "end", "endTime", "start", "startTime")


@cache
def _marker() -> re.Pattern[str]:
    return re.compile(r"CEF: ?\d")


@cache
def _header() -> re.Pattern[str]:
    return re.compile(r"(?:CEF: ?)?(\d(?:\.\d)?)\|" + r"([^|\\]*+(?>\\.[^|\\]*+)*+)\|" * 6 + r"((?s:.*))")


@cache
def _key() -> re.Pattern[str]:
    return re.compile(r"(?<!\S)([A-Za-z0-9_.\-\[\]]++)=")


def time_of(event: Event, reference: float) -> float | None:
    """rt, end, start, else syslog header"""
    zone = event.get("dtz")
    return syslog_header.time_or_header(event, _TIMES, reference, zone if isinstance(zone, str) else "")


@line_format(
    "cef",
    tag="cef.<Device Vendor>",
    time=time_of,
    specificity=0.93,
    variants=(
        SYSLOG_HEADERS,
        "versions 0 and 1, with or without a space after `CEF:`",
        "values with spaces and `=`, escapes `\\|`, `\\=`, `\\n`",
        "times as epoch or text, in the zone of `dtz` or of the header",
        "a repeated key, as a list",
    ),
    refused=(
        "a header with fewer than seven parts, and text before the first key",
        "times as text where `dtz` is a region",
    ),
    document="Micro Focus Security ArcSight: Common Event Format (CEF), Implementation Standard",
    example=b"<134>Mar  1 09:15:03 fw-2 CEF:0|Example Systems|Gatekeeper|4.2|100|Connection refused|5|rt=1772356502481 "
    b"src=192.0.2.41 spt=52814 dst=198.51.100.7 dpt=22 act=blocked msg=rule \\= default",
)
def cef(line: str) -> Event:
    """CEF, with or without a syslog header; the header's and the extension's fields side by side."""
    event: Event = _LINES.read(line.rstrip())
    return event


def _careful(line: str) -> Event:
    relay, rest = syslog_header.split_at(_marker(), line, "CEF line")
    return {**relay, **fields(rest)}


def fields(text: str) -> Event:
    """Return the fields of a CEF message from `CEF:` on, which some relays drop. Raises ParseError."""
    simple = _ordinary_fields(text)
    if simple is not None:
        return with_numbers(simple, _NUMBERS)
    match = _header().fullmatch(text)
    if match is None:
        raise ParseError(f"no CEF header: {abbreviate(text)}")
    *header, extension = match.groups()
    pairs = [*zip(HEADER, map(unescape, header), strict=True), *pairs_of(extension)]
    return with_numbers(merge_pairs(pairs), _NUMBERS)


def _ordinary_fields(text: str) -> Event | None:
    """Return the fields of a message of the usual shape, before numbers; None where it needs a closer look."""
    cells = text.split("|", 7)
    version = _VERSIONS.get(cells[0])
    if version is None or len(cells) != 8 or "\\" in text[: -len(cells[7]) or None] or not has_plain_spaces(text):
        return None
    before, *parts = _spaced_key().split(f" {cells[7]}")
    if before.strip():
        return None
    names, values = parts[::2], parts[1::2]
    if "  " in cells[7] or "= " in cells[7]:
        values = [value.strip() for value in values]
    if "\\" in cells[7]:
        values = [unescape(value) if "\\" in value else value for value in values]
    event: Event = dict(zip(HEADER, (version, *cells[1:7]), strict=True))
    event.update(zip(names, values, strict=True))
    return event if len(event) == len(HEADER) + len(names) else None


_VERSIONS = {f"{start}{version}": version for version in ("0", "1") for start in ("CEF:", "CEF: ", "")}


@cache
def _spaced_key() -> re.Pattern[str]:
    return re.compile(r" ([A-Za-z0-9_.\-\[\]]++)=")


def pairs_of(text: str) -> list[tuple[str, str]]:
    """Return the pairs of an extension. A value ends at the next ` key=`, for it may hold spaces.

    Raises ParseError for text before the first key.
    """
    return pairs_between(_key(), text, unescape=unescape)


def pairs_between(key: re.Pattern[str], text: str, unescape: Callable[[str], str]) -> list[tuple[str, str]]:
    """Return the pairs whose names `key` finds, each value ending at the next name."""
    before, *parts = key.split(text)  # Name, value, name, value, …
    if before.strip():
        raise ParseError(f"no key=value: {abbreviate(before)}")
    values = [value.strip() for value in parts[1::2]]
    if "\\" in text:
        values = list(map(unescape, values))
    return list(zip([name.strip() for name in parts[::2]], values, strict=True))


_ESCAPES = {"n": "\n", "r": "\r"}


def unescape(text: str) -> str:
    """Return the text without the backslashes before `|`, `=`, `\\`, and with the line ends that `\\n` and `\\r`
    mean."""
    if "\\" not in text:
        return text
    return re.sub(r"\\([|=\\nr])", lambda match: _ESCAPES.get(match[1], match[1]), text)


_PLAIN = r"[ -<>-\[\]-~]*"
_LINES = LearnedLines(
    _careful,
    PairGrammar(
        find=lambda line: line.find("CEF:"),
        head=r"CEF: ?(\d)\|" + r"([^|\\]*)\|" * 6,
        columns={HEADER[0]: "[01]", **dict.fromkeys(HEADER[1:], r"[ -\[\]-{}-~]*+")},
        name=r"[A-Za-z0-9_.\-\[\]]+",
        word=r"[!-<>-\[\]-~]*+",
        text=f"(?! ){_PLAIN}(?<! )",
        escaped=rf"(?! ){_PLAIN}(?:\\[!-~]{_PLAIN})*(?<! )",
        unescape=unescape,
        numbers=_NUMBERS,
    ),
)
