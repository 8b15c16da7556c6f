"""Syslog and its kin: BSD (RFC 3164), IETF (RFC 5424), both mixed, and Heroku's variant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...errors import ParseError
from ..base import Format, ObjectInfo, Parser
from ..fields import Event
from ..line_format import line_format
from ..patterns import Pattern, abbreviate
from ..registry import register
from ..syslog_header import none_if_nil, read_line, rfc5424, time_of, usual_decoder, with_priority
from ..variants import SYSLOG_HEADERS


@dataclass(frozen=True, kw_only=True)
class SyslogFormat(Format):
    """A format of syslog lines: `read_other` reads those that have not the usual shape."""

    read_other: Callable[[str], Event]

    def parser(self, about: ObjectInfo) -> Parser:
        return SyslogParser(self, about)


class SyslogParser(Parser):
    """A parser that reads the usual shape with one match, any other with the patterns of the RFCs."""

    def __init__(self, declared: SyslogFormat, about: ObjectInfo) -> None:
        super().__init__(declared, about)
        self.decode = usual_decoder(declared.read_other)


def _read_bsd(line: str) -> Event:
    event = read_line(line)
    if "version" in event:
        raise ParseError(f"RFC 5424: {abbreviate(line)}")
    return event


# `slips detect` knows a syslog line by a day without a year, as RFC 3164 has it, and by a host that is not a level. A
# header proves little of what follows it, so the confidence stays low enough for the vendor's own format to come first.
_NO_YEAR = "[a-z][a-z][a-z] [ 0-9][0-9] ??:??:??"
_LEVELS = "[[(:-]*|trace|debug|info|notice|warn|warning|error|err|severe|fatal|critical"

register(
    SyslogFormat(
        name="syslog",
        tag="syslog",
        time=time_of,
        read_other=read_line,
        signatures=(
            # Java and Python write "time LEVEL logger: …" where syslog has "time host program: …".
            f"datetime, proc_name=*, !facility, !hostname={_LEVELS}, !datetime=[0-9][0-9][0-9][0-9][-/]* *",
            "datetime, facility",
            "datetime",
        ),
        specificity=0.0,
        description="Syslog lines, RFC 3164 or RFC 5424, with or without PRI; times as devices write them",
        variants=(
            SYSLOG_HEADERS,
            "RFC 5424, also with missing or broken structured data",
            "a PRI without a time",
            "no program before the message",
            "AIX's `Message forwarded from`",
        ),
        refused=(
            "lines with neither time nor PRI",
            "a PRI above 191",
        ),
        document="RFC 3164, RFC 5424",
        example=b"Mar  1 09:15:02 web-3 sshd[4711]: Accepted publickey for deploy from 192.0.2.41 port 52814 ssh2",
    ),
    SyslogFormat(
        name="syslog-rfc3164",
        tag="syslog",
        time=time_of,
        read_other=_read_bsd,
        signatures=(
            f"facility, datetime={_NO_YEAR}|????-??-??t*, !version",
            "facility, !version",
        ),
        specificity=0.05,
        variants=(
            SYSLOG_HEADERS,
            "a PRI without a time",
        ),
        refused=("RFC 5424",),
        description="BSD syslog lines, with or without PRI",
        document="RFC 3164: The BSD syslog Protocol",
        example=b"<38>Mar  1 09:15:02 web-3 sshd[4711]: Accepted publickey for deploy from 192.0.2.41 port 52814 ssh2",
    ),
)


@line_format(
    "syslog-rfc5424",
    tag="syslog",
    time=time_of,
    signatures=("version, datetime, structured_data",),
    specificity=0.05,
    variants=(
        "RFC 6587's count before it",
        "no PRI",
        "no time (`-`)",
        "missing or broken structured data, part of the message",
    ),
    refused=("RFC 3164",),
    document="RFC 5424: The Syslog Protocol",
    example=b'<165>1 2026-03-01T09:15:02.003Z web-3.example.com billing 4711 ID47 [meta@32473 n="29"] Invoice sent',
)
def syslog_rfc5424(line: str) -> Event:
    """IETF syslog lines; structured data as a dict."""
    return rfc5424(line.rstrip())


# Logplex leaves out the structured data that RFC 5424 requires; a drain through another relay may put it back.
_DRAIN = Pattern(
    "Heroku line",
    r"(?:\d+ (?=<))?(?:<(\d{1,3})>)?(\d{1,2}) (\d{4}-\d\d-\d\d\S+) (\S+) (\S+) (\S+) (?:(?:- -|-)(?: |$))?((?s:.*))",
)
# What `heroku logs` prints.
_CLI = Pattern("Heroku line", r"(\d{4}-\d\d-\d\dT\S+) ([^\s\[\]]+)\[([^\s\[\]]+)\]: ?((?s:.*))")


@line_format(
    "heroku",
    tag="heroku",
    time=time_of,
    signatures=(
        "hostname=host, proc_id",
        "proc_name=app|heroku, proc_id=*.[0-9]*|router|api|scheduler|logplex",
    ),
    specificity=0.5,
    variants=(
        "drains with and without RFC 6587's count, PRI and structured data",
        "the lines of `heroku logs`",
    ),
    refused=("other lines without a version behind the PRI",),
    document="Heroku Dev Center: Logging; Log Drains; Logplex input format",
    example=b"83 <40>1 2026-03-01T09:15:02.481290+00:00 host app web.3 - State changed from starting to up",
)
def heroku(line: str) -> Event:
    """Heroku's Logplex drains (RFC 5424 without structured data), and the lines of `heroku logs`."""
    line = line.rstrip()
    printed = _CLI.find(line)
    if printed is not None:
        time, source, dyno, message = printed.groups()
        return {"datetime": time, "hostname": None, "proc_name": source, "proc_id": dyno, "message": message}
    priority, version, time, host, name, number, message = _DRAIN.match(line).groups()
    event: Event = {
        "datetime": time,
        "hostname": none_if_nil(host),
        "proc_name": none_if_nil(name),
        "proc_id": none_if_nil(number),
        "message": message,
        "version": int(version),
    }
    return with_priority(event, priority)
