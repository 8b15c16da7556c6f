"""`slips errors`, `slips error ID`, `slips drain`: what failed, and back into its lane."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from ...api.errors import shown
from ...drain import DrainReport, DrainRequest, drain
from ...quarantine import ErrorItem, ErrorRow, Filter
from ..deployment import Deployment, deployment

F = TypeVar("F", bound=Callable[..., Any])

SLICE_SECONDS = 30.0
"""A drain works in slices of so long, to show how far it is."""


def on_deployment(command: F) -> F:
    """The options that say which deployment a command works on."""
    for option in (
        click.option("--local", is_flag=True, help="The `slips run` that is up in this folder."),
        click.option("-s", "--stack-name", help="The stack, instead of slips.yml."),
        click.option("-c", "--config", "config", help="slips.yml, or another file."),
    ):
        command = option(command)
    return command


def _opened(config: str | None, stack_name: str | None, local: bool) -> Deployment:
    return deployment(config or (click.get_current_context().obj or {}).get("config"), stack_name, local)


@click.command()
@on_deployment
@click.option("-n", "--limit", default=100, show_default=True, type=click.IntRange(1), help="Items at most.")
@click.option("--bucket", default="", help="Of this bucket.")
@click.option("--prefix", default="", help="Of keys that begin so.")
@click.option("--format", "format_name", default="", help="Of this format.")
@click.option("--processor", default="", help="Of this function.")
@click.option("--fingerprint", default="", help="Of this cause.")
@click.option("--state", default="", type=click.Choice(["", "open", "draining", "parked"]), help="In this state.")
@click.option("--group", is_flag=True, help="By cause.")
@click.option("--json", "as_json", is_flag=True, help="A JSON line an item.")
def errors(
    config: str | None, stack_name: str | None, local: bool, limit: int, format_name: str,
    group: bool, as_json: bool, **filters: str,
) -> None:  # fmt: skip
    """List what failed, newest first. The exit code is 1 where there is something.

    \b
    slips errors --bucket example-logs --group
    """
    quarantine = _opened(config, stack_name, local).quarantine
    quarantine.adopt()
    wanted = Filter(format=format_name, **filters)
    if group:
        found: list[Any] = list(quarantine.causes(wanted).causes)
    else:
        found = list(_rows(quarantine, wanted, limit))
    for row in found:
        click.echo(json.dumps(shown(row)) if as_json else _cause(row) if group else line(row))
    if found:
        raise SystemExit(1)


def _rows(quarantine: Any, wanted: Filter, limit: int) -> Iterator[ErrorRow]:
    cursor = ""
    while limit > 0:
        page = quarantine.page(wanted, min(limit, 500), cursor)
        yield from page.items
        limit -= len(page.items)
        cursor = page.cursor
        if not cursor:
            return


def line(row: ErrorRow) -> str:
    """The columns of the class-based SLIPS, then what is new."""
    old = f"{row.event_time}:  {row.request_id}  {row.bucket_name:16} {row.object_key} ({row.object_size} byte)"
    where = f"{row.stage}/{row.processor}" if row.processor else row.stage
    return f"{old}  {where}  {row.failed_count}x  {row.error_type}: {_one_line(row.error_message)}"


def _cause(cause: Any) -> str:
    where = f"{cause.stage}/{cause.processor}" if cause.processor else cause.stage
    return (
        f"{cause.fingerprint}  {cause.count:6} items  {cause.failed_count:8} failed  {cause.first_seen} … "
        f"{cause.last_seen}  {cause.format}  {where}  {cause.error_type}: {_one_line(cause.error_message)}"
    )


def _one_line(text: str) -> str:
    # Log content is hostile: control characters must not reach the terminal.
    return "".join(char if char.isprintable() else " " for char in text)[:200]


@click.command()
@on_deployment
@click.argument("request_id", metavar="ID")
@click.option("-f", "--format", "form", type=click.Choice(["text", "json", "cjson"]), default="text", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Into this file.")
def error(
    config: str | None, stack_name: str | None, local: bool, request_id: str, form: str,
    output: Path | None,
) -> None:  # fmt: skip
    """Show one error item: its work items, and in text also cause, positions and traceback.

    \b
    slips error 4f6d… -f json -o items.json
    """
    text = detail(_opened(config, stack_name, local).quarantine.get(request_id), form)
    if output is None:
        click.echo(text)
    else:
        output.write_text(text + "\n")


def detail(item: ErrorItem, form: str) -> str:
    """An error item as text, or its work items as JSON."""
    work = msgspec.to_builtins(item.argument)
    if form == "cjson":
        return json.dumps(work, separators=(",", ":"))
    indented = json.dumps(work, indent=4)
    if form == "json":
        return indented
    named = {name: value for name, value in shown(item).items() if name not in ("argument", "traceback", "sample")}
    known = [f"{name}: {value}" for name, value in named.items() if value not in ("", None)]
    blocks = [f"RequestID:{item.request_id}", "Argument:", indented, *known]
    blocks += [f"{name}:\n{text}" for name, text in (("sample", item.sample), ("traceback", item.traceback)) if text]
    return "\n".join(blocks)


@click.command("drain")
@on_deployment
@click.option("--id", "ids", multiple=True, help="This item (parked ones too); may be given several times.")
@click.option("--bucket", default="", help="Of this bucket.")
@click.option("--prefix", default="", help="Of keys that begin so.")
@click.option("--format", "format_name", default="", help="Of this format.")
@click.option("--fingerprint", default="", help="Of this cause.")
@click.option("--limit", type=click.IntRange(1), help="Items at most.")
@click.option("--dry-run", is_flag=True, help="Only count.")
@click.option("--json", "as_json", is_flag=True, help="The counts as JSON.")
def drain_errors(
    config: str | None, stack_name: str | None, local: bool, ids: tuple[str, ...],
    format_name: str, limit: int | None, dry_run: bool, as_json: bool, **filters: str,
) -> None:  # fmt: skip
    """Put what failed back into its lane: only the failed events, for the failed functions alone.

    \b
    slips drain --fingerprint 0c5b9f2a7d114e01 --limit 10
    """
    opened = _opened(config, stack_name, local)
    opened.quarantine.adopt()
    request = DrainRequest(ids=ids, format=format_name, limit=limit, dry_run=dry_run, **filters)
    total = _drain(opened, request)
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(total)))
    else:
        click.echo(f"{'would drain' if dry_run else 'drained'}: {total.drained}, remaining: {total.remaining}")
        for request_id, reason in total.failed.items():
            click.echo(f"stays: {request_id}: {_one_line(reason)}", err=True)
    if total.failed:
        raise SystemExit(1)


def _drain(opened: Deployment, request: DrainRequest) -> DrainReport:
    """Slice by slice, to the end."""
    total = DrainReport(dry_run=request.dry_run)
    while True:
        deadline = time.time() + SLICE_SECONDS
        report = drain(request, opened.quarantine, opened.lanes, opened.config, deadline)
        total.drained += report.drained
        total.failed |= report.failed
        total.remaining = report.remaining
        left = None if request.limit is None else request.limit - report.drained
        if not report.cursor or left == 0:
            return total
        if sys.stderr.isatty():
            click.echo(f"drained: {total.drained}, remaining: {total.remaining}", err=True)
        request = msgspec.structs.replace(request, cursor=report.cursor, limit=left)
