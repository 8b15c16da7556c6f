"""`slips parse`: records of local files through a format, one JSON line an event."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import click
import msgspec
import orjson

from ...config import Limits, load
from ...errors import ConfigError, ParseError, ReadError, RegistrationError
from ...formats import registry
from ...formats.base import Decoded, Format, ObjectInfo, Parser, events_of
from ...formats.chain import Chain, compile_chain
from ...formats.zones import use_timezones
from ...model import ObjectRef
from ...reader import FRAMER_NAMES
from ...reader.framing import FramingOptions, RecordFilter
from ...reader.objects import ObjectReader
from ..develop.local_file import LocalFile
from ..target import config_path
from .target import config_option


@click.command()
@click.option("--format", "-F", "chain", required=True, help="A format, or a chain: s3-lines,json,g-suite-login")
@click.option(
    "--json", "as_json", is_flag=True, expose_value=False, help="Accepted for scripts: the output is JSON anyway."
)
@click.argument("files", nargs=-1, required=True)
def parse(chain: str, files: tuple[str, ...]) -> None:
    """Parse FILES (- is standard input) and print a JSON line for each event.

    A line holds tag, timestamp (seconds, UTC), position and event. Faults go to standard error as
    {"position", "error"}, and the exit code is then 1; a time that cannot be read is not a fault: it is told as
    {"position", "time_fault"}, and the file's time stands for it. Files may be plain or compressed.

    \b
    slips parse --format g-suite-login logins.gz | jq .event.actor.email
    """
    with suppress(ConfigError):  # Of this folder's slips.yml, where there is one.
        use_timezones(load(config_path(config_option(None))).timezones)
    compiled = _chain([name.strip() for name in chain.strip("[] ").split(",")])
    faults = 0
    for file in files:
        faults += _parse(compiled, file, name=file if len(files) > 1 else "")
    sys.stdout.flush()
    if faults:
        raise SystemExit(1)


def _chain(names: Sequence[str]) -> Chain:
    try:
        return compile_chain(names, FRAMER_NAMES, _find)
    except RegistrationError as fault:
        raise click.UsageError(str(fault)) from fault


def _find(name: str) -> Format:
    """Return a format of the registry, or one of the user's own: of app.py or slips.yml."""
    if name in registry.names():
        return registry.get(name)
    if Path("app.py").exists():
        from ..develop.project import load_project

        return load_project().slips.find_format(name)
    from ...runtime import Runtime

    try:
        path = config_path(config_option(None))
    except ConfigError:  # There is no slips.yml here.
        raise registry.unknown(name) from None
    return Runtime(load(path)).find_format(name)


def _parse(chain: Chain, file: str, name: str) -> int:
    """Print the events of a file; return how many faults there were."""
    source = LocalFile(file)
    event_time = source.landed
    parser = chain.parser(ObjectInfo(event_time=event_time))
    reader = ObjectReader(source, ObjectRef(bucket="", key=file), Limits())
    want = RecordFilter(header_records=parser.header_records, header_prefix=parser.header_prefix)
    faults, position = 0, 1
    try:
        for batch in reader.read_batches(
            chain.framing, FramingOptions(argument=chain.argument, array_keys=chain.array_keys), want
        ):
            if batch.begins_document:
                faults += _print(parser, position - 1, parser.finish, event_time, name)
                parser = chain.parser(ObjectInfo(event_time=event_time))
            for position, record in enumerate(batch.records, batch.first):
                if record.strip():
                    faults += _print(parser, position, partial(parser.read, record), event_time, name)
            for fault in batch.faults:
                faults += _refuse(fault.position, fault.error, name)
            position = batch.first + batch.count
        faults += _print(parser, position - 1, parser.finish, event_time, name)
    except ReadError as fault:
        faults += _refuse(position, fault, name)
    return faults


def _print(parser: Parser, position: int, read: Callable[[], Decoded], event_time: float, name: str) -> int:
    try:
        lines = [_line(parser, position, overrides, event, event_time, name) for overrides, event in events_of(read())]
    except Exception as fault:  # noqa: BLE001 - a parser may be the user's own
        return _refuse(position, fault, name)
    if lines:
        sys.stdout.buffer.write(b"\n".join(lines) + b"\n")
    return 0


def _line(
    parser: Parser, position: int, overrides: dict[str, Any], event: dict[str, Any], event_time: float, name: str
) -> bytes:
    try:
        time = overrides["timestamp"] if "timestamp" in overrides else parser.time(event)
    except ParseError as fault:  # The event has the file's time, as one without a time.
        time = None
        _tell(position, {"time_fault": str(fault)}, name)
    line = {
        "tag": overrides.get("tag") or parser.tag(event),
        "timestamp": event_time if time is None else time,
        "position": position,
        "event": event,
    }
    try:
        return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:  # It holds an integer above 64 bits.
        return msgspec.json.encode(line, enc_hook=str)


def _refuse(position: int, fault: BaseException, name: str) -> int:
    _tell(position, {"error": str(fault)}, name)
    return 1


def _tell(position: int, text: dict[str, str], name: str) -> None:
    line = {"file": name} if name else {}
    print(orjson.dumps({**line, "position": position, **text}).decode(), file=sys.stderr)
