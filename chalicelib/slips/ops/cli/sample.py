"""`slips sample`: find an object for each mapping, as a work item."""

from __future__ import annotations

import json
from pathlib import Path

import click
import msgspec

from ...wording import plural
from ..output import escaped
from .parameters import command
from .target import TargetOptions, on_project
from .terminal import note, warn


@command()
@on_project
@click.option(
    "-k", "--max-keys", default=5, show_default=True, type=click.IntRange(1), help="At most this many keys per mapping."
)
@click.option(
    "-m",
    "--min-size",
    default=100,
    show_default=True,
    type=click.IntRange(0),
    help="Only objects of at least this many bytes.",
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@click.option(
    "--json", "as_json", is_flag=True, expose_value=False, help="Accepted for scripts: the output is JSON anyway."
)
def sample(target: TargetOptions, max_keys: int, min_size: int, output: Path | None) -> None:
    """Find an object for each mapping of slips.yml, and write their work items as a JSON list, for `slips local`.

    The exit code is 1 if a mapping has no object; standard error names it.

    \b
    slips sample -k 1000 -o items.json && slips local -d items.json
    """
    from ..develop.sample import sample as sampled

    to = target.open()
    samples = list(sampled(to.config, to.s3_access, max_keys=max_keys, min_size=min_size))
    items = [msgspec.to_builtins(each.item) for each in samples if each.item is not None]
    text = json.dumps(items, indent=4)
    if output is None:
        click.echo(text)
    else:
        output.write_text(text + "\n")
        note(f"wrote {output}: {plural(len(items), 'work item')}")
    for each in samples:
        if each.item is None:
            at = f"s3://{each.mapping.bucket}/{each.mapping.prefix}"
            warn(f"{escaped(each.mapping.path)}: {escaped(at)}: {escaped(each.reason)}")
    if len(items) < len(samples):
        raise SystemExit(1)
