"""`slips explain`: what becomes of one object, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from ...errors import ReadError, SlipsError, StoreError
from .explained import print_explained
from .faults import advised
from .target import on_project, opened
from .terminal import print_json, warn

if TYPE_CHECKING:
    from ...decorators import Slips
    from ...ledger.ledger import LedgerItem
    from ...model import ObjectRef
    from ...model.ports import Objects
    from ..develop.explain import Previewed, Routed
    from ..target import Deployment


@click.command()
@on_project
@click.argument("what", metavar="s3://BUCKET/KEY|FILE")
@click.option("--as", "stands", metavar="s3://BUCKET/KEY", help="FILE in the place of this object; AWS is not asked.")
@click.option("--version-id", default="", help="This version of the object.")
@click.option("-n", "--events", default=5, show_default=True, type=click.IntRange(0), help="Events at most.")
@click.option("--json", "as_json", is_flag=True, help="All of it as one JSON object.")
def explain(
    config: str | None, local: bool, what: str, stands: str | None, version_id: str, events: int, as_json: bool
) -> None:
    """Say which routing rule and mapping take an object and which they shadow, its lane and format chain, its first
    events with tag and time, the functions that would take them, and its books if it was processed before.

    Nothing is delivered. The exit code is 1 where nothing takes the object, or part of it cannot be read.

    \b
    slips explain s3://example-logs/logs/g_suite/2026/03/01/logins.json.gz
    slips explain logins.json.gz --as s3://example-logs/logs/g_suite/logins.json.gz
    """
    from ..develop.explain.place import is_url, parts

    if is_url(what) == bool(stands):
        raise click.UsageError("name an object, s3://BUCKET/KEY, or a FILE with --as s3://BUCKET/KEY")
    from ..develop.project import load_project

    bucket, key = parts(stands or what)
    to = opened(config, None, local)
    slips = load_project(to.path).slips
    slips.check()
    told = _explained(slips, to, what, stands, version_id, events)
    told |= {"bucket": bucket, "key": told["object"].key if told["object"] else key}
    print_json(msgspec.to_builtins(told)) if as_json else print_explained(told)
    if told["faults"] or (told["preview"] and told["preview"].failures):
        raise SystemExit(1)


def _explained(
    slips: Slips, to: Deployment, what: str, stands: str | None, version_id: str, events: int
) -> dict[str, Any]:
    """`{object, objects, routed, preview, books, faults}`; what is not known is None."""
    from ...model import ObjectRef
    from ..develop.explain import routed
    from ..develop.explain.place import parts

    faults: list[str] = []
    ref, objects = _object(what, stands, version_id, faults)
    bucket, key = parts(stands or what)
    found = routed(slips.config, ref or ObjectRef(bucket=bucket, key=key))
    faults += found.faults
    seen = None
    if ref is not None and objects is not None and found.mapping is not None and found.lane != "drop" and events:
        seen = _preview(slips, ref, objects, found, events)
    books = None if stands else _books(to, bucket, key)
    return {"object": ref, "routed": found, "preview": seen, "books": books, "faults": faults}


def _books(to: Deployment, bucket: str, key: str) -> list[LedgerItem] | None:
    from botocore.exceptions import BotoCoreError

    try:
        return to.ledger.of_object(bucket, key)
    except (StoreError, BotoCoreError) as fault:
        warn(f"its books are not known: {advised(fault)}")
        return None


def _object(
    what: str, stands: str | None, version_id: str, faults: list[str]
) -> tuple[ObjectRef | None, Objects | None]:
    from botocore.exceptions import BotoCoreError

    from ... import aws
    from ...reader.s3 import S3Objects
    from ..develop.explain import located, stands_for
    from ..develop.local_file import LocalFile

    if stands:
        return stands_for(Path(what), stands), LocalFile(what)
    try:
        client = aws.client("s3")
        return located(what, client, version_id), S3Objects(client)
    # Where it would go can be said all the same.
    except (ReadError, BotoCoreError) as fault:
        faults.append(advised(fault))
        return None, None


def _preview(slips: Slips, ref: ObjectRef, objects: Objects, found: Routed, events: int) -> Previewed | None:
    from ..develop.explain import preview

    if found.mapping is None:
        raise SlipsError(f"s3://{ref.bucket}/{ref.key} has no mapping")
    chain = slips.chain(found.mapping.chain)
    functions = slips.functions.of_format(chain.name)
    lane = found.lane or "fast"
    return preview(ref, objects, chain, functions, lane, slips.config.limits, most=events)
