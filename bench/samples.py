"""Writes `samples/`: what `make run` uploads. The same bytes every time (`python -m bench.samples`).

Among them two planted faults, for `/errors` to show: a badge reader's line with two spaces, which the sample format of
app.py cannot parse, and a login without an actor, on which its sample function raises.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

BUCKET = "example-logs"
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
USERS = ("ada", "grace", "linus", "margaret", "radia", "dennis", "barbara", "ken")


def main(folder: Path = Path("samples")) -> None:
    """Write every sample below `folder`/<bucket>/<key>."""
    dice = random.Random(20260301)
    for key, content in samples(dice).items():
        path = folder / BUCKET / key
        path.parent.mkdir(parents=True, exist_ok=True)
        # mtime=0: the same bytes every time.
        path.write_bytes(gzip.compress(content, mtime=0) if key.endswith(".gz") else content)


def samples(dice: random.Random) -> dict[str, bytes]:
    """Keys and what the objects hold before compression."""
    waf = [_json(waf_log(dice, at)) for at in times(40, 7)]
    logins = [login(dice, at) for at in times(120, 45)]
    del logins[71]["actor"]
    year = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/01"
    trail = [cloudtrail(dice, at) for at in times(60, 21)]
    badges = [badge(dice, at) for at in times(24, 300)]
    badges[16] = badges[16].replace(b" ", b"  ", 1)
    return {
        "logs/g_suite/2026/03/01/logins.json.gz": _lines(map(_json, logins)),
        "logs/g_suite/team a+b/day=1/logins.json": _lines(_json(login(dice, at)) for at in times(15, 60)),
        "logs/azure_ad/signins 2026-03-01.json": _lines(_json(azure_signin(dice, at)) for at in times(30, 90)),
        f"{year}/111122223333_CloudTrail_eu-west-1_20260301T0920Z_q4Zr1.json.gz": _json({"Records": trail}),
        "logs/paloalto/fw=1/traffic.csv": _lines(pan_traffic(dice, at) for at in times(50, 11)),
        "logs/syslog/bastion.log.gz": _lines(syslog(dice, at) for at in times(80, 13)),
        "logs/waf/aws-waf-logs-edge-1.json.gz": _lines(waf),
        "logs/badges/2026-03-01.log": _lines(badges),
    }


def times(count: int, step: int) -> Iterator[datetime]:
    """So many moments, `step` seconds apart."""
    return (START + timedelta(seconds=number * step, milliseconds=number * 37 % 1000) for number in range(count))


def badge(dice: random.Random, at: datetime) -> bytes:
    """A line of a badge reader, in the format that app.py defines."""
    door, outcome = dice.choice(("lobby", "lab", "server-room")), dice.choices(("granted", "denied"), (9, 1))[0]
    return f"{_iso(at)} {door} {dice.choice(USERS)} {outcome}".encode()


def login(dice: random.Random, at: datetime) -> dict[str, Any]:
    """A login of Google Workspace's Reports API."""
    name = dice.choices(("login_success", "login_failure", "logout"), (8, 2, 3))[0]
    return {
        "kind": "admin#reports#activity",
        "id": {
            "time": _iso(at),
            "uniqueQualifier": str(dice.getrandbits(60)),
            "applicationName": "login",
            "customerId": "C03az79cb",
        },
        "actor": {"email": f"{dice.choice(USERS)}@example.com", "profileId": str(dice.getrandbits(66))},
        "ipAddress": address(dice),
        "events": [
            {
                "type": "login",
                "name": name,
                "parameters": [
                    {"name": "login_type", "value": dice.choice(("google_password", "saml", "reauth"))},
                    {"name": "is_suspicious", "boolValue": dice.random() < 0.02},
                ],
            }
        ],
    }


def azure_signin(dice: random.Random, at: datetime) -> dict[str, Any]:
    """A sign-in event of Azure AD, as its activity reports wrote it."""
    user = dice.choice(USERS)
    return {
        "id": f"{dice.getrandbits(128):032x}",
        "signinDateTime": at.isoformat().replace("+00:00", "0000Z"),
        "userPrincipalName": f"{user}@example.com",
        "userDisplayName": user.title(),
        "appDisplayName": dice.choice(("Office 365 Exchange Online", "Azure Portal", "Visual Studio Code")),
        "ipAddress": address(dice),
        "loginStatus": dice.choices(("Success", "Failure"), (9, 1))[0],
        "location": {
            "city": dice.choice(("Lyon", "Osaka", "Porto")),
            "countryOrRegion": dice.choice(("FR", "JP", "PT")),
        },
    }


def cloudtrail(dice: random.Random, at: datetime) -> dict[str, Any]:
    """A management event of CloudTrail."""
    user = dice.choice(USERS)
    kind, source, name = dice.choices(
        (
            ("AwsApiCall", "s3.amazonaws.com", "GetBucketAcl"),
            ("AwsApiCall", "ec2.amazonaws.com", "DescribeInstances"),
            ("AwsConsoleSignIn", "signin.amazonaws.com", "ConsoleLogin"),
        ),
        (6, 6, 1),
    )[0]
    return {
        "eventVersion": "1.09",
        "userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::111122223333:user/{user}", "userName": user},
        "eventTime": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": source,
        "eventName": name,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": address(dice),
        "userAgent": "aws-cli/2.17.4 md/awscrt#0.20.11",
        "requestParameters": {"bucketName": "example-data"} if source.startswith("s3") else None,
        "responseElements": {"ConsoleLogin": "Success"} if name == "ConsoleLogin" else None,
        "eventID": f"{dice.getrandbits(128):032x}",
        "eventType": kind,
        "recipientAccountId": "111122223333",
    }


def pan_traffic(dice: random.Random, at: datetime) -> bytes:
    """A TRAFFIC row of a PAN-OS firewall."""
    moment, serial = at.strftime("%Y/%m/%d %H:%M:%S"), dice.getrandbits(20)
    sent, received = dice.randrange(200, 90_000), dice.randrange(200, 900_000)
    port = dice.choice((443, 53, 22, 8080))
    protocol = "udp" if port == 53 else "tcp"
    client = f"10.{dice.randrange(4)}.{dice.randrange(256)}.{dice.randrange(1, 255)}"
    server, client_port = address(dice), dice.randrange(1024, 65_535)
    row = [
        "1", moment, "013201001234", "TRAFFIC", "end", "2561", moment, client, server, "203.0.113.7", server,
        "allow-out", f"corp\\{dice.choice(USERS)}", "", "ssl", "vsys1", "trust", "untrust", "ethernet1/1",
        "ethernet1/2", "to-siem", moment, str(serial), "1", str(client_port), str(port), str(client_port), str(port),
        "0x400053", protocol, "allow", str(sent + received), str(sent), str(received), str(dice.randrange(4, 400)),
        moment, str(dice.randrange(90)), "business-and-economy", "0", str(7_000_000 + serial), "0x0",
        "10.0.0.0-10.255.255.255", "Portugal", "0", "12", "15", "tcp-fin", "11", "12", "0", "0", "", "edge-1",
        "from-policy",
    ]  # fmt: skip
    return ",".join(row).encode()


def syslog(dice: random.Random, at: datetime) -> bytes:
    """A line of sshd or sudo, RFC 3164."""
    user, pid = dice.choice(USERS), dice.randrange(900, 32_000)
    text = dice.choice(
        (
            f"sshd[{pid}]: Accepted publickey for {user} from {address(dice)} port {dice.randrange(1024, 65_535)} ssh2",
            f"sshd[{pid}]: Failed password for invalid user admin from {address(dice)} port 52110 ssh2",
            f"sudo[{pid}]: {user} : TTY=pts/0 ; PWD=/home/{user} ; USER=root ; COMMAND=/usr/bin/apt update",
        )
    )
    return f"{at.strftime('%b')} {at.day:2} {at.strftime('%H:%M:%S')} bastion-1 {text}".encode()


def waf_log(dice: random.Random, at: datetime) -> dict[str, Any]:
    """A full log record of AWS WAF."""
    blocked = dice.random() < 0.3
    return {
        "timestamp": int(at.timestamp() * 1000),
        "formatVersion": 1,
        "webaclId": "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/edge/1e3f8a52",
        "terminatingRuleId": "block-scanners" if blocked else "Default_Action",
        "terminatingRuleType": "REGULAR",
        "action": "BLOCK" if blocked else "ALLOW",
        "httpSourceName": "ALB",
        "httpSourceId": "111122223333-app/edge/50dc6c495c0c9188",
        "ruleGroupList": [],
        "httpRequest": {
            "clientIp": address(dice),
            "country": dice.choice(("FR", "JP", "PT", "US")),
            "headers": [
                {"name": "Host", "value": "shop.example.com"},
                {"name": "User-Agent", "value": "curl/8.5.0"},
            ],
            "uri": dice.choice(("/", "/cart", "/wp-login.php", "/.env")),
            "args": "",
            "httpVersion": "HTTP/2.0",
            "httpMethod": "GET",
            "requestId": f"1-{dice.getrandbits(32):08x}-{dice.getrandbits(96):024x}",
        },
    }


def address(dice: random.Random) -> str:
    """An address of the blocks that RFC 5737 keeps for documents."""
    return f"{dice.choice(('192.0.2', '198.51.100', '203.0.113'))}.{dice.randrange(1, 255)}"


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _lines(records: Iterable[bytes]) -> bytes:
    return b"".join(record + b"\n" for record in records)


if __name__ == "__main__":
    main()
