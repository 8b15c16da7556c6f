"""`slips detect`: which format a local file may be of."""

from __future__ import annotations

import json
from itertools import chain

import click

from ...config import load
from ...errors import ConfigError
from ...formats.base import Format
from ...formats.pattern_format import pattern_format
from ...formats.zones import use_timezones
from ...model import ObjectRef
from ..develop.detection import detect
from ..develop.local_file import LocalFile
from ..develop.proposals import Proposal
from ..table import TableColumn, print_rows
from ..target import config_path
from .parameters import command
from .target import config_option

WEAK = 0.2
"""A confidence below it is a guess, of content that may be no log."""
_COLUMNS = (
    TableColumn("file", rank=2, least=12, keeps="end"),
    TableColumn("confidence"),
    TableColumn("format", style="name"),
    TableColumn("reason", rank=1, least=20),
)


@command("detect")
@click.option(
    "-n", "--limit", default=5, show_default=True, type=click.IntRange(1), help="At most this many proposals per file."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON line per file.")
@click.argument("files", nargs=-1, required=True)
def detect_format(limit: int, as_json: bool, files: tuple[str, ...]) -> None:
    """Propose formats for FILES (- is standard input), plain or compressed, from their first records.

    It prints a line per proposal, the likeliest first: confidence (0 to 1), name, reason. A name with a comma is a
    chain; you can use it in `slips parse --format` and in slips.yml. If two formats read a file equally well, the
    reason says so. It also proposes the pattern formats of slips.yml in this folder. Exit code 1: SLIPS knows no format
    for a file, or none above a confidence of 0.2.

    \b
    slips detect yesterday.log.gz
    """
    unknown, own = 0, _own_formats()
    for file in files:
        source = LocalFile(file)
        chunks = source.open(ObjectRef(bucket="", key=file))
        first = next(chunks, b"")
        proposals = detect(chain([first], chunks), source.landed, own)[:limit]
        unknown += not proposals or proposals[0].confidence < WEAK
        if as_json:
            click.echo(json.dumps({"file": file, "proposals": [proposal._asdict() for proposal in proposals]}))
        else:
            _print(file, proposals, named=len(files) > 1, is_empty=not first)
    if unknown:
        raise SystemExit(1)


def _own_formats() -> list[Format]:
    try:
        config = load(config_path(config_option(None)))
    except ConfigError:  # There is no slips.yml here, or `slips check` says what is wrong with it.
        return []
    use_timezones(config.timezones)
    return [pattern_format(settings) for settings in config.formats.values()]


def _print(file: str, proposals: list[Proposal], *, named: bool, is_empty: bool) -> None:
    if is_empty:
        click.echo(f"{file}: the file is empty", err=True)
    elif not proposals or proposals[0].confidence < WEAK:
        fit = "nothing fits well" if proposals else "no format that SLIPS knows"
        click.echo(f"{file}: {fit}; slips new-format NAME --from FILE proposes a format of your own", err=True)
    rows = ((f"{file}:" if named else "", f"{each.confidence:.2f}", each.name, each.why) for each in proposals)
    print_rows(_COLUMNS, rows)
