"""The progress of a backfill, in a file of the project that is written after each chunk."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import msgspec

from ...errors import SlipsError
from .request import Request

FOLDER = Path(".slips")


class State(msgspec.Struct, kw_only=True):
    """A state: everything up to the key `after` is in its lane or was skipped. `run_id` distinguishes this backfill
    from earlier ones of the same request; `began_at` is in seconds since the epoch, `expected` the plan's count."""

    request: Request
    run_id: str = msgspec.field(default_factory=lambda: uuid4().hex[:16])
    began_at: float = msgspec.field(default_factory=time.time)
    after: str = ""
    queued: int = 0
    size: int = 0
    skipped: int = 0
    expected: int = 0

    @property
    def is_begun(self) -> bool:
        """Whether an earlier call made progress."""
        return bool(self.after)


class StateFile:
    """A file with the state of a request."""

    def __init__(self, request: Request, path: Path | None = None) -> None:
        self.request = request
        self.path = path or FOLDER / f"backfill-{request.id}.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the file against other processes. Raises SlipsError if one holds it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        path = self.path.with_suffix(".lock")
        with path.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SlipsError(f"the same backfill is already running ({self.path})") from None
            try:
                yield
            finally:
                path.unlink(missing_ok=True)

    def load(self) -> State:
        """Read the state, or create a new one. Raises SlipsError if the file holds something else."""
        try:
            state = msgspec.json.decode(self.path.read_bytes(), type=State)
        except FileNotFoundError:
            return State(request=self.request)
        except msgspec.DecodeError as fault:
            raise SlipsError(f"{self.path}: not the state of a backfill ({fault}); remove it to start over") from fault
        if state.request != self.request:
            raise SlipsError(f"{self.path}: the state of another backfill; choose another file with --state")
        return state

    def save(self, state: State) -> None:
        """Replace the file atomically."""
        new_path = self.path.with_suffix(".new")
        with new_path.open("wb") as file:
            file.write(msgspec.json.encode(state))
            file.flush()
            os.fsync(file.fileno())
        new_path.replace(self.path)

    def remove(self) -> None:
        """Remove the file of a finished backfill."""
        self.path.unlink(missing_ok=True)
