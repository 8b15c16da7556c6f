"""What sinks write into buckets under `slips run` lies in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from chalice import Chalice

from slips import Slips, aws
from slips.ops.run.outbox_folder import OutboxFolder
from slips.ops.run.sinks import prepare_sinks
from slips.sinks import Firehose, S3Archive


@pytest.fixture(autouse=True)
def clients(aws_endpoint: str) -> Iterator[None]:
    aws.reset()
    yield
    aws.reset()


def test_each_new_object_is_fetched_once(tmp_path: Path) -> None:
    (tmp_path / "slips.yml").write_text("stack_name: t\nbucket_mapping: {logs: [{prefix: json/, format: json}]}\n")
    slips, bucket = Slips(Chalice("t"), tmp_path / "slips.yml"), f"outbox-{uuid4().hex[:8]}"
    slips.send("json", to=S3Archive(f"s3://{bucket}/kept/"))
    slips.send("json", to=Firehose(f"{bucket}-f"))
    prepare_sinks(slips, dry=False)
    outbox, client = OutboxFolder(tmp_path / "outbox"), aws.client("s3")
    for key in ("kept/a", "kept/b/c", "other/d", "kept/../e"):
        client.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert (outbox.fetch(slips), outbox.fetch(slips)) == (2, 0)
    client.put_object(Bucket=bucket, Key="kept/a", Body=b"again")
    assert outbox.fetch(slips) == 1
    files = {
        str(path.relative_to(tmp_path / "outbox" / bucket)): path.read_bytes()
        for path in tmp_path.rglob("outbox/**/*")
        if path.is_file()
    }
    assert files == {"kept/a": b"again", "kept/b/c": b"kept/b/c"}
