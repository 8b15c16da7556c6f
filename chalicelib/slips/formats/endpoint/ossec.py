"""OSSEC and Wazuh."""

from __future__ import annotations

from ...errors import ParseError
from ..base import Decoded, ObjectInfo
from ..fields import Event
from ..json_format import JsonFormat, JsonParser, loads
from ..network import cef
from ..pairs import spaced_pairs
from ..patterns import Pattern, abbreviate
from ..registry import register
from ..syslog_header import read_line, time_or_header
from ..variants import SYSLOG_HEADERS

_ALERT = Pattern(
    "OSSEC alert",
    r"Alert Level: (\d{1,2}); Rule: (\d{1,8}) - ([^;]*+(?>;(?! (?:Location|user|srcip|dstip): )[^;]*+)*+);"
    r"((?> [A-Za-z][\w ]{0,30}: [^;]*+;)*+) ?((?s:.*))",
)
_NAMES = {"Location": "location", "classification": "group"}
_TIMES = ("timestamp", "TimeStamp")


def _time_of(event: Event, reference: float) -> float | None:
    """timestamp, TimeStamp, else syslog header"""
    return time_or_header(event, _TIMES, reference)


class OssecFormat(JsonFormat):
    """A format of alerts, as JSON or as the manager's `syslog_output` sends them."""

    def parser(self, about: ObjectInfo) -> JsonParser:
        return OssecParser(self, about)


class OssecParser(JsonParser):
    """A parser that tells JSON from syslog by the first character."""

    def __init__(self, declared: JsonFormat, about: ObjectInfo) -> None:
        super().__init__(declared, about)
        self.use_decoder(self._either)

    def _either(self, record: bytes) -> Decoded:
        return self.json(record) if record.lstrip()[:1] in (b"{", b"[") else read_alert(record.decode().rstrip())


def read_alert(line: str) -> Event:
    """Return the fields of an alert in the formats of `syslog_output` (default, json, splunk, cef), under the names
    that the alerts of JSON have, and those of its header. Raises ParseError."""
    if "CEF:" in line:
        return cef.cef(line)
    header = read_line(line)
    text = header.pop("message")
    if text[:1] == "{":
        event = loads(text)
        if not isinstance(event, dict):
            raise ParseError("a JSON object was expected")
        return {**header, **event}
    alert = _ALERT.find(text)
    pairs = spaced_pairs(text) if alert is None else None
    if pairs is not None and {"crit", "id"} <= pairs.keys():
        return {**header, **pairs}
    if alert is None:
        raise ParseError(f"not an OSSEC alert: {abbreviate(text)}")
    level, identifier, comment, fields, log = alert.groups()
    rule: Event = {"level": int(level), "sidid": int(identifier), "comment": comment}
    event = {**header, "rule": rule, "full_log": log}
    for part in fields.split(";")[:-1]:
        name, _, value = part.strip().partition(": ")
        (rule if name == "classification" else event)[_NAMES.get(name, name)] = value.strip()
    return event


register(
    OssecFormat(
        name="ossec",
        tag="ossec.alert",
        time=_time_of,
        signatures=(
            (
                "rule.sidid|rule.id, rule.level, decoder|decoder_desc, location|full_log|agent|hostname, "
                "id|TimeStamp|manager"
            ),
            "rule.id, rule.level, agent, full_log|data|syscheck|decoder, manager",
            "rule.sidid, rule.level, rule.comment, location, full_log, proc_name=ossec*|wazuh*",
        ),
        description="OSSEC and Wazuh alerts, as JSON or by their syslog output",
        variants=(
            SYSLOG_HEADERS,
            "the manager's JSON, and its syslog output: default, json, splunk, cef",
        ),
        refused=("alerts.log, whose records have several lines (`** Alert …`)",),
        document="OSSEC: JSON output, Sending alerts via syslog; Wazuh: Alerts",
        example=b'{"id":"1772356502.16991","TimeStamp":1772356502000,"location":"syscheck","decoder":'
        b'"syscheck_integrity_changed","rule":{"level":7,"comment":"Integrity checksum changed.","sidid":550,"group":'
        b'"ossec,syscheck,"},"hostname":"web-3"}',
    )
)
