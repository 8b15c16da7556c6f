"""Nothing is lost on the way into an archive, as DuckDB reads it, wherever the process is killed or S3 fails."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from slips import aws
from slips.sinks import S3Archive
from slips.sinks.archive_rows import LARGE

from .proofs import Fates, FaultyService, Play, Sent, plan, plant

pytestmark = pytest.mark.skipif(find_spec("duckdb") is None, reason="DuckDB is not installed")

KINDS = ("ndjson.gz", "parquet")
FATES = {"fine": 6, "kill before": 1, "kill after": 1, "lost": 1, "throttled": 1, "denied": 1}
WITHOUT_DEATH = {"fine": 6, "throttled": 2, "denied": 2}
Prove = Callable[..., Sent]


@pytest.fixture
def prove(aws_endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Prove:
    """Play a seed, and compare the archive with what was planted. Returns what was sent."""
    make_client = aws.client

    def play(seed: int, kind: str, fates: dict[str, int] = FATES) -> Sent:
        aws.reset()
        chance, sent, folder = Random(f"{seed} {kind}"), Sent(), tmp_path / f"{seed}"
        planted = plant(chance, [chance.randint(5, 30) for _ in range(4)] + [90], [40, 40, 40, 40, 8_000])
        assert [len(content) >= LARGE for content in planted.contents] == [False] * 4 + [True]
        faults, weights = plan(chance, len(planted.events), fates)
        fate, bucket = Fates(seed, sent, weights), f"lake-{uuid4()}"
        client = FaultyService(make_client("s3"), fate)
        client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        monkeypatch.setattr(aws, "client", lambda name, *_: {"s3": client}[name])
        sink = S3Archive(f"s3://{bucket}/a/", format=kind, file_rows=chance.choice([7, 40]), concurrency=seed % 3 + 1)  # type: ignore[arg-type]
        folder.mkdir()
        Play(folder, sink, fate, planted).play(faults)
        compare(read_archive(client, bucket, folder, kind), planted.events, sent)
        return sent

    return play


def read_archive(client: Any, bucket: str, folder: Path, kind: str) -> list[tuple[str, str, int, str]]:
    """Return id, event_id, n and text of each row, as DuckDB reads them."""
    import duckdb

    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for file in page["Contents"]:
            path = folder / file["Key"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(client.get_object(Bucket=bucket, Key=file["Key"])["Body"].read())
    files = f"{folder}/a/**/*.{kind}"
    reader = "read_parquet" if kind == "parquet" else "read_json"
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    return connection.sql(f"SELECT id, event_id, n, text FROM {reader}('{files}', union_by_name = true)").fetchall()


def compare(rows: list[tuple[str, str, int, str]], events: dict[str, dict[str, Any]], sent: Sent) -> None:
    """Each event is there, whole; and a row is there twice only where that could not be known."""
    assert len({event_id for _, event_id, _, _ in rows}) == len(events)
    assert {(name, n, text) for name, _, n, text in rows} == {
        (event["id"], event["n"], event["text"]) for event in events.values()
    }
    names = [name for name, *_ in rows]
    twice = {name for name in set(names) if names.count(name) > 1}
    assert twice <= sent.twice <= sent.may_be_twice


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_lost(prove: Prove, kind: str, seed: int) -> None:
    prove(seed, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_where_nothing_dies_each_row_is_there_once(prove: Prove, kind: str) -> None:
    assert prove(1, kind, WITHOUT_DEATH).twice == set()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_lost_in_fifteen_runs(prove: Prove, kind: str) -> None:
    runs = [prove(seed, kind) for seed in range(15)]
    assert sum(run.kills for run in runs) > 5
    assert any(run.twice for run in runs)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_where_nothing_dies_each_row_is_there_once_in_eight_runs(prove: Prove, kind: str) -> None:
    assert [prove(seed, kind, WITHOUT_DEATH).twice for seed in range(8)] == [set()] * 8
