"""`slips init`: a project of your own."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path

import click

from ..output import escaped
from .parameters import command

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_BUCKET = "example-logs"


@command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option("--sample", "samples", multiple=True, type=FILE, help="A log file of yours, compressed or not.")
@click.option("--from", "legacy", type=FILE, metavar="CONFIG", help="config.yml of the class-based SLIPS.")
@click.option("--bucket", default=_BUCKET, show_default=True, help="The bucket that your logs land in.")
@click.option(
    "--cut", default="", metavar="FRAMING", help="How to cut samples of no known format: see slips new-format."
)
@click.option("--upgrade", is_flag=True, help="Only update the project in DIR to the wheel of this SLIPS.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as one JSON object.")
def init(
    folder: Path,
    samples: tuple[Path, ...],
    legacy: Path | None,
    bucket: str,
    cut: str,
    upgrade: bool,
    as_json: bool,
) -> None:
    """Write a project into DIR (the current folder by default): app.py, slips.yml, tests, samples. Existing files stay
    as they are.

    For each --sample, it writes format, mapping, function and test, and a parser to edit if no format fits. --from
    carries over the configuration and the handler class of the class-based SLIPS.

    \b
    slips init my-logs --sample access.log.gz --bucket my-bucket
    slips init my-logs --from config.yml
    """
    from ..develop.init.create import InitOptions, create_project, upgrade_wheel

    if upgrade:
        if samples or legacy or cut or bucket != _BUCKET:
            raise click.UsageError("--upgrade takes no other option: it leaves app.py and slips.yml as they are")
        paths = upgrade_wheel(folder)
        click.echo(json.dumps({"new": paths}) if as_json else "\n".join(os.path.join(folder, path) for path in paths))
        return
    if cut and not samples:
        raise click.UsageError("--cut says how to cut a --sample; add one, or leave --cut out")
    if legacy and bucket != _BUCKET:
        raise click.UsageError("--bucket is for a new slips.yml; CONFIG names its own buckets: leave --bucket out")
    created = create_project(InitOptions(folder=folder, samples=samples, legacy=legacy, bucket=bucket, cut=cut))
    if as_json:
        formats = {str(log.file): list(log.chain) for log in created.logs}
        click.echo(json.dumps({**created.written._asdict(), "formats": formats, "left": created.left}))
        return
    for path in created.written.existing:
        click.echo(f"kept as it is: {os.path.join(folder, path)}", err=True)
    for path in created.written.new:
        click.echo(os.path.join(folder, path))
    for log in created.logs:
        click.echo(escaped(f"{log.file}: {' → '.join(log.chain)} ({log.why})"), err=True)
    for line in created.left:
        click.echo(escaped(f"to do: {line}"), err=True)
    where = "" if folder == Path(".") else f"cd {shlex.quote(str(folder))} && "
    click.echo(f"next: {where}slips run --once", err=True)
