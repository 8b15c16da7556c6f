"""A captured error: the records that failed, in a fixture of its test.

`slips capture ID` writes such files; `SlipsTester.error` runs them. A record is text; one that is not UTF-8 is
`{"base64": "…"}`.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import msgspec

from ..errors import SlipsError
from ..model import WorkItem, digest

VERSION = 1


class Captured(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A failure and its records. `records` are as their framer yielded them, first those that a parser needs to read
    the others (a CSV's header); `positions` are their positions in the object."""

    slips_capture: int = VERSION
    error_type: str = ""
    error_message: str = ""
    stage: str = "process"
    format: str = ""
    processor: str = ""
    bucket: str
    key: str
    event_time: str = ""
    chain: tuple[str, ...]
    positions: str = ""
    records: tuple[str | dict[str, str], ...]

    def content(self) -> bytes:
        """Return the records as an object of the framing `records`."""
        return framed([_bytes(record) for record in self.records])

    def item(self) -> WorkItem:
        """Return the work item of that object, for the function that failed."""
        return WorkItem(
            aws_region="eu-central-1",
            event_time=self.event_time,
            event_name="ObjectCreated:Put",
            bucket_name=self.bucket,
            object_key=self.key,
            processors=(self.processor,) if self.processor else (),
            work_id=digest(self.bucket, self.key, self.content().hex(), self.processor),
        )


def load(path: Path) -> Captured:
    """Read a fixture. Raises SlipsError if the file is not one."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Captured)
    except FileNotFoundError:
        raise SlipsError(f"{path}: no such file, and no error item of that id") from None
    except (OSError, msgspec.DecodeError) as fault:
        raise SlipsError(f"{path}: not a fixture that `slips capture` wrote: {fault}") from fault


def dump(captured: Captured) -> str:
    """Return the fixture as text, a record per line, so that a diff shows what changed."""
    return msgspec.json.format(msgspec.json.encode(captured), indent=1).decode() + "\n"


def to_json_text(record: bytes) -> Any:
    """Return a record as a fixture holds it."""
    try:
        return record.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(record).decode()}


def _bytes(record: str | dict[str, str]) -> bytes:
    return record.encode() if isinstance(record, str) else b64decode(record["base64"])


def framed(records: list[bytes]) -> bytes:
    """Join records of any bytes to one object, each after its length."""
    return b"".join(len(record).to_bytes(4, "big") + record for record in records)
