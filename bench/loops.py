"""What the engine is held against: the loops that users would write by hand, as fast as plain Python makes them.

Each gives every event as the same dict that SLIPS gives (`bench.throughput` checks that), and does nothing else: no
positions, no books, no guard.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from hashlib import blake2b
from io import TextIOWrapper
from pathlib import Path
from struct import Struct
from typing import Any

import orjson
from isal import igzip

Function = Callable[[Any, Any], object]
Loop = Callable[[Path, Function], None]
_VERSION, _PLACE = blake2b(b"the version of an object", digest_size=16), Struct(">qqq")


def json_lines(path: Path, function: Function) -> None:
    """The bare loop: lines inflated by ISA-L, decoded by orjson."""
    with igzip.open(path) as file:
        for line in file:
            function(None, orjson.loads(line))


def json_batches(path: Path, function: Callable[[list[Any]], object]) -> None:
    """The bare loop that collects 500 events before each call."""
    batch: list[Any] = []
    with igzip.open(path) as file:
        for line in file:
            batch.append(orjson.loads(line))
            if len(batch) == 500:
                function(batch)
                batch = []
    function(batch)


def json_lines_zst(path: Path, function: Function) -> None:
    """The bare loop over zstd."""
    from backports import zstd

    with zstd.open(path) as file:
        for line in file:
            function(None, orjson.loads(line))


def time_and_id(meta: Any, event: dict[str, Any]) -> None:
    """A function that reads a login's time, and hashes its record and place, with what Python has."""
    record, hashed = meta._record, _VERSION.copy()
    hashed.update(record)
    hashed.update(_PLACE.pack(meta.position, -1, len(record)))
    datetime.fromisoformat(event["id"]["time"]).timestamp(), hashed.hexdigest()


def by_hand(s3: Any, bucket: str, key: str, function: Function) -> None:
    """What most people write: boto3, gzip, json."""
    body = s3.get_object(Bucket=bucket, Key=key)["Body"]
    for line in gzip.GzipFile(fileobj=body):
        function(None, json.loads(line))


def document_whole(path: Path, function: Function) -> None:
    """A document read and decoded at once."""
    with igzip.open(path) as file:
        for event in orjson.loads(file.read())["Records"]:
            function(None, _described(event))


def document_streamed(path: Path, function: Function) -> None:
    """A document streamed by ijson."""
    import ijson.backends.yajl2_c as ijson

    with igzip.open(path) as file:
        for event in ijson.items(file, "Records.item", use_float=True):
            function(None, _described(event))


def _described(event: dict[str, Any]) -> dict[str, Any]:
    identity = event.get("userIdentity") or {}
    event["description"] = (
        f"{event.get('eventType')} {event.get('eventName')} by {identity.get('arn')} on {event.get('sourceIPAddress')}"
    )
    return event


def vpc_flow(path: Path, function: Function) -> None:
    """Unpacked into a dict display, numbers converted in place."""
    with igzip.open(path) as file:
        next(file)
        for line in file:
            (version, account, interface, source, target, source_port, target_port, protocol, packets, size, start, end,
             action, status) = line.decode("ascii").rstrip("\n").split(" ")  # fmt: skip
            function(None, {
                "version": int(version),
                "account-id": None if account == "-" else account,
                "interface-id": None if interface == "-" else interface,
                "srcaddr": None if source == "-" else source,
                "dstaddr": None if target == "-" else target,
                "srcport": None if source_port == "-" else int(source_port),
                "dstport": None if target_port == "-" else int(target_port),
                "protocol": None if protocol == "-" else int(protocol),
                "packets": None if packets == "-" else int(packets),
                "bytes": None if size == "-" else int(size),
                "start": None if start == "-" else int(start),
                "end": None if end == "-" else int(end),
                "action": None if action == "-" else action,
                "log-status": None if status == "-" else status,
            })  # fmt: skip


_ALB = (
    "type", "time", "elb", "client:port", "target:port", "request_processing_time", "target_processing_time",
    "response_processing_time", "elb_status_code", "target_status_code", "received_bytes", "sent_bytes",
    "request", "user_agent", "ssl_cipher", "ssl_protocol", "target_group_arn", "trace_id", "domain_name",
    "chosen_cert_arn", "matched_rule_priority", "request_creation_time", "actions_executed", "redirect_url",
    "error_reason", "target:port_list", "target_status_code_list", "classification", "classification_reason",
    "conn_trace_id", "transformed_host", "transformed_uri", "request_transform_status",
)  # fmt: skip
_INTEGERS = ("elb_status_code", "target_status_code", "received_bytes", "sent_bytes", "matched_rule_priority")
_DECIMALS = ("request_processing_time", "target_processing_time", "response_processing_time")


def alb(path: Path, function: Function) -> None:
    """csv with a space as delimiter, the fastest of the standard library for quoted cells."""
    with igzip.open(path) as file:
        for cells in csv.reader(_text(file), delimiter=" "):
            event: dict[str, Any] = dict(zip(_ALB, cells, strict=False))
            for name, value in event.items():
                if value == "-":
                    event[name] = None
            for name in _INTEGERS:
                if event[name] is not None:
                    event[name] = int(event[name])
            for name in _DECIMALS:
                if event[name] is not None:
                    event[name] = float(event[name])
            function(None, event)


_SYSLOG = re.compile(
    r"((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d) (\S+) ([^\[:]+)(?:\[(\d+)\])?: (.*)"
)


def syslog(path: Path, function: Function) -> None:
    """One regular expression."""
    match = _SYSLOG.fullmatch
    with igzip.open(path) as file:
        for line in file:
            fields = match(line.decode().rstrip("\n"))
            assert fields is not None
            time, host, name, number, message = fields.groups()
            function(
                None,
                {"datetime": time, "hostname": host, "proc_name": name, "proc_id": number, "message": message},
            )


def pan_os(path: Path, function: Function) -> None:
    """Split at commas, zipped with the columns."""
    from slips.formats.network.paloalto_columns import COLUMNS

    columns = COLUMNS["TRAFFIC"]
    with igzip.open(path) as file:
        for raw in file:
            line = raw.decode().rstrip("\n")
            cells = line.split(",")
            event: dict[str, Any] = dict(zip(columns, cells, strict=False))
            event["raw_message"] = line
            event["message"] = (
                f"{cells[7]}:{cells[24]} => {cells[8]}:{cells[25]} ({cells[29]}), "
                f"Sent {cells[32]} byte, Recv {cells[33]} byte"
            )
            function(None, event)


def _text(file: Iterable[bytes]) -> Iterator[str]:
    return TextIOWrapper(file, encoding="utf-8", newline="")  # type: ignore[arg-type,type-var]
