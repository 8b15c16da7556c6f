"""Firewalls, proxies and sensors."""

from . import NOON, SECONDS, Case

MS = SECONDS * 1000

CASES = {
    "cef": Case(
        "cef.Example Systems",
        b"CEF:1|A\\|B|c||d|e \\\\|Unknown|end=Mar 01 2026 12:00:00.000 UTC msg=a\\=b\\nc=d cs1Label=x",
        odd_tag="cef.A|B",
        has={"msg": "a=b\nc=d", "Name": "e \\"},
        broken=(b"CEF:0|a|b", b"no header", b"CEF:0|a|b|c|d|e|f|rt=noon", b"CEF:0|a|b|c|d|e|f|stray key=value"),
    ),
    "leef": Case(
        "leef.Example Systems",
        b"LEEF:1.0|A|B|1||devTime=1772366400000\tmsg=a=b\tempty=",
        odd_tag="leef.A",
        has={"msg": "a=b", "empty": ""},
        broken=(b"LEEF:3.0|a|b|c|d|", b"a", b"LEEF:1.0|a|b|c|d|devTime=noon"),
    ),
    "checkpoint": Case(
        "checkpoint",
        b'<134>1 2026-03-01T12:00:00Z gw CheckPoint 1 - [msg:"a \\"b\\]\\"; c"; flags:"0"]',
        has={"msg": 'a "b]"; c'},
        broken=(b"a", b'action:"open', b'time:"noon"'),
    ),
    "cisco-asa": Case(
        "cisco.asa",
        b"<163>:Mar  1 12:00:00 UTC: %ASA-session-3-106014: Deny inbound icmp",
        has={"class": "session", "level": 3},
        broken=(b"Deny inbound", b"%ASA-9-1: a", b"Feb 30 2026 12:00:00: %ASA-6-302013: a"),
    ),
    "cisco-umbrella-dns": Case(
        "cisco.umbrella.dns",
        b'"2026-03-01 12:00:00","a,b","a,b","","","Blocked","65 (HTTPS)","NXDOMAIN","\xc3\xa4."',
        has={"Identities": "a,b", "Domain": "\u00e4."},
        broken=(
            b'"2026-03-01 12:00:00","a"',
            b'"2026-03-01 12:00:00","open',
            b'"noon","a","b","c","d","e","f","g","h"',
        ),
    ),
    "cisco-umbrella-proxy": Case(
        "cisco.umbrella.proxy",
        b'"2026-03-01 12:00:00","a","b","","","","BLOCKED","http://a/?b=""c"""',
        has={"Action": "BLOCKED"},
        broken=(b'"2026-03-01 12:00:00"', b'"a","b","c","d","e","f","g","h"'),
    ),
    "cisco-umbrella-ip": Case(
        "cisco.umbrella.ip",
        b'"2026-03-01 12:00:00","a","::1","","2001:db8::1","0"',
        has={"Destination Port": 0, "Source Port": ""},
        broken=(b'"2026-03-01 12:00:00"', b'"a","b","c","d","e","f"'),
    ),
    "fortigate": Case(
        "fortigate.traffic",
        b'<189>date=2026-03-01 time=13:00:00 tz="+0100" type=event msg="a=\\"b\\" C:\\" vd=',
        odd_tag="fortigate.event",
        has={"msg": 'a=\\"b\\" C:\\', "vd": ""},
        broken=(b"a", b'date=2026-03-01 time=12:00:00 msg="open', b"eventtime=noon"),
    ),
    "suricata-eve": Case(
        "suricata.alert",
        {"timestamp": "2026-03-01T13:00:00.000000+0100", "event_type": "stats", "stats": {}},
        odd_tag="suricata.stats",
    ),
    "snort-alert": Case(
        "snort.alert",
        b'03/01/26-12:00:00.000000 [Drop] [**] [116:56:1] "(icmp) a" [**] [Priority: 3] {ICMP} fe80::1 -> ff02::2',
        has={"msg": "(icmp) a", "src_addr": "fe80::1", "src_port": None, "action": "Drop"},
        broken=(b"a", b"13/41-12:00:00.0 [**] [1:2:3] a [**] {TCP} 192.0.2.1:1 -> 192.0.2.2:2", b"[**] [1:2:3] a"),
    ),
    "juniper-srx": Case(
        "juniper.srx",
        b'<14>1 2026-03-01T12:00:00.000Z a RT_IDP - IDP_ATTACK_LOG_EVENT [junos@2636.1 message="-" a="\\""]',
        has={"sd_id": "junos@2636.1", "msg_id": "IDP_ATTACK_LOG_EVENT", "a": '"'},
        broken=(
            b"a",
            b'<14>1 noon a RT_FLOW - X [junos@1 a="b"]',
        ),
    ),
    "paloalto": Case(
        "paloalto.traffic",
        b'<14>Mar  1 12:00:01 fw 1,2026/03/01 12:00:01,0,SYSTEM,"a,b",0,2026/03/01 12:00:00,,c,,0,0,d,e,"f ""g"""',
        odd_tag="paloalto.system",
        has={"Type": "SYSTEM"},
        broken=(b"1,noon,0,TRAFFIC", b"a,b,c,d,e,f,g,h", b'1,2026/03/01 12:00:00,0,THREAT,"open'),
    ),
    "zeek": Case(
        "zeek.conn",
        {"ts": NOON, "_path": "dns", "answers": []},
        odd_tag="zeek.dns",
        broken=(b"1772366400.0\ta", b'{"ts":"noon"}', b"{"),
    ),
    "zscaler-nss": Case(
        "zscaler.web",
        {"sourcetype": "zscalernss-fw", "event": {"datetime": "Sun Mar  1 12:00:00 2026", "csip": ""}},
        odd_tag="zscaler.firewall",
        broken=(b"{", b"a", b'{"event":{"datetime":"noon"}}', b'"2026-03-01 12:00:00","open'),
    ),
}
