"""Gives every event of a gzipped file of NDJSON to functions by one peer, over and over, on request:
`python bench/peer_worker.py PEER FUNCTIONS FILE [ENDPOINT]`, by the Python of an environment that has the peers.

It imports nothing of SLIPS. Each line on stdin asks for one run; each answer is a line of JSON, `{"cpu": seconds,
"wall": seconds, "events": events}`. With ENDPOINT, the file is an object of the bucket `bench` there.
"""

from __future__ import annotations

import gc
import gzip
import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

Run = Callable[[], int]
NEVER = "never seen"
"""What each function looks for in the event's address, so that none has anything to do."""


def by_json(count: int, path: str, endpoint: str) -> Run:
    """The standard library, and a loop over functions."""
    functions = [lambda event, number=number: event["ipAddress"] == f"{NEVER} {number}" for number in range(count)]

    def run() -> int:
        events = 0
        with gzip.open(path) as file:
            for line in file:
                event = json.loads(line)
                events += 1
                for function in functions:
                    function(event)
        return events

    return run


def by_pypanther(count: int, path: str, endpoint: str) -> Run:
    """Rules of Panther, each run as Panther's engine runs it."""
    from panther_core.enriched_event import PantherEvent
    from pypanther import LogType, Rule, Severity

    def rule(number: int) -> Any:
        def look(self: Any, event: Any) -> bool:
            return event.get("ipAddress") == f"{NEVER} {number}"  # type: ignore[no-any-return]

        options = {
            "id": f"Rule{number}", "log_types": [LogType.GSUITE_ACTIVITY_EVENT], "default_severity": Severity.LOW,
            "rule": look,
        }  # fmt: skip
        return type(f"Rule{number}", (Rule,), options)()

    rules = [rule(number) for number in range(count)]

    def run() -> int:
        events = 0
        with gzip.open(path) as file:
            for line in file:
                event = PantherEvent(json.loads(line))
                events += 1
                for each in rules:
                    assert not each.run(event, {}, {}).detection_output
        return events

    return run


def by_powertools(count: int, path: str, endpoint: str) -> Run:
    """S3Object of Powertools for AWS Lambda, which inflates while it reads."""
    from aws_lambda_powertools.utilities.streaming import S3Object

    client = connect(endpoint)
    return lambda: decode(S3Object(bucket="bench", key=Path(path).name, boto3_client=client, is_gzip=True))


def by_smart_open(count: int, path: str, endpoint: str) -> Run:
    """smart_open, which inflates what is named .gz."""
    from smart_open import open as open_object

    client = connect(endpoint)

    def run() -> int:
        with open_object(f"s3://bench/{Path(path).name}", "rb", transport_params={"client": client}) as file:
            return decode(file)

    return run


def decode(lines: Iterable[bytes]) -> int:
    """Decode lines of JSON, and return how many there were."""
    events = 0
    for line in lines:
        json.loads(line)
        events += 1
    return events


def by_duckdb(count: int, path: str, endpoint: str) -> Run:
    """One query with a condition for each function: no Python is called for an event."""
    import duckdb

    columns = ", ".join(f"count(*) FILTER (ipAddress = '{NEVER} {number}')" for number in range(count))
    connection = duckdb.connect()

    def run() -> int:
        query = f"SELECT count(*), {columns} FROM read_json('{path}', format = 'newline_delimited')"
        row: Any = connection.execute(query).fetchone()
        return int(row[0])

    return run


def by_polars(count: int, path: str, endpoint: str) -> Run:
    """The same, as expressions."""
    import polars

    columns = [
        (polars.col("ipAddress") == f"{NEVER} {number}").sum().alias(f"found{number}") for number in range(count)
    ]

    def run() -> int:
        with gzip.open(path) as file:
            frame = polars.read_ndjson(file.read())
        return int(frame.select(polars.len(), *columns)["len"][0])

    return run


def connect(endpoint: str) -> Any:
    import boto3
    from botocore.config import Config

    return boto3.session.Session().client(
        "s3", endpoint_url=endpoint, region_name="eu-west-1", aws_access_key_id="bench", aws_secret_access_key="bench",
        config=Config(s3={"addressing_style": "path"}),
    )  # fmt: skip


PEERS: dict[str, Callable[[int, str, str], Run]] = {
    "json": by_json, "pypanther": by_pypanther, "powertools": by_powertools, "smart_open": by_smart_open,
    "duckdb": by_duckdb, "polars": by_polars,
}  # fmt: skip


def main(peer: str, functions: str, path: str, endpoint: str = "") -> None:
    """Answer requests until stdin ends."""
    run = PEERS[peer](int(functions), path, endpoint)
    for _ in sys.stdin:
        gc.collect()
        cpu, wall = time.process_time(), time.perf_counter()
        events = run()
        took = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "events": events}
        print(json.dumps(took), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
