"""The loops that the text formats are measured against: what a good engineer writes for one kind of line in an hour.

Each takes a line (bytes, without its end) and returns the event that SLIPS makes of it, for ordinary lines: none looks
after repeated keys, escapes where there are none, broken lines or other vendors' variants. There are two for a format,
of two ways to do it; the faster counts.
"""

from __future__ import annotations

from typing import Any

import msgspec
import orjson

from slips.formats.base import ObjectInfo
from slips.formats.registry import get

from . import reference_errors as errors
from . import reference_lines as lines
from . import reference_pairs as pairs
from .reference_lines import Reference, by_cells, by_mapped_cells, by_regex, comma_cells, csv_cells, quoted_cells


def references(name: str) -> tuple[Reference, ...]:
    """Return the loops for a format; none where nobody wrote one."""
    return _LOOPS.get(name, ())


def _rows(split: Any, columns: Any, numbers: str = "", decimals: str = "", absent: str | None = "-") -> Any:
    keys = tuple(columns)
    return (
        by_cells(split, keys, numbers, decimals, absent),
        by_mapped_cells(split, keys, numbers, decimals, absent),
    )  # fmt: skip


def _columns(name: str) -> tuple[str, ...]:
    known = get(name)
    event: Any = known.parser(ObjectInfo()).read(known.example)
    return tuple(event)


_JSON = (orjson.loads, msgspec.json.Decoder().decode)
_UMBRELLA = (
    "Timestamp", "Most Granular Identity", "Identities", "Internal IP", "External IP", "Action", "Query Type",
    "Response Code", "Domain", "Categories", "Most Granular Identity Type", "Identity Types", "Blocked Categories",
    "Rule ID", "Destination Countries", "Organization ID",
)  # fmt: skip
_LARAVEL = "datetime channel level_name message context"
_POSTGRESQL = "log_time connection_from user_name database_name process_id error_severity message"
_SQUID = "time elapsed remotehost code status bytes method URL rfc931 peerstatus peerhost type"

_LOOPS: dict[str, tuple[Reference, ...]] = {
    "fluentd-json": (pairs.fluentd_by_partition, pairs.fluentd_by_split),
    "leef": (pairs.leef_by_loop, pairs.leef_by_dict),
    "snort-alert": (by_regex(lines.SNORT, lines.SNORT_NAMES, lines.SNORT_NUMBERS), lines.snort_by_split),
    "csv": _rows(comma_cells, ("time", "level", "msg"), absent=None),
    "nginx-access": (lines.nginx_by_regex, lines.nginx_by_split),
    "apache-access": (lines.apache_by_regex, lines.apache_by_split),
    "auditd": (pairs.auditd_by_regex, pairs.auditd_by_split),
    "juniper-srx": (pairs.juniper_by_regex, pairs.juniper_by_split),
    "cef": (pairs.cef_by_split, pairs.cef_by_regex),
    "nlb": _rows(lines.nlb_cells, _columns("nlb"), "connection_time tls_handshake_time received_bytes sent_bytes"),
    "windows-event-xml": (pairs.xml_by_elementtree, pairs.xml_by_expat),
    "sysmon": (pairs.xml_by_elementtree, pairs.xml_by_expat),
    "windows-event": _JSON,
    "iis": _rows(lines.space_cells, lines.IIS, lines.IIS_NUMBERS),
    "checkpoint": (pairs.checkpoint_by_regex, pairs.checkpoint_by_split),
    "fortigate": (pairs.fortigate_by_regex, pairs.fortigate_by_split),
    "haproxy": (lines.haproxy_by_regex, lines.haproxy_by_split),
    "vpc-flow": _rows(lines.space_cells, lines.VPC, lines.VPC_NUMBERS),
    "logfmt": (pairs.logfmt_by_regex, pairs.logfmt_by_scan),
    "syslog-rfc3164": (lines.rfc3164_by_regex, lines.rfc3164_by_split),
    "cloudfront-realtime": _rows(
        lines.tab_cells, _columns("cloudfront-realtime"), "sc-status sc-bytes cs-bytes sc-content-len c-port "
        "cs-headers-count", "timestamp time-to-first-byte time-taken",
    ),
    "cisco-umbrella-dns": _rows(quoted_cells, _UMBRELLA, absent=None) + _rows(csv_cells, _UMBRELLA, absent=None),
    "s3-inventory": _rows(quoted_cells, _columns("s3-inventory"), "Size", absent=""),
    "postgresql-csvlog": _rows(csv_cells, _columns("postgresql-csvlog"), "process_id session_line_num transaction_id "
                               "query_pos query_id", absent=None),
    "nginx-error": (errors.nginx_by_regex, errors.nginx_by_split),
    "laravel": (errors.laravel_by_regex, errors.laravel_by_split),
    "rds-postgresql": (errors.postgresql_by_regex, errors.postgresql_by_split),
    "redshift-connection": (errors.redshift_by_regex, errors.redshift_by_split),
    "squid": (by_regex(lines.SQUID, _SQUID, "elapsed status bytes", "time"), lines.squid_by_split),
}  # fmt: skip
