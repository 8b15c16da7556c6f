"""`slips tail`: events of the objects that land from now on."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatchcase
from types import CodeType
from typing import TYPE_CHECKING, Any

import click

from ...wording import plural
from ..polling import wait
from .parameters import command
from .target import TargetOptions, on_project
from .terminal import warn

if TYPE_CHECKING:
    from ...decorators import Slips
    from ...model import WorkItem
    from ..develop.decoded_objects import EventLine

PAUSE = 1.0
"""Seconds between two looks at the lanes."""
MOST_OBJECTS = 20
"""Objects read of one look: a lane may get thousands in a second."""
MOST_EVENTS = 20
MOST_RECORDS = 10_000
"""Records looked at of an object, of which none may match."""


@command("tail")
@on_project
@click.option("--format", "-F", "pattern", default="*", show_default=True, metavar="FORMAT",
              help="Only events of this format, or of those that a pattern matches: aws-*")  # fmt: skip
@click.option("--where", "expression", metavar="EXPR",
              help="Only events for which this Python expression is true, such as: event['status'] >= 500")  # fmt: skip
@click.option("--events", "most", default=MOST_EVENTS, show_default=True, type=click.IntRange(1),
              help="At most this many events of an object.")  # fmt: skip
@click.option("--limit", "-n", type=click.IntRange(1), help="Stop after this many events.")
@click.option("--seconds", type=click.IntRange(1), help="Stop after this many seconds.")
@click.option(
    "--json", "as_json", is_flag=True, expose_value=False, help="Accepted for scripts: the output is JSON anyway."
)
def tail(
    target: TargetOptions, pattern: str, expression: str | None, most: int, limit: int | None, seconds: int | None
) -> None:
    """Print events of the objects that land from now on, a JSON line each, until Ctrl-C.

    It reads the lanes and the objects with your credentials, and takes nothing away from your functions. It does not
    show what is drained or continued. It shows a sample: at most 20 objects per second. In EXPR, `event` is the event,
    and `tag`, `timestamp` (seconds, UTC), `position` and `key` are what a line holds.

    \b
    slips tail --local
    slips tail --stage prod -F cloudtrail --where "event['errorCode'] == 'AccessDenied'"
    """
    matches = _Condition(expression) if expression else None
    from ... import aws
    from ..develop.lane_tail import LaneTail
    from ..develop.project import load_project

    to = target.open()
    slips = load_project(to.path).slips
    slips.check()
    lanes = LaneTail(aws.client("kinesis"), dict.fromkeys((to.config.fast.stream, to.config.slow.stream)))
    warn("waiting for objects; Ctrl-C ends it")
    end = time.monotonic() + seconds if seconds else float("inf")
    count = 0
    with suppress(KeyboardInterrupt):
        while time.monotonic() < end:
            landed = [item for item in lanes.look() if item.resume_from == 1 and not item.positions]
            for line in _lines(slips, landed, pattern, matches, most):
                sys.stdout.buffer.write(line + b"\n")
                sys.stdout.buffer.flush()
                count += 1
                if count == limit:
                    return
            wait(PAUSE)
    if matches is not None and matches.failed:
        warn(f"--where raised for {plural(matches.failed, 'event')}, which are not shown; first: {matches.fault}")


class _Condition:
    """The expression of --where. An event for which it raises does not match."""

    def __init__(self, text: str) -> None:
        self.failed = 0
        self.fault = ""
        try:
            self._code: CodeType = compile(text, "--where", "eval")
        except (SyntaxError, ValueError) as fault:
            reason = fault.msg if isinstance(fault, SyntaxError) else fault
            advice = "write a Python expression, such as: event['status'] >= 500"
            raise click.BadParameter(f"{text!r} cannot be read ({reason}); {advice}", param_hint="--where") from None

    def __call__(self, line: EventLine, key: str) -> bool:
        names = {
            "event": line.event, "tag": line.tag, "timestamp": line.timestamp, "position": line.position, "key": key,
        }  # fmt: skip
        try:
            return bool(eval(self._code, names))  # noqa: S307 - the caller's own, on the caller's machine
        except Exception as fault:  # noqa: BLE001 - of any kind: a field is missing, or of another type
            self.failed += 1
            self.fault = self.fault or f"{type(fault).__name__}: {fault}"
            return False


def _lines(
    slips: Slips, items: list[WorkItem], pattern: str, matches: _Condition | None, most: int
) -> Iterator[bytes]:  # fmt: skip
    """Yield the events of the objects, as lines."""
    from ...config import routing
    from ...errors import RouteError

    wanted = []
    for item in items:
        with suppress(RouteError):  # Another slips.yml has put it into the lane.
            chain = slips.chain(routing.find_mapping(slips.config, item.ref).chain)
            if fnmatchcase(chain.name, pattern):
                wanted.append((item, chain))
    if len(wanted) > MOST_OBJECTS:
        warn(f"{plural(len(wanted) - MOST_OBJECTS, 'object')} passed without being read")
    for item, chain in wanted[:MOST_OBJECTS]:
        yield from _events(slips, item, chain, matches, most)


def _events(slips: Slips, item: WorkItem, chain: Any, matches: _Condition | None, most: int) -> Iterator[bytes]:
    from ...formats.base import events_of
    from ...formats.timestamps import epoch
    from ...reader.s3 import S3Objects
    from ..develop.decoded_objects import event_line, read_records
    from ..output import one_line

    place = f"s3://{item.bucket_name}/{item.object_key}"
    landed = epoch(item.event_time) if item.event_time else time.time()
    count = 0
    records = read_records(chain, S3Objects(slips.s3_access), item.ref, landed, slips.config.limits)
    for number, record in enumerate(records):
        if number == MOST_RECORDS:
            warn(f"{one_line(place)}: the records after the first {MOST_RECORDS:,} are not looked at")
            return
        try:
            lines = [event_line(record, *each, landed) for each in events_of(record.read())]
        except Exception as fault:  # noqa: BLE001 - a parser may be the user's own
            warn(f"{one_line(place)} at {record.position}: {one_line(str(fault))}")
            continue
        for line in lines:
            if matches is None or matches(line, item.object_key):
                yield line.encode(bucket=item.bucket_name, key=item.object_key)
                count += 1
                if count == most:
                    return
