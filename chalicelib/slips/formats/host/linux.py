"""Linux: the audit daemon."""

from __future__ import annotations

import re
from functools import cache

from ..fields import Event
from ..learned_lines import LearnedLines
from ..line_format import line_format
from ..pair_grammar import PairGrammar
from ..pairs import NameCheck, spaced_pairs
from ..patterns import Pattern
from ..syslog_header import read_relay_header
from ..timestamps import utc
from ..values import merge_pairs, with_numbers
from ..variants import SYSLOG_HEADERS

# As audisp writes it to a file, or after a syslog header; `node=` where several hosts share a file.
_START = r"type=(\S+) (?:msg=)?audit\((\d+\.\d+):(\d+)\): ?((?s:.*))"
_USUAL = Pattern("audit record", _START)
_RECORD = Pattern("audit record", rf"(?:([^=]*?)[ :])?(?:node=(\S+) )?{_START}")


_INTERPRETED = Pattern(
    "audit record",
    r"(?:([^=]*?)[ :])?(?:node=(\S+) )?type=(\S+) (?:msg=)?"
    r"audit\((\d\d/\d\d/\d{2,4} [\d:.]{8,15}):(\d+)\) ?: ?((?s:.*))",
)
_DATE = Pattern("date", r"(\d\d)/(\d\d)/(\d\d|\d{4}) (\d\d):(\d\d):(\d\d)\.(\d{1,6})")


@cache
def _pair() -> re.Pattern[str]:
    return re.compile(r"""(?<![\w-])([\w-]++)=("[^"]*+"|'[^']*+'|\([^()]*+\)|[^\s"']*+)""", re.ASCII)


# The fields that the audit field dictionary calls numeric; a0 to a3, arch and saddr are hexadecimal, `exit` a number or
# the name of an error.
_NUMBERS = frozenset((
    "serial", "syscall", "exit", "items", "item", "ppid", "pid", "auid", "old-auid", "uid", "gid", "euid", "suid",
    "fsuid", "egid", "sgid", "fsgid", "ouid", "ogid", "ses", "old-ses", "inode", "argc", "sig", "entries", "per",
))  # fmt: skip


@line_format(
    "auditd",
    tag="auditd.<type>",
    time="timestamp:s",
    specificity=0.9,
    variants=(
        SYSLOG_HEADERS,
        "with or without `node=` and `msg=`",
        "fields repeated by name (`log_format = ENRICHED`)",
        "output of ausearch, also with `-i`, whose `----` and `time->` lines are skipped",
        "the pairs inside `msg='…'`",
        "text between the pairs, as `message`",
    ),
    refused=("records without `audit(time:serial)`",),
    document="Linux Audit: audit event fields (audit-documentation, field dictionary)",
    example=b"type=SYSCALL msg=audit(1772356502.481:2996): arch=c000003e syscall=59 success=yes exit=0 ppid=26843 "
    b'pid=27031 auid=1000 uid=0 tty=pts2 ses=17 comm="id" exe="/usr/bin/id" key="exec"',
)
def auditd(line: str) -> Event | None:
    """Records of the Linux audit daemon, also as ausearch prints them; those of one event share `serial`."""
    event: Event | None = _LINES.read(line.rstrip())
    return event


def _careful(line: str) -> Event | None:
    usual = _USUAL.find(line) if line.startswith("type=") else None
    if usual is not None:
        kind, time, serial, rest = usual.groups()
        event: Event = {"type": kind, "timestamp": float(time), "serial": serial}
    else:
        match = _RECORD.find(line)
        if match is None:
            if line == "----" or line.startswith("time->"):  # ausearch writes them before each event.
                return None
            match = _INTERPRETED.match(line)
        header, node, kind, time, serial, rest = match.groups()
        seconds = _seconds(time) if time[2:3] == "/" else float(time)
        event = {**read_relay_header(header or ""), "type": kind, "timestamp": seconds, "serial": serial}
        if node is not None:
            event["node"] = node
    # After a group separator, ENRICHED log format repeats the fields by name: AUID="root" for auid=0.
    plain, _, enriched = rest.partition("\x1d")
    event.update(_fields(plain))
    if enriched:
        event.update(_fields(enriched))
    return with_numbers(event, _NUMBERS)


def _seconds(time: str) -> float:
    """Return seconds since the epoch of the date of its locale that `ausearch -i` writes."""
    month, day, year, hour, minute, second, fraction = _DATE.match(time).groups()
    century = 2000 if len(year) == 2 else 0
    return utc(century + int(year), int(month), int(day), int(hour), int(minute), int(second), fraction)


def _fields(text: str) -> Event:
    """Return the pairs of a record, with those inside `msg='op=login acct="root"'` of user-space records. Text that is
    not all pairs (`avc:  denied  { read } for  pid=…`) is kept as `message`."""
    event, others = _pairs(text)
    inner = event.get("msg")
    if isinstance(inner, str):
        event = {**_pairs(inner)[0], **event}
    if others.strip():
        event["message"] = text.strip()
    return event


def _pairs(text: str) -> tuple[Event, str]:
    """Return the pairs, and what else there is."""
    ordinary = spaced_pairs(text) if "'" not in text and "(" not in text else None
    if ordinary is not None and _NAMES.accepts(ordinary):
        return ordinary, ""
    parts = _pair().split(text)  # What is between, name, value, what is between, …
    return merge_pairs(list(zip(parts[1::3], map(_unquote, parts[2::3]), strict=True))), "".join(parts[::3])


_NAMES = NameCheck(r"[\w-]+")


def _unquote(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] in "\"'" else value


_LINES = LearnedLines(
    _careful,
    PairGrammar(
        head=r"type=(\S+) (?:msg=)?audit\((\d+\.\d+):(\d+)\): ?",
        columns={"type": r"[\w-]++", "timestamp": r"\d{1,12}+\.\d{1,9}+", "serial": r"\d{1,18}+"},
        name=r"[\w-]+",
        word=r"[!#-&*-<>-~]*+",
        text=r"\(\w*+\)|[!#-&*-<>-~]*+",  # `key=(null)`
        quoted=r"""[^"'(=\x1d]*+""",
        between=r"[ \x1d]",
        numbers=_NUMBERS,
        decimals=frozenset(("timestamp",)),
    ),
)
