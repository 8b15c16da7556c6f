"""Firewalls, proxies and sensors."""

from . import Read, Refused, written

ISO = "2026-03-01T09:15:02Z"
ALERT = "[1:2008578:4] ET SCAN"
ROUTE = "{UDP} 192.0.2.41:5116 -> 198.51.100.7:5060"
SYSTEM = "SYSTEM,general,0,{0},,general,,0,0,general,informational,x"
FORTIGATE = 'devname="fw-2" logid="0000000013" type="traffic"'
WEB = (
    '"2026-03-01 09:15:02","liz",{}"10.0.4.17","192.0.2.41","198.51.100.7","text/html","ALLOWED",'
    '"https://www.example.com/","","Mozilla/5.0","200"'
)

READ: Read = {
    "cef": {
        "versions 0 and 1, with or without a space after `CEF:`": written(
            "CEF: 1|A|B|1|1|n|5|rt=1772356502000 act=a", {"Version": "1", "act": "a"}
        ),
        "values with spaces and `=`, escapes `\\|`, `\\=`, `\\n`": written(
            r"CEF:0|A\|B|C|1|1|n|5|rt=1772356502000 msg=a\=b c\nd src=192.0.2.41",
            {"Device Vendor": "A|B", "msg": "a=b c\nd", "src": "192.0.2.41"},
        ),
        "times as epoch or text, in the zone of `dtz` or of the header": (
            written("CEF:0|A|B|1|1|n|5|end=1772356502 dtz=CET"),
            written("CEF:0|A|B|1|1|n|5|start=Mar 01 2026 10:15:02 dtz=GMT+01:00"),
        ),
        "a repeated key, as a list": written("CEF:0|A|B|1|1|n|5|rt=1772356502000 act=a act=b", {"act": ["a", "b"]}),
    },
    "leef": {
        "1.0, and 2.0 with any delimiter, as a character, `x5E`, `0x5E` or `\\t`": (
            written("LEEF:1.0|A|B|1|e|devTime=1772356502000\tsrc=192.0.2.41", {"src": "192.0.2.41"}),
            written("LEEF:2.0|A|B|1|e|^|devTime=1772356502000^a=b", {"a": "b"}),
            written("LEEF:2.0|A|B|1|e|x5E|devTime=1772356502000^a=b", {"a": "b"}),
            written("LEEF:2.0|A|B|1|e|0x5E|devTime=1772356502000^a=b", {"a": "b"}),
            written("LEEF:2.0|A|B|1|e|\\t|devTime=1772356502000\ta=b", {"a": "b"}),
        ),
        "spaces in place of tabs, as some relays write them": written(
            "LEEF:1.0|A|B|1|e|devTime=1772356502000 msg=a b src=192.0.2.41", {"msg": "a b", "src": "192.0.2.41"}
        ),
        "`devTimeFormat`": written("LEEF:1.0|A|B|1|e|devTime=01/03/2026 09.15.02\tdevTimeFormat=dd/MM/yyyy HH.mm.ss"),
    },
    "checkpoint": {
        '`key:"value"`, `key="value"` or `key=value|`, with quotes and pipes inside values': (
            written('x [action:"Accept"; time:"1772356502"; msg:"a \\"b\\" c"]', {"msg": 'a "b" c'}),
            written('time="1772356502"; action="Drop"', {"action": "Drop"}),
            written("time=1772356502|action=Drop|msg=a|b|", {"action": "Drop", "msg": "a|b"}),
        ),
        "names that end in a colon (`sys_message::`)": written(
            'time:"1772356502"; sys_message::"a"', {"sys_message": "a"}
        ),
        "CEF and LEEF": (
            written("CEF:0|Check Point|VPN-1|1|Accept|n|5|rt=1772356502000 act=Accept", {"act": "Accept"}),
            written(
                "LEEF:2.0|Check Point|VPN-1|1.0|Accept|devTime=1772356502000\tsrc=192.0.2.41", {"Vendor": "Check Point"}
            ),
        ),
    },
    "cisco-asa": {
        "ASA, FTD, NGIPS, PIX and FWSM, with or without a class (`%ASA-session-6-…`)": (
            written("Mar 01 2026 09:15:02: %FTD-6-430002: x", {"product": "FTD", "message_number": "430002"}),
            written("Mar 01 2026 09:15:02: %ASA-session-6-302013: x", {"class": "session", "level": 6}),
        ),
        "no `%`, and no colon after the number": (
            written("Mar 01 2026 09:15:02 fw-2 ASA-6-302013 Built", {"message": "Built", "product": "ASA"}),
        ),
        "no header at all": written("%ASA-6-302013: Built", {"message": "Built", "hostname": None}, time=None),
    },
    "cisco-umbrella-dns": {
        "rows of all versions of the schema, from 9 columns on": written(
            '"2026-03-01 09:15:02","liz","liz","10.0.4.17","192.0.2.41","Allowed","1 (A)","NOERROR","a.example."',
            {"Domain": "a.example."},
        ),
        "a row of headings, which is skipped": written(
            '"Timestamp","Most Granular Identity","Identities"\n2026-03-01 09:15:02,liz,liz,,,Blocked,1 (A),NOERROR,a.',
            {"Action": "Blocked"},
        ),
        "cells in quotes or not, with quotes inside": written(
            '"2026-03-01 09:15:02","a ""b""",liz,,,Allowed,"1 (A)",NOERROR,a.', {"Most Granular Identity": 'a "b"'}
        ),
        "more cells than columns, under `extra`": written(
            "2026-03-01 09:15:02,a,b,,,Allowed,1 (A),NOERROR,a." + ",c" * 8, {"extra": ["c"]}
        ),
    },
    "cisco-umbrella-proxy": {
        "rows of all versions of the schema, from 8 columns on, up to version 3 with Identities in the third": (
            written(WEB.format(""), {"Status Code": 200, "Action": "ALLOWED"}),
            written(WEB.format('"liz,LAPTOP-7",'), {"Identities": "liz,LAPTOP-7", "Action": "ALLOWED"}),
        ),
        "a row of headings, which is skipped": written(f'"Timestamp","Policy Identity Label"\n{WEB.format("")}'),
        "quotes in a URL, doubled or not": written(
            WEB.format("").replace("www.example.com/", 'a.example/?b="c"'), {"URL": 'https://a.example/?b="c"'}
        ),
    },
    "cisco-umbrella-ip": {
        "rows of all versions of the schema, from 6 columns on": written(
            "2026-03-01 09:15:02,a,10.0.4.17,52814,192.0.2.41,443", {"Destination Port": 443}
        ),
        "a row of headings, which is skipped": written(
            '"Timestamp","Identity","Source IP"\n2026-03-01 09:15:02,a,10.0.4.17,,192.0.2.41,443', {"Source Port": ""}
        ),
    },
    "fortigate": {
        "`eventtime` in seconds to nanoseconds, `date`, `time` and `tz`, or `timestamp` and `itime`": (
            written(f"eventtime=1772356502 {FORTIGATE}", {"type": "traffic"}),
            written(f"timestamp=1772356502 {FORTIGATE}"),
            written(f"itime=1772356502 {FORTIGATE}"),
            written(f"eventtime=1772356502000000000 {FORTIGATE}"),
            written(f'date=2026-03-01 time=10:15:02 tz="+0100" {FORTIGATE}'),
        ),
        "spaces, commas or NULs between": (
            written("date=2026-03-01,time=09:15:02,devname=fw-2,type=event", {"devname": "fw-2"}),
            written("date=2026-03-01 time=09:15:02 devname=fw-2 type=event\0", {"type": "event"}),
        ),
        "quotes and backslashes inside quotes, and an empty value glued to the next key": (
            written(f'date=2026-03-01 time=09:15:02 {FORTIGATE} msg="a "b" C:\\"', {"msg": 'a "b" C:\\'}),
            written(f'date=2026-03-01 time=09:15:02 dstip=authid="krb" {FORTIGATE}', {"dstip": "", "authid": "krb"}),
        ),
        "records without a time, behind a header": (
            written("Mar  1 09:15:02 fw-2 devname=fw-2 type=traffic", {"hostname": "fw-2"}),
            written("Mar  1 09:15:02 fw-2 CEF:0|Fortinet|Fortigate|v7.4|13|traffic|3|act=a", {"act": "a"}),
        ),
        "CEF": written(
            "CEF:0|Fortinet|Fortigate|v7.4|00013|traffic|3|FTNTFGTeventtime=1772356502000000000 cat=traffic:forward",
            {"cat": "traffic:forward"},
        ),
    },
    "juniper-srx": {
        "structured data with or without `junos@…`, and with or without a version after the PRI": (
            written(f'<14>1 {ISO} srx-1 RT_FLOW - RT_FLOW_SESSION_DENY [junos@2636.1 a="b"]', {"a": "b"}),
            written(f'<14>1 {ISO} srx-1 RT_FLOW - RT_FLOW_SESSION_DENY [source-port="1"]', {"source-port": 1}),
            written(f'<14>{ISO} srx-1 RT_FLOW - RT_FLOW_SESSION_DENY [junos@2636.1 a="b"]', {"a": "b"}),
        ),
        "plain lines, whose text is `message`": written(
            "Mar  1 09:15:02 srx-1 RT_FLOW: RT_FLOW_SESSION_DENY: denied",
            {"msg_id": "RT_FLOW_SESSION_DENY", "message": "denied"},
        ),
    },
    "snort-alert": {
        "a date without a year, or with one of two or four digits": (
            written(f"03/01-09:15:02.0 [**] {ALERT} [**] {ROUTE}", {"sid": 2008578}),
            written(f"03/01/26-09:15:02.0 [**] {ALERT} [**] {ROUTE}"),
            written(f"03/01/2026-09:15:02.0 [**] {ALERT} [**] {ROUTE}"),
        ),
        "`[Drop]`, an interface, notes such as `[AppID: http]`": written(
            f"03/01-09:15:02.0 [Drop] [**] <eth0> {ALERT} [**] [Priority: 2] [AppID: http] {ROUTE}",
            {"action": "Drop", "iface": "eth0", "AppID": "http", "priority": 2},
        ),
        "IPv6, and protocols without ports": written(
            f"03/01-09:15:02.0 [**] {ALERT} [**] {{ICMP}} fe80::1 -> ff02::2", {"src_addr": "fe80::1", "src_port": None}
        ),
        "no route": written(f"03/01-09:15:02.0 [**] {ALERT} [**]", {"msg": "ET SCAN"}),
    },
    "paloalto": {
        "times with slashes, or ISO as Cortex Data Lake and Prisma Access write them": (
            written("1,2026/03/01 09:15:02,0120,SYSTEM,general,0,2026/03/01 09:15:02,,general", {"Type": "SYSTEM"}),
            written(f"1,{ISO},0120,{SYSTEM.format(ISO)}", {"Type": "SYSTEM"}),
        ),
        "rows of any release: missing columns have no field, new ones are under `extra`": (
            written("1,2026/03/01 09:15:02,0120,TRAFFIC,end,0,2026/03/01 09:15:02,192.0.2.41", {"Type": "TRAFFIC"}),
            written(f"1,2026/03/01 09:15:02,0120,{SYSTEM.format('2026/03/01 09:15:02')}" + ",y" * 30),
        ),
        "unknown types, with the common columns": written(
            "1,2026/03/01 09:15:02,0120,NEWTYPE,a,0,2026/03/01 09:15:02,x", {"Type": "NEWTYPE", "extra": ["x"]}
        ),
        "quoted cells with commas and quotes": written(
            f'1,2026/03/01 09:15:02,0120,{SYSTEM.format("2026/03/01 09:15:02")[:-1]}"a, ""b"""', {"opaque": 'a, "b"'}
        ),
        "Syslog headers, of which only the zone counts": written(
            "Mar 01 2026 05:15:04 -0400 fw-2 1,2026/03/01 05:15:02,0120,SYSTEM,a,0,2026/03/01 05:15:02,,x"
        ),
    },
    "zeek": {
        "TSV under `#fields` with any separator, typed by `#types`": (
            written("#separator \\x09\n#fields\tts\tport\n#types\ttime\tport\n1772356502.0\t443", {"port": 443}),
            written("#separator ,\n#fields,ts,port\n#types,time,port\n1772356502.0,443", {"port": 443}),
        ),
        "escapes, sets, `(empty)` and `-`": written(
            "#fields\tts\ta\tb\tc\td\n#types\ttime\tstring\tset[string]\tset[string]\tstring\n"
            "1772356502.0\t\\xc3\\xa4\\\\\tx,y\t(empty)\t-",
            {"a": "\u00e4\\", "b": ["x", "y"], "c": [], "d": None},
        ),
        "another header later in the file": written(
            "#fields\tts\ta\n1772356502.0\tx\n#fields\tts\tb\n1772356502.0\ty", {"a": "x"}, {"b": "y"}
        ),
        "JSON, also without `_path`, with ISO times, and under its stream's name (Kafka)": (
            written({"ts": 1772356502.0, "uid": "C", "id.orig_h": "192.0.2.41", "conn_state": "SF"}),
            written({"ts": "2026-03-01T09:15:02.000000Z", "_path": "dns"}),
            written({"conn": {"ts": 1772356502.0, "uid": "C"}}, {"_path": "conn", "uid": "C"}),
        ),
    },
    "zscaler-nss": {
        "JSON, under `event` or bare": written(
            {"datetime": "Sun Mar 01 09:15:02 2026", "action": "Allowed"}, {"action": "Allowed"}
        ),
        "CSV, with names where it has as many columns as a feed's default": (
            written(",".join(["Sun Mar 01 09:15:02 2026", "1", "Sign In"] + ["x"] * 11), {"action": "Sign In"}),
            written("Sun Mar 01 09:15:02 2026,a,b", {"extra": ["a", "b"]}),
        ),
        "pairs with tabs between, the first of which may be a time alone": written(
            "2026-03-01 09:15:02\treason=Allowed\tevent_id=1", {"reason": "Allowed"}
        ),
        "CEF and LEEF": (
            written("CEF:0|Zscaler|NSSWeblog|6|Allowed|n|3|rt=1772356502000 act=Allowed", {"act": "Allowed"}),
            written("Mar  1 09:15:04 a CEF:0|Zscaler|NSSWeblog|6|Allowed|n|3|end=Mar 01 2026 09:15:02 dtz=UTC"),
            written("LEEF:1.0|Zscaler|NSS|6|Allowed|devTime=1772356502000\tcat=Allowed", {"cat": "Allowed"}),
        ),
    },
    "suricata-eve": {
        "offsets with and without a colon": (
            written({"timestamp": "2026-03-01T10:15:02.000000+0100", "event_type": "dns"}, {"event_type": "dns"}),
            written({"timestamp": "2026-03-01T10:15:02.000000+01:00", "event_type": "dns"}),
        ),
    },
}

LOGPUSH = "RFC 3339, or seconds to nanoseconds since the epoch"
for _name, _field in {
    "cloudflare-http": "EdgeStartTimestamp",
    "cloudflare-firewall": "Datetime",
    "cloudflare-gateway": "Datetime",
    "cloudflare-dns": "Timestamp",
    "cloudflare-spectrum": "Timestamp",
}.items():
    READ[_name] = {
        LOGPUSH: tuple(
            written({_field: time}) for time in ("2026-03-01T09:15:02Z", 1772356502, 1772356502000, 1772356502 * 10**9)
        )
    }
READ["cloudflare-gateway"]["Zero Trust network sessions"] = written({"SessionStartTime": "2026-03-01T09:15:02Z"})
READ["cloudflare-audit"] = {
    "version 1 and 2": (
        written({"When": "2026-03-01T09:15:02Z", "ActionType": "login"}),
        written({"ActionTimestamp": "2026-03-01T09:15:02Z", "ActionType": "login"}),
        written({"action": {"time": "2026-03-01T09:15:02Z", "type": "login"}}),
    ),
}

UMBRELLA_OTHER = "2026-03-01 09:15:02,liz,liz,10.0.4.17,192.0.2.41,1,TCP,192.0.2.9,443"
REFUSED: Refused = {
    "cef": {
        "a header with fewer than seven parts, and text before the first key": (
            "CEF:0|A|B",
            "CEF:0|A|B|1|1|n|5|stray act=a",
        ),
        "times as text where `dtz` is a region": ("CEF:0|A|B|1|1|n|5|end=Mar 01 2026 10:15:02 dtz=Europe/Berlin",),
    },
    "leef": {
        "versions above 2, and text before the first key": (
            "LEEF:3.0|A|B|1|e|a=b",
            "LEEF:1.0|A|B|1|e|stray\ta=b",
        )
    },
    "checkpoint": {"unclosed quotes": ('action:"Accept',)},
    "cisco-asa": {
        "lines of IOS, NX-OS and others, which [syslog](#syslog) reads": (
            "<189>45: Mar  1 09:15:02: %SYS-5-CONFIG_I: x",
        )
    },
    "cisco-umbrella-dns": {"rows of the cloud firewall and other logs, by action and query type": (UMBRELLA_OTHER,)},
    "cisco-umbrella-proxy": {"rows of other logs, by content type, action and status": (UMBRELLA_OTHER,)},
    "cisco-umbrella-ip": {
        "rows of other logs, by the ports": (
            "2026-03-01 09:15:02,liz,liz,10.0.4.17,192.0.2.41,Allowed,1 (A),NOERROR,a.",
        )
    },
    "fortigate": {"unclosed quotes, and text without `=`": ('date=2026-03-01 msg="a', "all of it")},
    "juniper-srx": {"plain lines without a process": ("<14>Mar  1 09:15:02 srx-1 all of it",)},
    "snort-alert": {
        "alerts without a time, and full alerts of several lines": (f"[**] {ALERT} [**]", "[**] ET SCAN [**]")
    },
    "paloalto": {
        "rows that lack one of the first seven cells, and text": (
            "1,2026/03/01 09:15:02,0120,TRAFFIC",
            "all of it",
        )
    },
    "zeek": {
        "rows before `#fields`, and of another number of cells": (
            "1772356502.0\t443",
            "#fields\tts\tport\n1772356502.0",
        )
    },
    "zscaler-nss": {"rows that do not begin with a time, and text": ("a,b,c", "all of it")},
}
