"""Reference loops of formats of names and values, and of XML and JSON; see `references`."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from xml.parsers import expat

import msgspec
import orjson

_PAIR = r'([^\s=]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))'


def _none(text: str) -> str | None:
    return None if text == "-" else text


def fluentd_by_partition(line: bytes) -> Any:
    """Cut at the first two tabs; the JSON by orjson."""
    _, _, rest = line.partition(b"\t")
    _, _, content = rest.partition(b"\t")
    return orjson.loads(content)


def fluentd_by_split(line: bytes) -> Any:
    """Cut at the first two tabs; the JSON by msgspec."""
    return msgspec.json.decode(line.split(b"\t", 2)[2])


_LEEF_NUMBERS = frozenset(("srcPort", "dstPort", "sev"))
_LEEF_NAMES = ("LEEF Version", "Vendor", "Product", "Product Version", "Event ID")


def leef_by_loop(line: bytes) -> Any:
    """Cut at the bars and at the delimiter; a loop over the pairs."""
    version, vendor, product, release, kind, delimiter, rest = line.decode().split("|", 6)
    event: dict[str, Any] = dict(zip(_LEEF_NAMES, (version[5:], vendor, product, release, kind), strict=True))
    for pair in rest.split(delimiter):
        name, _, value = pair.partition("=")
        event[name] = int(value) if name in _LEEF_NUMBERS and value.isdigit() else value
    return event


def leef_by_dict(line: bytes) -> Any:
    """Cut at the bars and at the delimiter; `dict` over the pairs."""
    version, vendor, product, release, kind, delimiter, rest = line.decode().split("|", 6)
    event: dict[str, Any] = dict(zip(_LEEF_NAMES, (version[5:], vendor, product, release, kind), strict=True))
    event.update([pair.split("=", 1) for pair in rest.split(delimiter)])
    for name in _LEEF_NUMBERS & event.keys():
        event[name] = int(event[name])
    return event


_CEF_NAMES = ("Version", "Device Vendor", "Device Product", "Device Version", "Device Event Class ID", "Name",
              "Severity")  # fmt: skip
_CEF_NUMBERS = frozenset(("spt", "dpt", "cnt", "in", "out", "Severity"))
_CEF_HEAD = re.compile(r"<(\d+)>(\w+ +\d+ \S+) (\S+) CEF:")
_CEF_KEY = re.compile(r" ([\w.\[\]-]+)=")


def _cef_head(line: str) -> tuple[dict[str, Any], list[str]]:
    found = _CEF_HEAD.match(line)
    assert found is not None
    priority = int(found[1])
    cells = line[found.end() :].split("|", 7)
    event: dict[str, Any] = {
        "facility": priority >> 3, "severity": priority & 7, "datetime": found[2], "hostname": found[3],
    }  # fmt: skip
    event.update(zip(_CEF_NAMES, cells, strict=False))
    event["Severity"] = int(event["Severity"])
    return event, cells


def cef_by_split(line: bytes) -> Any:
    """Cut at the equal signs: a name is the last word before one."""
    event, cells = _cef_head(line.decode())
    name, *rest = cells[7].replace("\\=", "\0").split("=")
    for part in rest[:-1]:
        value, _, following = part.rpartition(" ")
        event[name] = int(value) if name in _CEF_NUMBERS and value.isdigit() else value
        name = following
    event[name] = rest[-1].replace("\0", "=")
    return event


def cef_by_regex(line: bytes) -> Any:
    """Cut at the names."""
    event, cells = _cef_head(line.decode())
    parts = _CEF_KEY.split(f" {cells[7]}")
    for name, value in zip(parts[1::2], parts[2::2], strict=True):
        event[name] = (
            int(value) if name in _CEF_NUMBERS and value.isdigit() else value.replace("\\=", "=")
        )  # fmt: skip
    return event


_AUDIT_NUMBERS = frozenset((
    "syscall", "exit", "items", "ppid", "pid", "auid", "uid", "gid", "euid", "suid", "fsuid", "egid", "sgid", "fsgid",
    "ses",
))  # fmt: skip
_FIND_PAIRS = re.compile(_PAIR).findall


def _audit_head(text: str) -> tuple[dict[str, Any], str]:
    head, _, rest = text.partition("): ")
    kind, _, stamp = head.partition(" msg=audit(")
    seconds, _, serial = stamp.partition(":")
    return {"type": kind[5:], "timestamp": float(seconds), "serial": int(serial)}, rest


def auditd_by_regex(line: bytes) -> Any:
    """One expression for a pair."""
    event, rest = _audit_head(line.decode())
    for name, quoted, bare in _FIND_PAIRS(rest):
        value = bare or quoted
        event[name] = int(value) if name in _AUDIT_NUMBERS and value.isdigit() else value
    return event


def auditd_by_split(line: bytes) -> Any:
    """Cut at the spaces: for values without one."""
    event, rest = _audit_head(line.decode())
    for pair in rest.split(" "):
        name, _, value = pair.partition("=")
        event[name] = (
            int(value) if name in _AUDIT_NUMBERS and value.isdigit() else value.strip('"')
        )  # fmt: skip
    return event


_JUNIPER = re.compile(r"<(\d+)>1 (\S+) (\S+) (\S+) (\S+) (\S+) \[(\S+) (.*?)\](?: (.*))?")
_JUNIPER_NUMBERS = frozenset(("source-port", "destination-port", "protocol-id", "session-id-32"))
_QUOTED_PAIRS = re.compile(r'([\w-]+)="((?:[^"\\\]]|\\.)*)"').findall


def _juniper(line: bytes, pairs: Callable[[str], Iterable[Sequence[str]]]) -> Any:
    found = _JUNIPER.fullmatch(line.decode())
    assert found is not None
    priority, time, host, name, process, kind, sd_id, data, message = found.groups()
    event: dict[str, Any] = {
        "datetime": time, "hostname": host, "proc_name": name, "proc_id": _none(process), "msg_id": kind,
        "message": message, "version": 1, "facility": int(priority) >> 3, "severity": int(priority) & 7, "sd_id": sd_id,
    }  # fmt: skip
    for key, value in pairs(data):
        event[key] = int(value) if key in _JUNIPER_NUMBERS and value.isdigit() else value
    return event


def juniper_by_regex(line: bytes) -> Any:
    """One expression for a pair."""
    return _juniper(line, _QUOTED_PAIRS)


def juniper_by_split(line: bytes) -> Any:
    """Cut where a quote and a space stand side by side."""
    return _juniper(line, lambda data: [pair.split('="', 1) for pair in data[:-1].split('" ')])


_CHECKPOINT = re.compile(r"<(\d+)>1 (\S+) (\S+) (\S+) (\S+) - \[")
_CHECKPOINT_NUMBERS = frozenset(("time", "proto", "s_port", "service"))
_COLON_PAIRS = re.compile(r'([\w-]+):"((?:[^"\\]|\\.)*)"').findall


def _checkpoint(line: bytes, pairs: Callable[[str], Iterable[Sequence[str]]]) -> Any:
    text = line.decode()
    found = _CHECKPOINT.match(text)
    assert found is not None
    priority = int(found[1])
    event: dict[str, Any] = {
        "facility": priority >> 3, "severity": priority & 7, "datetime": found[2], "hostname": found[3],
    }  # fmt: skip
    for key, value in pairs(text[found.end() : -1]):
        event[key] = int(value) if key in _CHECKPOINT_NUMBERS and value.isdigit() else value
    return event


def checkpoint_by_regex(line: bytes) -> Any:
    """One expression for a pair."""
    return _checkpoint(line, _COLON_PAIRS)


def checkpoint_by_split(line: bytes) -> Any:
    """Cut where a quote and a semicolon stand side by side."""
    return _checkpoint(line, lambda data: [pair.split(':"', 1) for pair in data[:-1].split('"; ')])


_FORTIGATE_NUMBERS = frozenset(
    ["eventtime", "srcport", "dstport", "proto", "policyid", "duration", "sentbyte", "rcvdbyte", "sentpkt", "rcvdpkt"]
)


def fortigate_by_regex(line: bytes) -> Any:
    """One expression for a pair."""
    event: dict[str, Any] = {}
    for name, quoted, bare in _FIND_PAIRS(line.decode()):
        value = bare or quoted
        event[name] = int(value) if name in _FORTIGATE_NUMBERS and value.isdigit() else value
    return event


def fortigate_by_split(line: bytes) -> Any:
    """Cut at the spaces: for values without one."""
    event: dict[str, Any] = {}
    for pair in line.decode().split(" "):
        name, _, value = pair.partition("=")
        event[name] = int(value) if name in _FORTIGATE_NUMBERS and value.isdigit() else value.strip('"')
    return event


def logfmt_by_regex(line: bytes) -> Any:
    """One expression for a pair or a word."""
    return {name: bare or quoted for name, quoted, bare in _LOGFMT(line.decode())}


_LOGFMT = re.compile(r'([^\s="]+)(?:=(?:"((?:[^"\\]|\\.)*)"|(\S*)))?').findall


def logfmt_by_scan(line: bytes) -> Any:
    """Look for the next equal sign and the next space."""
    text, at, event = line.decode(), 0, {}
    while at < len(text):
        space = text.find(" ", at)
        space = len(text) if space < 0 else space
        equal = text.find("=", at, space)
        if equal < 0:
            event[text[at:space]] = ""
        elif text[equal + 1 : equal + 2] == '"':
            end = text.index('"', equal + 2)
            event[text[at:equal]] = text[equal + 2 : end]
            space = end + 1
        else:
            event[text[at:equal]] = text[equal + 1 : space]
        at = space + 1
    return event


_XML_NUMBERS = frozenset(("EventID", "Level", "Task", "Opcode", "Version", "EventRecordID"))


def xml_by_elementtree(line: bytes) -> Any:
    """Build the tree, then walk it."""
    event: dict[str, Any] = {}
    for section in ET.fromstring(line):
        fields: dict[str, Any] = {}
        for item in section:
            name = item.get("Name") if section.tag.endswith("EventData") else None
            if name is not None:
                fields[name] = item.text
                continue
            key, text = item.tag.rpartition("}")[2], item.text
            fields[key] = dict(item.attrib) if item.attrib else int(text or 0) if key in _XML_NUMBERS else text
        event[section.tag.rpartition("}")[2]] = fields
    return event


def xml_by_expat(line: bytes) -> Any:
    """Build the event from the parser's own calls."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    event: dict[str, Any] = {}
    fields: dict[str, Any] = event
    path: list[tuple[str, dict[str, str]]] = []
    texts: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal fields
        path.append((name, attributes))
        texts.clear()
        if len(path) == 2:
            fields = event[name] = {}

    def end(name: str) -> None:
        _, attributes = path.pop()
        if len(path) != 2:
            return
        text = "".join(texts)
        if path[-1][0] == "EventData":
            fields[attributes["Name"]] = text
        else:
            fields[name] = attributes or (int(text) if name in _XML_NUMBERS else text)

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = texts.append
    parser.Parse(line, True)
    return event
