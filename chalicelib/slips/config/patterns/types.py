"""The types of fields: what each takes of a line, and the Python that makes its value.

No regular expression here can match in two ways, so none goes back: quantifiers are possessive, groups atomic.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from ..suggestions import suggest

_DAY = r"[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}"
_CLOCK = r"[0-9]{1,2}+:[0-9]{2}(?>:[0-9]{2}(?>[.,][0-9]{1,9}+)?+)?+"
# What goes on with another word is told by its first letter: most times are without a zone.
_ZONE = r"(?>(?! [^+UG-]) ?+(?>Z|[+-][0-9]{2}:?+[0-9]{2}|UTC|GMT))"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_ENGLISH_DAY = (
    r"(?>(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?+ ++)?+"
    rf"(?:{_MONTH} ++[0-9]{{1,2}}+|[0-9]{{1,2}}+ {_MONTH}),?+(?> [0-9]{{4}})?+,?+"
)
TIME_SHAPES = (
    rf"{_DAY}(?>[T _]{_CLOCK}{_ZONE}?+)?+",
    rf"[0-9]{{1,2}}+[/-]{_MONTH}[/-][0-9]{{4}}[: ]{_CLOCK}{_ZONE}?+",
    rf"{_ENGLISH_DAY} {_CLOCK}(?> [AP]M)?+{_ZONE}?+(?> (?:19|20)[0-9]{{2}}(?![0-9:]))?+{_ZONE}?+",
    r"[0-9]{9,19}+(?>\.[0-9]{1,9}+)?+",
)
"""ISO 8601 and its kin, access logs, English months (syslog, RFC 5322, asctime), seconds since the epoch."""

_IPV4 = r"\.".join(["[0-9]{1,3}+"] * 4)
_IPV6 = r"[0-9A-Fa-f]{0,4}+:[0-9A-Fa-f:.]{1,41}+(?>%[0-9A-Za-z.-]{1,16}+)?+"


class FieldType(NamedTuple):
    """A type. `pattern` takes a value as far as it goes; of `open` types it is the inside of a class, `[^…]`, and what
    follows the field ends it. `code` makes the value of `{}`. `inside` are characters that, right after the field,
    would leave open where it ends. `in_columns`: whether a cell may have it."""

    pattern: str
    code: str = "{}"
    inside: str = ""
    is_open: bool = False
    in_columns: bool = True


_DIGITS = "0123456789"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
REST = ("rest", "json")
"""Those that take all that is left, further lines included."""

TYPES: dict[str, FieldType] = {
    "text": FieldType(r"\n", is_open=True),
    "notspace": FieldType(r" \t\n\r\f\v", is_open=True, in_columns=False),
    "word": FieldType(r"[0-9A-Za-z_]++", inside=_DIGITS + _LETTERS, in_columns=False),
    "int": FieldType(r"[+-]?+[0-9]{1,39}+", "int({})", inside=_DIGITS),
    "float": FieldType(
        r"[+-]?+(?>[0-9]{1,39}+(?>\.[0-9]{1,39}+)?+|\.[0-9]{1,39}+)(?>[eE][+-]?+[0-9]{1,2}+)?+",
        "float({})",
        inside=_DIGITS,
    ),
    "bool": FieldType(r"(?i:true|false)", '({}.lower() == "true")', inside=_LETTERS),
    "ip": FieldType(rf"{_IPV4}|{_IPV6}", inside=f"{_DIGITS}ABCDEFabcdef.%"),
    "time": FieldType("|".join(TIME_SHAPES), inside=_DIGITS),
    "quoted": FieldType("", 'unescape({0}) if "\\\\" in {0} else {0}', in_columns=False),
    "rest": FieldType(r"(?s:.*+)", in_columns=False),
    "json": FieldType(r"[\[{](?s:.*+)", "loads({})", in_columns=False),
}
CELL_TYPES = tuple(name for name, declared in TYPES.items() if declared.in_columns)

OTHER_NAMES = {
    "string": "text", "data": "text", "varchar": "text", "number": "float", "double": "float", "decimal": "float",
    "bigint": "int", "smallint": "int", "integer": "int", "posint": "int", "long": "int", "base10num": "float",
    "boolean": "bool", "iporhost": "notspace", "hostname": "notspace", "host": "notspace",
    "user": "notspace", "username": "notspace", "uri": "notspace", "uripath": "notspace", "path": "notspace",
    "uripathparam": "notspace", "uuid": "notspace", "mac": "notspace", "loglevel": "word", "level": "word",
    "greedydata": "rest", "multilinedata": "rest", "qs": "quoted", "quotedstring": "quoted", "ipv4": "ip", "ipv6": "ip",
    "ipaddress": "ip", "timestamp": "time", "datetime": "time", "date": "time", "timestamp_iso8601": "time",
    "httpdate": "time", "syslogtimestamp": "time", "object": "json",
}  # fmt: skip
"""What grok, Panther and Vector call these, folded: a fault names ours."""


def find_type(name: str) -> str:
    """Return our name of a type that others name so; empty where there is none."""
    folded = name.casefold()
    return folded if folded in TYPES else OTHER_NAMES.get(folded, "")


def describe_types(name: str, known: Collection[str] = tuple(TYPES)) -> str:
    """Return what to write instead of an unknown type."""
    return suggest(name, known, f"there are {', '.join(known)}")
