"""`slips capture`: turn an error item into a test that fails the same way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...errors import SlipsError
from ...model.positions import explain_recount
from ..output import one_line
from .ids import find_item_id
from .parameters import command
from .target import TargetOptions, on_project
from .terminal import print_json, warn

if TYPE_CHECKING:
    from ...decorators import Slips
    from ...formats.chain import Chain
    from ...quarantine import ErrorItem
    from ...testing import Captured
    from ..develop.capture import Redaction


@command()
@on_project
@click.argument("request_id", metavar="ID", required=False)
@click.option("--redact", "fields", multiple=True, is_flag=False, flag_value="", metavar="[FIELD]",
              help="Replace addresses, tokens, and the values of FIELD. After ID; repeatable.")  # fmt: skip
@click.option("--most", default=20, show_default=True, type=click.IntRange(1), help="At most this many failed records.")
@click.option("-o", "--output", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path("tests"),
              show_default=True, help="The folder of the test; the fixture goes into fixtures/ below it.")  # fmt: skip
@click.option(
    "--check", is_flag=True, help="Run the test now, which calls the failed function. Exit code 1 if it passes."
)
@click.option("--force", is_flag=True, help="Overwrite existing files.")
@click.option("--json", "as_json", is_flag=True, help="Print the written files as one JSON object.")
def capture(
    target: TargetOptions, request_id: str | None, fields: tuple[str, ...], most: int, folder: Path,
    check: bool, force: bool, as_json: bool,
) -> None:  # fmt: skip
    """Write the records that failed into a fixture, and a pytest test that fails the same way.

    --redact replaces values by others of the same shape: letters by letters, digits by digits, addresses by those
    reserved for documentation. Read the fixture before you commit it.

    \b
    slips capture 4f6d2c81 --redact actor.email --redact user --check
    """
    from ...reader.s3 import S3Objects
    from ..develop.capture import failing
    from ..develop.project import load_project

    if request_id is None:
        raise click.UsageError("Missing argument 'ID'; write it before --redact: slips capture ID --redact")
    to = target.open()
    slips = load_project(to.path).slips
    slips.check()
    item = to.quarantine.get(find_item_id(to.quarantine, request_id))
    chain = _chain(slips, item)
    failing_records = failing(item, chain[1], S3Objects(to.s3_access), slips.config.limits, most)
    if failing_records.note:
        warn(one_line(failing_records.note, 400))
    captured = _captured(item, chain, failing_records.records, failing_records.positions, _redaction(fields, chain[1]))
    files = _write(item, captured, folder, force=force)
    if as_json:
        print_json({"fixture": str(files[0]), "test": str(files[1]), "records": len(captured.records)})
    else:
        click.echo(f"{files[0]}\n{files[1]}")
    if not fields:
        _tell_suspicious(captured)
    if check:
        _check(slips, captured)


def _chain(slips: Slips, item: ErrorItem) -> tuple[tuple[str, ...], Chain]:
    from ...config import routing

    if not item.argument:
        raise SlipsError(f"{item.request_id} names no object, so there is no record to capture")
    names = routing.find_mapping(slips.config, item.argument[0].ref).chain
    chain = slips.chain(names)
    counting = chain.counting(slips.config.limits.max_line_bytes)
    if item.chain not in ("", counting):
        raise SlipsError(
            f"{item.request_id}: {explain_recount(item.chain, counting)}; capture it under the former mapping"
        )
    return names, chain


def _redaction(fields: tuple[str, ...], chain: Chain) -> Redaction | None:
    from ..develop.capture import Redaction

    if not fields:
        return None
    named = [name.strip() for field in fields for name in field.split(",")]
    return Redaction(named, lambda record, name: _values(chain, record, name))


def _values(chain: Chain, record: bytes, name: str) -> Iterator[str]:
    """Yield the values that the record's parser has under that name."""
    from ...formats.base import ObjectInfo, events_of
    from ...formats.fields import lookup

    try:
        events = [event for _, event in events_of(chain.parser(ObjectInfo()).read(record))]
    # The record is faulty, or needs those before it; patterns and literal names are still replaced.
    except Exception:  # noqa: BLE001
        return
    for event in events:
        value = event.get(name, lookup(event, name))
        if isinstance(value, str):
            yield value


def _captured(
    item: ErrorItem, chain: tuple[tuple[str, ...], Chain], records: list[bytes], positions: str,
    redaction: Redaction | None,
) -> Captured:  # fmt: skip
    from ...testing import Captured
    from ...testing.captured import to_json_text

    # Before the texts, in which the values of the records are replaced, too.
    redacted = tuple(to_json_text(redaction.record(each) if redaction else each) for each in records)

    def text(value: str) -> str:
        return redaction.about(value) if redaction else value

    work = item.argument[0]
    return Captured(
        error_type=item.error_type,
        error_message=text(item.error_message),
        stage=item.stage,
        format=item.format,
        processor=item.processor,
        bucket=work.bucket_name,
        key=text(work.object_key),
        event_time=work.event_time,
        chain=chain[0],
        positions=positions,
        records=redacted,
    )


def _write(item: ErrorItem, captured: Captured, folder: Path, *, force: bool) -> tuple[Path, Path]:
    from ...testing.captured import dump
    from ..develop.capture import names, test_text

    name, _ = names(item)
    fixture, test = folder / "fixtures" / f"{name}.json", folder / f"test_{name}.py"
    for path in (fixture, test):
        if path.exists() and not force:
            raise SlipsError(f"{path} exists already; --force overwrites it")
    fixture.parent.mkdir(parents=True, exist_ok=True)
    fixture.write_text(dump(captured))
    test.write_text(test_text(item))
    return fixture, test


def _tell_suspicious(captured: Captured) -> None:
    from ..develop.capture import suspicious

    count = sum(suspicious(record) for record in captured.records if isinstance(record, str))
    if count:
        look = "1 value looks" if count == 1 else f"{count} values look"
        warn(f"{look} like an IP or e-mail address or a token; --force --redact replaces them")


def _check(slips: Slips, captured: Captured) -> None:
    """Run the fixture. Exit with 1 if it does not fail as the item did."""
    from ...testing import SlipsTester

    errors: list[Any] = SlipsTester(slips).error(captured).errors
    kinds = {each.error_type for each in errors}
    if captured.error_type in kinds:
        click.echo(f"fails the same way: {captured.error_type}", err=True)
        return
    instead = f"it fails with {', '.join(sorted(kinds))}" if kinds else "it passes"
    warn(f"does not fail with {captured.error_type}: {instead}. It is fixed by now, or the redaction removed the cause")
    raise SystemExit(1)
