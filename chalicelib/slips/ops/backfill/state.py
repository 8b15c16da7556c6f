"""How far a backfill is, in a file beside the project: written after each chunk that is in its lane."""

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
    """Everything up to the key `after` is in its lane, or was skipped. `run_id` tells this backfill from an earlier one
    of the same request; `began_at` is in seconds since the epoch, `expected` what its plan counted."""

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
        """Whether an earlier call has come to anything."""
        return bool(self.after)


class StateFile:
    """The file of a request."""

    def __init__(self, request: Request, path: Path | None = None) -> None:
        self.request = request
        self.path = path or FOLDER / f"backfill-{request.id}.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """While no other process works on it. Raises SlipsError."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        path = self.path.with_suffix(".lock")
        with path.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SlipsError(f"the same backfill is running already ({self.path})") from None
            try:
                yield
            finally:
                path.unlink(missing_ok=True)

    def load(self) -> State:
        """The state, a new one where there is none. Raises SlipsError for a file of something else."""
        try:
            state = msgspec.json.decode(self.path.read_bytes(), type=State)
        except FileNotFoundError:
            return State(request=self.request)
        except msgspec.DecodeError as fault:
            raise SlipsError(f"{self.path}: no state of a backfill ({fault}); remove it to begin anew") from fault
        if state.request != self.request:
            raise SlipsError(f"{self.path}: the state of another backfill; name another file with --state")
        return state

    def save(self, state: State) -> None:
        """Replace the file, all or nothing."""
        total = self.path.with_suffix(".new")
        with total.open("wb") as file:
            file.write(msgspec.json.encode(state))
            file.flush()
            os.fsync(file.fileno())
        total.replace(self.path)

    def remove(self) -> None:
        """It is done."""
        self.path.unlink(missing_ok=True)
