"""The archive that a function of a run writes, as DuckDB reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from ..deployment.emulator import Emulator

BUCKET = "lake"


class Row(NamedTuple):
    """A row of the archive: an event."""

    event_id: str
    ids: tuple[str, ...]


class Archive:
    """The files below a prefix of a bucket that all runs of an account share."""

    def __init__(self, emulator: Emulator, name: str) -> None:
        self.url = f"s3://{BUCKET}/{name}/"
        self._prefix = f"{name}/"
        self._s3 = emulator.client("s3")
        if BUCKET not in {bucket["Name"] for bucket in self._s3.list_buckets()["Buckets"]}:
            self._s3.create_bucket(
                Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": emulator.client("s3").meta.region_name}
            )

    def read(self, folder: Path) -> list[Row]:
        """Copy the files into a new folder, and return their rows."""
        folder.mkdir()
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=self._prefix)
        for number, file in enumerate(file for page in pages for file in page.get("Contents", ())):
            content = self._s3.get_object(Bucket=BUCKET, Key=file["Key"])["Body"].read()
            (folder / f"{number}.ndjson.gz").write_bytes(content)
        return read(folder)


def read(folder: Path) -> list[Row]:
    """Return the rows of the files in the folder."""
    import duckdb

    if not any(folder.iterdir()):
        return []
    connection: Any = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    columns = "{event_id: 'VARCHAR', ids: 'VARCHAR[]'}"
    query = f"SELECT event_id, ids FROM read_json('{folder}/*.ndjson.gz', columns = {columns})"
    return [Row(event_id, tuple(ids)) for event_id, ids in connection.sql(query).fetchall()]
