"""`slips error ID`: show one error item."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ...api.errors import to_json
from ...model.work_items import show_work_items
from ...quarantine import ErrorItem
from ..output import escape_controls, escaped
from .ids import find_item_id
from .parameters import command
from .target import TargetOptions, on_target
from .terminal import note


@command()
@on_target
@click.argument("request_id", metavar="ID")
@click.option(
    "-f", "--format", "form", type=click.Choice(["text", "json", "cjson"]), default="text", show_default=True,
    help="text: everything; json: only the work items; cjson: the work items on one line.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object, as the API returns it.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
def error(
    target: TargetOptions, request_id: str, form: str,
    as_json: bool, output: Path | None,
) -> None:  # fmt: skip
    """Show one error item: its work items and, as text, also its cause, positions, sample and traceback.

    \b
    slips error 4f6d2c81 -f json -o items.json
    slips local -d items.json                     run them on this machine
    """
    quarantine = target.open().quarantine
    item = quarantine.get(find_item_id(quarantine, request_id))
    text = json.dumps({**to_json(item), "history": item.history}) if as_json else detail(item, form)
    if output is None:
        click.echo(text)
    else:
        output.write_text(text + "\n")
        note(f"wrote {output}")


def detail(item: ErrorItem, form: str) -> str:
    """Format an error item as text, or its work items as JSON."""
    work = show_work_items(item.argument)
    if form == "cjson":
        return json.dumps(work, separators=(",", ":"))
    indented = json.dumps(work, indent=4)
    if form == "json":
        return indented
    named = {name: value for name, value in to_json(item).items() if name not in ("argument", "traceback", "sample")}
    known = [f"{name}: {escaped(str(value))}" for name, value in named.items() if value not in ("", None)]
    history = [f"failed before: {escaped(line)}" for line in item.history]
    blocks = [f"RequestID:{escaped(item.request_id)}", "Argument:", indented, *known, *history]
    long = (("sample", item.sample), ("traceback", item.traceback))
    return "\n".join([*blocks, *(f"{name}:\n{escape_controls(text)}" for name, text in long if text)])
