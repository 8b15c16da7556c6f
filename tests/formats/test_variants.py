"""What docs/formats.md says of the variants of each format is so: a record of each is read, or refused."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from slips.errors import ParseError
from slips.formats.aws.quoted import QuotedFormat
from slips.formats.base import Format, ObjectInfo, events_of
from slips.formats.registry import all_formats, get
from slips.formats.variants import JSON_DOCUMENTS, SYSLOG_HEADERS, leading_section
from tests.each_case import each_case

from .variants import (
    INSTANT,
    Written,
    aws,
    aws_json,
    endpoint,
    general,
    google,
    host,
    identity,
    microsoft,
    network,
    raw,
    saas,
    web,
)
from .whole import timed_events

TABLES = (raw, general, aws, aws_json, endpoint, google, host, identity, microsoft, network, saas, web)
READ = {name: variants for table in TABLES for name, variants in table.READ.items()}
REFUSED = {name: variants for table in TABLES for name, variants in table.REFUSED.items()}
FORMATS = all_formats()
every_format = each_case("known", FORMATS, ids=lambda known: known.name)


def own_variants(known: Format) -> set[str]:
    """Return the variants that are not of a section of the page, whose tests are elsewhere."""
    return {variant for variant in known.variants if leading_section(variant) != variant}


@every_format
def test_every_format_says_which_variants_it_reads(known: Format) -> None:
    whole = known.name in ("ignore", "s3-parquet")  # Their descriptions say all.
    assert whole or known.variants or known.shared_variants, (
        "declare its variants, and a record of each in tests/formats/variants"
    )


@every_format
def test_what_a_format_says_is_short_and_without_an_end(known: Format) -> None:
    for text in (*known.variants, *known.refused):
        assert 3 <= len(text) < 120
        assert not text.endswith((".", ";"))
        assert "; " not in text


@every_format
def test_each_variant_that_a_format_says_is_tried(known: Format) -> None:
    assert own_variants(known) == set(READ.get(known.name, {}))
    assert set(known.refused) == set(REFUSED.get(known.name, {}))


@each_case(("name", "variant"), [(name, variant) for name, variants in READ.items() for variant in variants])
def test_a_variant_is_read(name: str, variant: str) -> None:
    tried = READ[name][variant]
    for each in (tried,) if isinstance(tried, Written) else tried:
        readings = list(timed_events(each.chain or name, each.content))
        assert [_only(event, wanted) for (_, event), wanted in zip(readings, each.events, strict=False)] == [
            *each.events
        ]
        assert [time for time, _ in readings] == [each.time] * len(each.events)


def _only(event: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    return {name: event.get(name) for name in wanted}


@each_case(("name", "variant"), [(name, variant) for name, variants in REFUSED.items() for variant in variants])
def test_what_is_refused_is_an_error(name: str, variant: str) -> None:
    for record in REFUSED[name][variant]:
        with pytest.raises(ParseError):
            list(timed_events(name, record.encode() if isinstance(record, str) else record))


TAGGED = {
    "syslog": ("app[1]: ", "x"),
    "syslog-rfc3164": ("app: ", "x"),
    "cef": ("", "CEF:0|A|B|1|1|n|5|act=a"),
    "leef": ("", "LEEF:1.0|A|B|1|1|act=a"),
    "cisco-asa": (": ", "%ASA-6-302013: Built"),
    "checkpoint": ("", '[action:"Accept"; origin:"192.0.2.1"]'),
    "haproxy": ("haproxy[14]: ", "192.0.2.41:5 [01/Mar/2026:09:15:02 +0000] fe/1: SSL handshake failure"),
    "juniper-srx": ("RT_FLOW: ", "RT_FLOW_SESSION_DENY: denied"),
    "snort-alert": ("snort[1]: ", "[1:2008578:4] ET SCAN {UDP} 192.0.2.41:5116 -> 198.51.100.7:5060"),
    "fortigate": ("", "devname=fw-2 logid=1 type=traffic"),
    "squid": ("(squid-1): ", "1772356502.000 117 192.0.2.41 TCP_MISS/200 5 GET http://a.example/ - HIER_NONE/- -"),
    "auditd": ("audispd: ", "type=LOGIN msg=audit(1772356502.000:29): pid=1"),
    "ossec": ("ossec: ", "Alert Level: 3; Rule: 5501 - Login opened.; Location: web-3; a"),
    "apache-access": ("httpd: ", '192.0.2.41 - - [01/Mar/2026:09:15:02 +0000] "GET / HTTP/1.1" 200 5'),
    "nginx-access": ("nginx: ", '192.0.2.41 - - [01/Mar/2026:09:15:02 +0000] "GET / HTTP/1.1" 200 5 "-" "a"'),
    "fastly-access": ("fastly[9]: ", '{"timestamp":"2026-03-01T09:15:02Z","status":200}'),
    "zscaler-nss": ("", "\treason=Allowed\tevent_id=1"),
}
"""What programs write before a line, and a line, of each format that may have a header."""
WITH_TAG = (
    "Mar  1 09:15:02 fw-1 ",
    "<134>Mar  1 09:15:02 fw-1 ",
    "<134>Mar 01 2026 05:15:02 -0400 fw-1 ",
    "<134>2026 Mar 01 10:15:02 CET fw-1 ",
    "<134>2026-03-01T10:15:02.000+01:00 fw-1 ",
    "<134>1 1772356502.0 fw-1 ",
    "<14>Feb 28 23:00:01 relay <134>Mar  1 09:15:02 fw-1 ",
    "Mar  1 09:15:01 relay Mar  1 09:15:02 fw-1 ",
)
IETF = "<134>1 2026-03-01T09:15:02Z fw-1 app 17 ID - "
CISCO = "<189>45: fw-1: 000046: *Mar  1 09:15:02.000: "


def test_each_format_that_may_have_a_header_is_tried() -> None:
    assert set(TAGGED) == {known.name for known in FORMATS if SYSLOG_HEADERS in known.variants}


@each_case("name", TAGGED)
def test_the_header_of_the_device_counts(name: str) -> None:
    tag, line = TAGGED[name]
    lines = [header + tag + line for header in WITH_TAG]
    if name not in ("syslog-rfc3164", "juniper-srx"):  # To one RFC 5424 is foreign, the other has a name before it.
        lines.append(IETF + line)
    if tag in ("", ": "):  # No program on a host writes it.
        lines.append(CISCO + line)
    for each in lines:
        [(time, event)] = timed_events(name, each.replace(" \t", "\t").encode())
        assert (time, event["hostname"]) == (INSTANT, "fw-1"), each
        assert event.get("severity") == (None if each[0] == "M" else 5 if each[:4] == "<189" else 6), each


@each_case("name", [name for name in TAGGED if name not in ("snort-alert", "zscaler-nss")])
def test_a_priority_may_stand_alone(name: str) -> None:
    [(_, event)] = timed_events(name, f"<134>{''.join(TAGGED[name])}".encode())
    assert event["facility"] == 16


@each_case("name", ["kea", "apache-error", "nginx-error", "laravel", "suricata-eve", "json", "logfmt"])
def test_a_chain_reads_the_header_before_a_line_of_another_format(name: str) -> None:
    example = get(name).example
    alone = list(timed_events(name, example))
    assert list(timed_events(f"syslog,{name}", b"<134>Mar  1 09:15:09 web-3 app[1]: " + example)) == alone


QUOTED = [known for known in FORMATS if isinstance(known, QuotedFormat)]


@each_case("known", QUOTED, ids=lambda known: known.name)
def test_rows_of_any_age(known: QuotedFormat) -> None:
    [(time, newest)] = timed_events(known.name, known.example)
    cells = re.findall(r'(?:"[^"]*",?)+|\[[^\]]*\]|\S+', known.example.decode())
    oldest = " ".join(cells[: known.fewest])
    assert list(timed_events(known.name, oldest.encode())) == [(time, dict(list(newest.items())[: known.fewest]))]
    missing = ["-"] * (len(known.columns) - len(cells))
    [(_, event)] = timed_events(known.name, " ".join([*cells, *missing, "x", "y"]).encode())
    assert event["extra"] == ["x", "y"]
    with pytest.raises(ParseError):
        list(timed_events(known.name, " ".join(cells[: known.fewest - 1]).encode()))
    assert list(timed_events(known.name, json.dumps(newest).encode())) == [(time, newest)]


DOCUMENTS = [known for known in FORMATS if any(text.startswith(JSON_DOCUMENTS) for text in known.shared_variants)]


@each_case("known", DOCUMENTS, ids=lambda known: known.name)
def test_what_is_not_a_json_object_is_refused(known: Format) -> None:
    for record in (b'"text"', b"[1]", b"7", known.example[:-1] + b" ", b"{]"):
        with pytest.raises(ParseError):
            list(events_of(known.parser(ObjectInfo()).read(record)))
