"""The work items that `slips local` runs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from ....config import Config
from ....drain.requeue import plan_requeue
from ....errors import NotificationError, SlipsError
from ....model import WorkItem
from ....model.work_items import decode_work_item
from ....quarantine import ErrorItem

_INSTEAD = "`slips sample` writes such a list, and `slips parse` reads a log file"


def of_file(path: str) -> list[WorkItem]:
    """Read a JSON list of work items (or a single one), also of the class-based SLIPS. Raises click.UsageError."""
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text()
        content = json.loads(text)
    except OSError as fault:
        raise click.UsageError(f"{path}: {fault.strerror}") from None
    except (ValueError, RecursionError) as fault:
        raise click.UsageError(f"{path}: not a JSON list of work items ({fault}); {_INSTEAD}") from None
    items = content if isinstance(content, list) else [content]
    if not items:
        raise click.UsageError(f"{path}: the list is empty; `slips sample` writes work items into it")
    return [_item(path, number, value) for number, value in enumerate(items)]


def _item(path: str, number: int, value: Any) -> WorkItem:
    try:
        return decode_work_item(json.dumps(value).encode())
    except NotificationError as fault:
        raise click.UsageError(f"{path}[{number}]: {fault}; {_INSTEAD}") from None


def of_error(item: ErrorItem, config: Config) -> list[WorkItem]:
    """Return the work items that a drain would queue: only what failed. Raises SlipsError if there are none."""
    items = [work for _, work in plan_requeue(item, config)]
    if not items:
        raise SlipsError(
            "nothing to run: slips.yml drops the objects of that error item, or its message is about no new object"
        )
    return items
