"""ISC Kea DHCP."""

from __future__ import annotations

import re
from functools import cache

from ..fields import Event
from ..line_format import line_format
from ..patterns import Pattern

# `INFO  [kea-dhcp4.leases/1234.139780] DHCP4_LEASE_ALLOC text`; since Kea 1.9 the logger names process and thread too.
_LINE = Pattern(
    "Kea line",
    r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?) +([A-Z]+) +\[([^\]\s]+)\] +([A-Z][A-Z0-9_]+)(?: +((?s:.*)))?",
)


@cache
def _client() -> tuple[re.Pattern[str], ...]:
    """Return the patterns of the hardware address, the client's id, the transaction, and the sentence after them."""
    return (
        re.compile(r"\[hwtype=(\d+) ([0-9A-Fa-f:]*)\]", re.ASCII),
        re.compile(r"\b(?:cid|duid)=\[([^\]]*)\]", re.ASCII),
        re.compile(r"\btid=(0x[0-9A-Fa-f]+)", re.ASCII),
        re.compile(r"\btid=0x[0-9A-Fa-f]+: +", re.ASCII),
    )


@cache
def _addresses() -> dict[str, re.Pattern[str]]:
    """Return, by event, the pattern of the address in its sentence."""
    return {
        event: re.compile(pattern, re.ASCII)
        for event, pattern in {
            "DHCP4_INIT_REBOOT": r"requests address ([0-9.]+)",
            "DHCP4_LEASE_ADVERT": r"lease ([0-9.]+) will be advertised",
            "DHCP4_LEASE_ALLOC": r"lease ([0-9.]+) has been allocated",
            "DHCP6_LEASE_ADVERT": r"lease for address ([0-9A-Fa-f:.]+)",
            "DHCP6_LEASE_ALLOC": r"lease for address ([0-9A-Fa-f:.]+)",
        }.items()
    }


@line_format(
    "kea",
    tag="kea.log",
    time="event_datetime",
    specificity=0.9,
    variants=(
        "process and thread in the logger's name, or not",
        "events without a client",
    ),
    refused=("forensic logs and lease files",),
    document="Kea Administrator Reference Manual: Logging; Kea Messages Manual",
    example=b"2026-03-01 09:15:02.481 INFO  [kea-dhcp4.leases] DHCP4_LEASE_ALLOC [hwtype=1 02:00:5e:10:00:01], "
    b"cid=[01:02:00:5e:10:00:01], tid=0x9a2b17c4: lease 192.0.2.41 has been allocated",
)
def kea(line: str) -> Event:
    """Kea's log; events of clients with their hardware address, id, transaction and leased address."""
    line = line.rstrip()
    time, level, logger, event, text = _LINE.match(line).groups()
    text = text or ""
    hardware, client, transaction, sentence = (pattern.search(text) for pattern in _client())
    fields: Event = {
        "message": line,
        "event_datetime": time,
        "msg_level": level,
        "proc": logger,
        "event": event,
        "hwtype": hardware[1] if hardware else None,
        "hwaddr": hardware[2] if hardware else None,
        "client_id": client[1] if client else None,
        "tx_id": transaction[1] if transaction else None,
        "msg": text[sentence.end() :] if sentence else text,
    }
    leased = _addresses()[event].search(text) if event in _addresses() else None
    if leased is not None:
        fields["ipaddr"] = leased[1]
    return fields
