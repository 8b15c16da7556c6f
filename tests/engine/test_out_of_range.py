"""A work item that names more than its object holds is an error item, whatever cuts the object into records."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import msgspec
import pyarrow
import pyarrow.parquet
import pytest
from chalice.app import Chalice

from slips import Slips
from slips.model import work_item
from slips.testing import SlipsTester

SLIPS = "stack_name: t\nbackend: {sns_topics: [{name: l}]}\nbucket_mapping: {logs: [{prefix: '', format: %s}]}\n"
ROWS = [{"a": number} for number in range(5)]
LINES = "\n".join(json.dumps(row) for row in ROWS).encode()
EVENT = (
    b'<Event><System><EventID>1</EventID><TimeCreated SystemTime="2026-01-01T00:00:00Z"/></System></Event>'
)  # fmt: skip


def parquet() -> bytes:
    stored = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"a": [1, 2, 3, 4, 5]}), stored, row_group_size=2)
    return stored.getvalue()


OBJECTS: dict[str, tuple[list[str], bytes]] = {
    "lines": (["s3-lines", "json"], LINES),
    "tsv": (["s3-tsv", "json"], LINES),
    "multiline": (["s3-multiline", "json"], LINES),
    "document": (["s3-json:Records", "json"], json.dumps({"Records": ROWS}).encode()),
    "cloudtrail": (["cloudtrail"], json.dumps({"Records": ROWS}).encode()),
    "array": (["s3-json", "json"], json.dumps(ROWS).encode()),
    "stream": (["s3-json-stream", "json"], LINES.replace(b"\n", b"")),
    "csv": (["s3-csv", "csv"], b"a,b\n1,2\n3,4\n5,6\n7,8\n"),
    "xml": (["s3-xml:Event", "windows-event-xml"], b"<Events>" + EVENT * 5 + b"</Events>"),
    "parquet": (["s3-parquet", "json"], parquet()),
}


@pytest.mark.parametrize("name", OBJECTS)
@pytest.mark.parametrize(
    ("narrowed", "left"),
    [
        ({"resume_from": 99}, ("", 99)),
        ({"positions": "99"}, ("99", 0)),
        ({"positions": "2,99"}, ("99", 0)),
        ({"positions": "97-99"}, ("97-99", 0)),
        ({"resume_from": 6}, None),
    ],
)
def test_what_is_beyond_the_end_is_an_error_item(
    tmp_path: Path, name: str, narrowed: dict[str, Any], left: tuple[str, int] | None
) -> None:
    chain, content = OBJECTS[name]
    path = tmp_path / "slips.yml"
    path.write_text(SLIPS % json.dumps(chain))
    slips = Slips(Chalice("test"), path)
    delivered: list[int] = []

    @slips.on_format("*")
    def take(meta: Any, event: object) -> None:
        delivered.append(meta.position)

    run = SlipsTester(slips)
    item = work_item(run.objects.put("logs", "k", content), "stream")
    failed = run.items([msgspec.structs.replace(item, **narrowed)]).errors
    assert [(each.positions, each.resume_from) for each in failed] == ([left] if left else [])
    assert all(each.error_message == "record 99 of 5: the object holds no more" for each in failed)
    assert delivered == ([2] if narrowed.get("positions") == "2,99" else [])
