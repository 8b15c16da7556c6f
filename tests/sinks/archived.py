"""An S3 that keeps what it is sent, and documents of objects of any size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from slips.model import utc
from slips.sinks import Document
from slips.testing import make_meta

NINE = utc.epoch("2026-03-01T09:15:02Z")


class S3OfTheTest:
    """Keeps files by their key. Raises the next fault of `faults`, before it keeps the file, or after `takes`."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.requests: list[dict[str, Any]] = []
        self.faults: list[Exception | None] = []
        self.takes = False

    def put_object(self, **request: Any) -> dict[str, Any]:
        assert request["Bucket"] == "lake"
        self.requests.append(request)
        fault = self.faults.pop(0) if self.faults else None
        if fault is None or self.takes:
            self.files[request["Key"]] = request["Body"]
        if fault is not None:
            raise fault
        return {"ETag": '"e"'}

    def write_to(self, folder: Path) -> None:
        """Write the files below a folder."""
        for key, content in self.files.items():
            (folder / key).parent.mkdir(parents=True, exist_ok=True)
            (folder / key).write_bytes(content)


def document(
    body: Any, position: int = 1, *, time: float | None = NINE, size: int | None = None, version: str = "1",
    **of_meta: Any,
) -> Document:  # fmt: skip
    """Return the document of an event of that time (None: that of `event`), and of an object of `size` bytes."""
    event = of_meta.pop("event", {"n": position})
    meta = make_meta(event, timestamp=time, position=position, **of_meta)
    meta._context.source = msgspec.structs.replace(meta.source, size=size, version=version)
    return Document(meta, body)
