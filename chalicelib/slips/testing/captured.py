"""A captured error: the records on which something failed, in a file that stands beside its test.

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
    """What failed and how. `records` are the records as their framer yielded them, those first that only told a parser
    how to read the others (a CSV's header); `positions` is where they stood in the object."""

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
        """The records as an object of the framing `records`."""
        return framed([_bytes(record) for record in self.records])

    def item(self) -> WorkItem:
        """The work item of that object, for the function that failed."""
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
    """Read a fixture. Raises SlipsError where the file is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Captured)
    except FileNotFoundError:
        raise SlipsError(f"{path}: there is no such file, and no error item of that id") from None
    except (OSError, msgspec.DecodeError) as fault:
        raise SlipsError(f"{path}: no file that `slips capture` wrote: {fault}") from fault


def dump(captured: Captured) -> str:
    """The fixture as text: a record a line, so that a diff shows what changed."""
    return msgspec.json.format(msgspec.json.encode(captured), indent=1).decode() + "\n"


def to_json_text(record: bytes) -> Any:
    """A record as a fixture holds it."""
    try:
        return record.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(record).decode()}


def _bytes(record: str | dict[str, str]) -> bytes:
    return record.encode() if isinstance(record, str) else b64decode(record["base64"])


def framed(records: list[bytes]) -> bytes:
    """Records of any bytes as one object, each behind its length."""
    return b"".join(len(record).to_bytes(4, "big") + record for record in records)
