"""`slips parse`: records of local files through a format, one JSON line an event."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import click
import orjson

from ...config import load
from ...errors import ConfigError, RegistrationError
from ...formats import registry
from ...formats.base import Format, events_of
from ...formats.chain import Chain, compile_chain
from ...formats.zones import use_timezones
from ...model import ObjectRef
from ...reader import FRAMER_NAMES
from ..develop.decoded_objects import event_line, read_records
from ..develop.local_file import LocalFile
from ..target import config_path
from .parameters import command
from .target import config_option


@command()
@click.option("--format", "-F", "chain", required=True, help="A format, or a chain: s3-lines,json,g-suite-login")
@click.option(
    "--json", "as_json", is_flag=True, expose_value=False, help="Accepted for scripts: the output is JSON anyway."
)
@click.argument("files", nargs=-1, required=True)
def parse(chain: str, files: tuple[str, ...]) -> None:
    """Parse FILES (- is standard input) and print a JSON line for each event.

    A line holds tag, timestamp (seconds, UTC), position and event. Faults go to standard error as {"position",
    "error"}, and the exit code is then 1. A time that cannot be read is not a fault: it goes to standard error as
    {"position", "time_fault"}, and the event gets the file's time. Files may be plain or compressed.

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
    faults = 0
    for record in read_records(chain, source, ObjectRef(bucket="", key=file), source.landed):
        try:
            lines = [event_line(record, *each, source.landed) for each in events_of(record.read())]
            encoded = [line.encode() for line in lines]
        except Exception as fault:  # noqa: BLE001 - a parser may be the user's own
            faults += _refuse(record.position, fault, name)
            continue
        for line in lines:
            if line.time_fault:
                _tell(line.position, {"time_fault": line.time_fault}, name)
        if encoded:
            sys.stdout.buffer.write(b"\n".join(encoded) + b"\n")
    return faults


def _refuse(position: int, fault: BaseException, name: str) -> int:
    _tell(position, {"error": str(fault)}, name)
    return 1


def _tell(position: int, text: dict[str, str], name: str) -> None:
    line = {"file": name} if name else {}
    print(orjson.dumps({**line, "position": position, **text}).decode(), file=sys.stderr)
