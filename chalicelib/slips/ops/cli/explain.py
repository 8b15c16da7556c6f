"""`slips explain`: show what happens to an object, and why."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from ...errors import DeploymentError, ReadError, SlipsError, StoreError
from ...wording import plural
from ..aws_errors import describe_error
from ..output import escaped, one_line
from .parameters import command
from .target import TargetOptions, on_project
from .terminal import print_json, size, warn

if TYPE_CHECKING:
    from ...decorators import Slips
    from ...ledger.items import LedgerItem
    from ...model import ObjectRef
    from ...model.ports import ObjectStore
    from ..develop.explain import Preview, RouteReport
    from ..target import Target


@command()
@on_project
@click.argument("what", metavar="s3://BUCKET/KEY|FILE")
@click.option(
    "--as", "stand_in", metavar="s3://BUCKET/KEY", help="Explain FILE as if it were this object, without AWS."
)
@click.option("--version-id", default="", help="The version of the object.")
@click.option("-n", "--events", default=5, show_default=True, type=click.IntRange(0), help="At most this many events.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
def explain(
    target: TargetOptions, what: str, stand_in: str | None, version_id: str, events: int, as_json: bool
) -> None:
    """Show the routing rule and mapping that match an object and those they shadow, its lane and format chain, its
    first events with tag and time, the functions that would get them, and its books if it was processed before.

    Nothing is delivered. The exit code is 1 if no rule or mapping matches, or part of the object cannot be read.

    \b
    slips explain s3://example-logs/logs/g_suite/2026/03/01/logins.json.gz
    slips explain logins.json.gz --as s3://example-logs/logs/g_suite/logins.json.gz
    """
    from ..develop.explain.place import is_url, parts

    if is_url(what) == bool(stand_in):
        raise click.UsageError("name an object, s3://BUCKET/KEY, or a FILE with --as s3://BUCKET/KEY")
    from ..develop.project import load_project

    bucket, key = parts(stand_in or what)
    to = target.open()
    slips = load_project(to.path).slips
    slips.check()
    report = _explain(slips, to, what, stand_in, version_id, events)
    report |= {"bucket": bucket, "key": report["object"].key if report["object"] else key}
    print_json(msgspec.to_builtins(report)) if as_json else print_report(report)
    if report["faults"] or (report["preview"] and report["preview"].failures):
        raise SystemExit(1)


def _explain(slips: Slips, to: Target, what: str, stand_in: str | None, version_id: str, events: int) -> dict[str, Any]:
    """`{object, routed, preview, books, faults, stalled}`; what is unknown is None."""
    from ...model import ObjectRef
    from ..develop.explain import route_object
    from ..develop.explain.place import parts

    faults: list[str] = []
    ref, objects = _object(to, what, stand_in, version_id, faults)
    bucket, key = parts(stand_in or what)
    route = route_object(slips.config, ref or ObjectRef(bucket=bucket, key=key))
    faults += route.faults
    preview = None
    if ref is not None and objects is not None and route.mapping is not None and route.lane != "drop" and events:
        preview = _preview(slips, ref, objects, route, events)
    books, stalled = (None, []) if stand_in else _books(to, bucket, key)
    report = {"object": ref, "routed": route, "preview": preview, "books": books, "faults": faults}
    return {**report, "stalled": stalled}


def _books(to: Target, bucket: str, key: str) -> tuple[list[LedgerItem] | None, list[str]]:
    """Return the books, None where they are unknown, and the ids of stalled works."""
    from botocore.exceptions import BotoCoreError

    from ..backfill.stalled import is_stalled, stalled_before

    try:
        books = to.ledger.of_object(bucket, key)
        before = stalled_before(to.config, time.time())
    except (StoreError, DeploymentError, BotoCoreError) as fault:
        warn(f"its books are unknown: {describe_error(fault)}")
        return None, []
    return books, [work.work_id for work in books if is_stalled(work, before)]


def _object(
    to: Target, what: str, stand_in: str | None, version_id: str, faults: list[str]
) -> tuple[ObjectRef | None, ObjectStore | None]:
    from botocore.exceptions import BotoCoreError

    from ...reader.s3 import S3Objects
    from ..develop.explain import locate_object, object_of_file
    from ..develop.local_file import LocalFile

    if stand_in:
        return object_of_file(Path(what), stand_in), LocalFile(what)
    try:
        return locate_object(what, to.s3_access, version_id), S3Objects(to.s3_access)
    # Its route can be shown without the object.
    except (ReadError, BotoCoreError) as fault:
        faults.append(describe_error(fault))
        return None, None


def _preview(slips: Slips, ref: ObjectRef, objects: ObjectStore, route: RouteReport, events: int) -> Preview | None:
    from ..develop.explain import preview

    if route.mapping is None:
        raise SlipsError(f"s3://{ref.bucket}/{ref.key} has no mapping")
    chain = slips.chain(route.mapping.chain)
    functions = slips.functions.of_format(chain.name)
    lane = route.lane or "fast"
    return preview(ref, objects, chain, functions, lane, slips.config.limits, most=events)


def print_report(report: dict[str, Any]) -> None:
    """Print the object, its route, its events and its books, a paragraph each."""
    for line in _lines(report):
        click.echo(line)


def _lines(report: dict[str, Any]) -> Iterator[str]:
    ref, route, preview = report["object"], report["routed"], report["preview"]
    about = "" if ref is None else f"  ({size(ref.size or 0)}, {ref.event_time})"
    yield f"object     {escaped('s3://' + report['bucket'] + '/' + report['key'])}{about}"
    yield from _route_lines(route)
    yield from (f"fault      {escaped(fault)}" for fault in report["faults"])
    if preview is not None:
        yield from _event_lines(preview)
    elif route.lane == "drop":
        yield "dropped    no function gets its events"
    if report["books"] is not None:
        yield from _book_lines(report["books"], report["stalled"])


def _route_lines(route: RouteReport) -> Iterator[str]:
    from ..develop.explain.routes import describe_rule

    if route.lane:
        why = "because slips.yml has no `routing`"
        if route.rule:
            why = f"by {route.rule.path}  ({describe_rule(route.rule)})"
        if route.is_beyond_mapping:
            why = "by bucket_mapping: it is below no mapped prefix, although S3 notifies SLIPS of it"
        yield f"lane       {route.lane}  {escaped(why)}"
    for rule in route.shadowed_rules:
        yield f"  shadowed {escaped(f'{rule.path}  ({describe_rule(rule)}) → {rule.dest}')}"
    if route.mapping is not None:
        yield f"mapping    {escaped(f'{route.mapping.path}  ({describe_rule(route.mapping)})')}"
        yield f"format     {escaped(' → '.join(route.mapping.chain))}"
    for mapping in route.shadowed_mappings:
        yield f"  shadowed {escaped(f'{mapping.path}  ({describe_rule(mapping)}) → ' + ', '.join(mapping.chain))}"


def _event_lines(preview: Preview) -> Iterator[str]:
    yield f"container  {escaped(preview.container)}"
    yield f"functions  {', '.join(map(escaped, preview.functions)) or 'none, so the object is not read'}"
    yield f"events     the first {len(preview.events)}, of {plural(preview.records, 'record')} read"
    for event in preview.events:
        at = f"{event.position}" if event.index is None else f"{event.position}.{event.index}"
        source = "" if event.time_source == "event" else f" ({event.time_source})"
        takers = ", ".join(map(escaped, event.functions)) or "no function"
        yield f"  {at:>6}  {escaped(event.tag)}  {escaped(event.time)}{source}  → {takers}"
        yield f"          {one_line(event.message, 160)}"
    for failure in preview.failures:
        where = f"{failure.stage}/{failure.processor}" if failure.processor else failure.stage
        at = failure.positions or f"{failure.resume_from}-"
        yield f"  failed  {escaped(where)} at {at}: {one_line(f'{failure.error_type}: {failure.error_message}')}"
        if failure.sample:
            yield f"          {one_line(failure.sample, 160)}"


def _book_lines(books: list[LedgerItem], stalled: list[str]) -> Iterator[str]:
    if not books:
        yield "books      none: not processed, or longer ago than ledger.ttl_days"
    for item in books:
        counts = item.books
        records = f"{plural(counts.records, 'record')} ({counts.skipped} skipped, {counts.headers} headers)"
        yield (
            f"books      {escaped(item.state)}  {escaped(item.begun_at)}  {records}, {plural(counts.events, 'event')}, "
            f"{counts.unparsable} unparsable; lane {escaped(item.lane)}, version {escaped(item.version)}"
        )
        if item.work_id in stalled:
            yield (
                f"             stalled: nothing was done since {escaped(item.changed_at)}, and no lane holds it any "
                "longer; `slips backfill` resumes what was begun"
            )
        for name, of in counts.processors.items():
            counts_text = f"{of.delivered} delivered, {of.filtered} filtered, {of.quarantined} failed"
            yield f"             {escaped(name)}: {counts_text}"
