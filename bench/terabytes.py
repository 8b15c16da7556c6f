"""What a stored terabyte costs, by format and size of its objects, and where it goes; before and after the ledger was
written in batches (decision 32)."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from slips.config.settings import FULL_CORE_MB

from . import inputs
from .cost import BEFORE, DIRECT, LAMBDA_CORE, SNS, SQS, Speed, Way, an_object
from .inputs import Line
from .samples import address

FORMATS = Path(__file__).parent / "formats.json"
TB = 1e12
SIZES = {"20 KB": 20e3, "1 MB": 1e6, "100 MB": 1e8}
SMALL = 20e3
INFLATED_A_SECOND = 550e6
"""Bytes that isal's igzip inflates in a second of this machine's core. bench/formats.json is measured without gzip."""
WAYS = {"SNS": SNS, "SQS": SQS, "S3 to SQS": DIRECT}
"""The ways in: a topic that calls a function, one that fills a queue, and no topic."""
FRUGAL = {
    **{name: replace(way, batch=100, ttl_days=7) for name, way in WAYS.items()},
    "S3 to SQS, no line an object": replace(DIRECT, batch=100, ttl_days=7, log_objects=False),
}
"""`batch_size: 100` and `ledger: {ttl_days: 7}`; then `log_objects: false`, too."""


def nginx(dice: random.Random, at: datetime) -> bytes:
    """A line of nginx in the combined format."""
    path = dice.choice(("/", "/cart", "/search?q=log+shipping", f"/item/{dice.randrange(9000)}", "/static/app.css"))
    agent = f"Mozilla/5.0 (X11; Linux x86_64; rv:{dice.randrange(90, 130)}.0) Gecko/20100101 Firefox/128.0"
    referrer = dice.choice(("-", "https://shop.example.com/"))
    return (
        f'{address(dice)} - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "GET {path} HTTP/1.1" {dice.choice((200, 200, 304, 404))} '
        f'{dice.randrange(90000)} "{referrer}" "{agent}"'
    ).encode()


def fortigate(dice: random.Random, at: datetime) -> bytes:
    """A traffic line of FortiGate."""
    return (
        f'date={at:%Y-%m-%d} time={at:%H:%M:%S} devname="fw-{dice.randrange(4)}" devid="FGT60F0000000001" '
        f'eventtime={int(at.timestamp() * 1e9)} tz="+0000" logid="0000000013" type="traffic" subtype="forward" '
        f'level="notice" vd="root" srcip=10.0.4.{dice.randrange(256)} srcport={dice.randrange(1024, 65536)} '
        f'srcintf="lan" dstip={address(dice)} dstport={dice.choice((443, 53, 22))} dstintf="wan1" '
        f'sessionid={dice.getrandbits(30)} proto=6 action="{dice.choice(("close", "accept", "deny"))}" '
        f'policyid={dice.randrange(40)} service="HTTPS" duration={dice.randrange(900)} '
        f"sentbyte={dice.randrange(99999)} rcvdbyte={dice.randrange(999999)} sentpkt={dice.randrange(900)}"
    ).encode()


LINES: dict[str, Line] = {
    "cloudtrail": inputs.cloudtrail, "vpc-flow": inputs.vpc_flow, "nginx-access": nginx, "fortigate": fortigate,
}  # fmt: skip
"""The formats of bench/formats.json, and what gzip is measured on."""


def speeds(at: Speed) -> Iterator[tuple[str, Speed]]:
    """Yield the formats and their speed; `at` is that of NDJSON."""
    measured = {row["name"]: row for row in json.loads(FORMATS.read_text())}
    yield "NDJSON", at
    for name, line in LINES.items():
        row, text = measured[name], inputs.lines(line, 5000)
        size = row["mb_s"] * row["us"]
        core_seconds = row["us"] * 1e-6 + size / INFLATED_A_SECOND
        ratio = len(text) / len(gzip.compress(text, 6))
        yield name, replace(at, events=LAMBDA_CORE / core_seconds, event_bytes=size, ratio=ratio)


def a_terabyte(size: float, at: Speed, way: Way) -> dict[str, float]:
    """Return the dollars of a stored terabyte in objects of `size` bytes, by what they are paid for."""
    return {kind: TB / size * dollars for kind, dollars in an_object(size, FULL_CORE_MB, at, way).items()}


def formats_rows(at: Speed) -> list[list[str]]:
    """Return a row for each format: gzip's ratio, and the dollars before and after by size and way in."""
    rows = []
    for name, own in speeds(at):
        row = [name, f"{own.ratio:.1f}"]
        for size in SIZES.values():
            for way in WAYS.values():
                before, after = (
                    sum(a_terabyte(size, own, each).values()) for each in (replace(way, design=BEFORE), way)
                )
                row.append(f"{before:,.2f} → {after:,.2f}")
        rows.append(row)
    return rows


def items_rows(at: Speed) -> list[list[str]]:
    """Return a row for each thing that is paid for of a terabyte of NDJSON in small objects, before and after, and with
    settings that cost less."""
    ways = [replace(SNS, design=BEFORE), SNS, replace(SQS, design=BEFORE), SQS, DIRECT, *FRUGAL.values()]
    columns = [a_terabyte(SMALL, at, way) for way in ways]
    rows = [[kind, *(f"{column[kind]:,.2f}" for column in columns)] for kind in columns[0]]
    return [*rows, ["all", *(f"{sum(column.values()):,.2f}" for column in columns)]]
