"""The inputs of the benchmarks: seeded, so that every run and every machine measures the same bytes.

They are made once, into `bench/work/`. Large ones repeat a compressed member: gzip allows many in one file, and
inflating them takes the same time each.
"""

from __future__ import annotations

import gzip
import json
import random
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from backports import zstd

from .samples import USERS, address, pan_traffic, syslog

WORK = Path(__file__).parent / "work"
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
VERSION = 2
"""Counted up when an input changes, so that old files are not used."""

Line = Callable[[random.Random, datetime], bytes]


def ndjson(dice: random.Random, at: datetime) -> bytes:
    """A login of Google Workspace: some 590 bytes of JSON."""
    kind = dice.choices(("login_success", "login_failure", "logout", "login_verification"), (8, 2, 3, 1))[0]
    event: dict[str, Any] = {
        "kind": "admin#reports#activity",
        "id": {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "uniqueQualifier": str(dice.getrandbits(60)),
            "applicationName": "login",
            "customerId": "C03az79cb",
        },
        "etag": f'"Zk3p8bXnTqL0vR6yWs2dE5hJ7mC9aF1u/{dice.getrandbits(64):016x}Qy5"',
        "actor": {
            "email": f"{dice.choice(USERS)}{dice.randrange(400)}@example.com",
            "profileId": str(dice.getrandbits(66)),
        },
        "ipAddress": f"{dice.randrange(1, 224)}.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(256)}",
        "events": [
            {
                "type": "login",
                "name": kind,
                "parameters": [
                    {"name": "login_type", "value": dice.choice(("google_password", "saml", "reauth", "exchange"))},
                    {"name": "login_challenge_method", "multiValue": [dice.choice(("password", "security_key"))]},
                    {"name": "is_suspicious", "boolValue": dice.random() < 0.02},
                ],
            }
        ],
    }  # fmt: skip
    return _json(event)


def rare(dice: random.Random, at: datetime) -> bytes:
    """The same, with one event in 5,000 that an analyst looks for."""
    line = ndjson(dice, at)
    return line.replace(b'"login_success"', b'"titanium_change"') if dice.random() < 1 / 5000 else line


def cloudtrail(dice: random.Random, at: datetime) -> bytes:
    """A management event: some 1,300 bytes of JSON."""
    user, request = dice.choice(USERS), f"{dice.getrandbits(128):032x}"
    name, source = dice.choice((
        ("GetBucketAcl", "s3.amazonaws.com"), ("DescribeInstances", "ec2.amazonaws.com"),
        ("AssumeRole", "sts.amazonaws.com"), ("ConsoleLogin", "signin.amazonaws.com"), ("Decrypt", "kms.amazonaws.com"),
    ))  # fmt: skip
    return _json({
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": f"AROA{dice.getrandbits(64):016X}:{user}",
            "arn": f"arn:aws:sts::111122223333:assumed-role/operators/{user}",
            "accountId": "111122223333",
            "accessKeyId": f"ASIA{dice.getrandbits(64):016X}",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role", "principalId": f"AROA{dice.getrandbits(64):016X}",
                    "arn": "arn:aws:iam::111122223333:role/operators", "accountId": "111122223333",
                    "userName": "operators",
                },
                "attributes": {"creationDate": at.strftime("%Y-%m-%dT%H:00:00Z"), "mfaAuthenticated": "false"},
            },
        },
        "eventTime": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": source,
        "eventName": name,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": address(dice),
        "userAgent": "aws-cli/2.17.4 md/awscrt#0.20.11 ua/2.0 os/linux#6.1 md/arch#x86_64 lang/python#3.11.8",
        "requestParameters": {"bucketName": f"data-{dice.randrange(90)}", "Host": "s3.eu-west-1.amazonaws.com"},
        "responseElements": None,
        "additionalEventData": {"SignatureVersion": "SigV4", "bytesTransferredOut": dice.randrange(9000)},
        "requestID": request[:16].upper(),
        "eventID": request,
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
        "tlsDetails": {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256"},
    })  # fmt: skip


def vpc_flow(dice: random.Random, at: datetime) -> bytes:
    """A record of version 2."""
    begun = int(at.timestamp())
    return (
        f"2 111122223333 eni-{dice.getrandbits(68):017x} {address(dice)} 10.0.4.{dice.randrange(256)} "
        f"{dice.randrange(1024, 65536)} {dice.choice((443, 53, 22))} 6 {dice.randrange(1, 900)} "
        f"{dice.randrange(40, 99999)} {begun} {begun + 60} {dice.choice(('ACCEPT', 'REJECT'))} OK"
    ).encode()


def alb(dice: random.Random, at: datetime) -> bytes:
    """An access log entry of today's Application Load Balancers."""
    path = dice.choice(("/", "/cart?id=7", "/search?q=log+shipping", "/static/app.css"))
    trace = f"{dice.getrandbits(96):024x}"
    return (
        f"https {at.isoformat(timespec='microseconds').replace('+00:00', 'Z')} app/shop/50dc6c495c0c9188 "
        f"{address(dice)}:{dice.randrange(1024, 65536)} 10.0.4.{dice.randrange(256)}:8080 0.000 "
        f"0.0{dice.randrange(99):02} 0.000 {dice.choice((200, 200, 304, 502))} 200 {dice.randrange(900)} "
        f"{dice.randrange(90000)} "
        f'"GET https://shop.example.com:443{path} HTTP/2.0" "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101" '
        f"ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 "
        f"arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop/73e2d6bc "
        f'"Root=1-69a40456-{trace}" "shop.example.com" "arn:aws:acm:eu-west-1:111122223333:certificate/0a1b2c3d" 1 '
        f'{at.isoformat(timespec="microseconds").replace("+00:00", "Z")} "forward" "-" "-" "10.0.4.17:8080" "200" "-" '
        f'"-" TID_{dice.getrandbits(64):016x} "-" "-" "-"'
    ).encode()


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def records(line: Line, count: int, seed: int = 1) -> Iterator[bytes]:
    """Yield `count` records, a third of a second apart."""
    dice = random.Random(seed)
    return (line(dice, START + timedelta(milliseconds=333 * number)) for number in range(count))


def lines(line: Line, count: int, head: bytes = b"") -> bytes:
    """Return `count` lines."""
    return head + b"".join(record + b"\n" for record in records(line, count))


def write_once(name: str, write: Callable[[IO[bytes]], None]) -> Path:
    """Return the file of that name, written unless it exists."""
    path = WORK / f"v{VERSION}-{name}"
    if not path.exists():
        WORK.mkdir(exist_ok=True)
        partial = path.with_suffix(".part")
        with partial.open("wb") as file:
            write(file)
        partial.rename(path)
    return path


def gz(name: str, content: Callable[[], bytes]) -> Path:
    """Return a file of one gzip member."""
    return write_once(f"{name}.gz", lambda file: _write(file, [gzip.compress(content(), 6, mtime=0)]))


def zst(name: str, content: Callable[[], bytes]) -> Path:
    """Return a file of one zstd frame."""
    return write_once(f"{name}.zst", lambda file: _write(file, [zstd.compress(content(), 3)]))


def members(name: str, head: bytes, body: bytes, times: int, tail: bytes) -> Path:
    """Return a gzip file of `head`, `times` times `body`, and `tail`, each a member."""
    packed = [gzip.compress(part, 6, mtime=0) for part in (head, body, tail)]
    return write_once(f"{name}-{times}.gz", lambda file: _write(file, [packed[0], *[packed[1]] * times, packed[2]]))


def one_member(name: str, head: bytes, body: bytes, times: int, tail: bytes) -> Path:
    """Return a gzip file of one member of the same, where no line may end in between."""

    def write(file: IO[bytes]) -> None:
        packer = zlib.compressobj(6, wbits=31)
        for part in (head, *[body] * times, tail):
            file.write(packer.compress(part))
        file.write(packer.flush())

    return write_once(f"{name}-whole-{times}.gz", write)


def zipped(name: str, count: int) -> Path:
    """Return a zip of `count` members of one line each."""

    def write(file: IO[bytes]) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(count):
                archive.writestr(f"logs/{number}.json", b'{"n":%d}\n' % number)

    return write_once(f"{name}-{count}.zip", write)


def _write(file: IO[bytes], pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        file.write(piece)


FLOW_HEADER = (
    b"version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end "
    b"action log-status\n"
)


class Input:
    """A format to measure, its lines, and files of them."""

    def __init__(self, name: str, chain: tuple[str, ...], line: Line, head: bytes = b"") -> None:
        self.name = name
        self.chain = chain
        self.line = line
        self.head = head

    def file(self, count: int, *, compression: str = "gz") -> Path:
        """Return the file of `count` records."""
        pack = gz if compression == "gz" else zst
        return pack(f"{self.name}-{count}", lambda: lines(self.line, count, self.head))


NDJSON = Input("ndjson", ("s3-lines", "json", "g-suite-login"), ndjson)
RARE = Input("rare", ("s3-lines", "json", "g-suite-login"), rare)
VPC_FLOW = Input("vpc-flow", ("vpc-flow",), vpc_flow, FLOW_HEADER)
ALB = Input("alb", ("alb",), alb)
SYSLOG = Input("syslog", ("syslog",), syslog)
PAN_OS = Input("paloalto", ("paloalto",), pan_traffic)


def cloudtrail_document(count: int) -> Path:
    """Return a `{"Records": […]}` document of `count` events."""
    return gz(f"cloudtrail-{count}", lambda: b'{"Records":[' + b",".join(records(cloudtrail, count)) + b"]}")
