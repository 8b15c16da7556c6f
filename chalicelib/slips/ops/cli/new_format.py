"""`slips new-format`: a parser proposed from samples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from ...errors import SlipsError
from ..output import escaped
from .terminal import print_json, warn

if TYPE_CHECKING:
    from ..develop.new_format import ParserProposal, Samples

APP = Path("app.py")


@click.command("new-format")
@click.argument("name")
@click.option("--from", "sample", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A file with records of the format, compressed or not.")  # fmt: skip
@click.option("--cut", "framing", metavar="FRAMING", default="",
              help="What cuts the file into records: lines, multiline:REGEX, json:KEY, csv, xml:ELEMENT, …  "
                   "[default: by the first records]")  # fmt: skip
@click.option("--write", is_flag=True, help="Write into app.py and tests/test_format_NAME.py.")
@click.option("--redact", is_flag=True, help="Replace IP addresses, e-mail addresses and tokens in the test.")
@click.option("--json", "as_json", is_flag=True, help="Print parser, test and fields as one JSON object.")
def new_format(name: str, sample: Path, framing: str, write: bool, redact: bool, as_json: bool) -> None:
    """Propose a parser for a format of your own, as code to edit, with its test: field names and the time come from the
    samples. Lines that continue a record, as those of a stack trace, are found by how records begin. Without --write,
    parser and test are printed.

    \b
    slips new-format door-badge --from badges.log
    slips new-format door-badge --from badges.log.gz --write && pytest tests/test_format_door_badge.py
    slips new-format my-app --from app.log --cut 'multiline:^\\d{4}-'
    """
    from ...formats.registry import is_known
    from ..develop.new_format import propose_parser, read_samples
    from ..develop.new_format.place import slips_name

    if not name.isprintable() or not any(char.isalnum() for char in name):
        raise click.UsageError("NAME: letters and digits, as in slips.yml: door-badge")
    if is_known(name):
        raise click.UsageError(f"there is a format {name} already: `slips formats {name}`; choose another name")
    try:
        samples = read_samples(sample, framing)
    except ValueError as fault:
        raise click.UsageError(f"--cut: {fault}") from None
    if not samples.records:
        raise click.UsageError(f"--from {sample}: no records in it")
    if redact:
        samples = _redact(samples)
    proposal = propose_parser(name, samples, slips_name(APP.read_text()) if APP.is_file() else "slips")
    _warn(proposal, samples)
    if write:
        _write(proposal)
    elif as_json:
        print_json(msgspec.to_builtins(proposal))
    else:
        parts = [*proposal.imports, "", "", proposal.parser, "", f"# {_test_file(proposal)}", "", proposal.test]
        click.echo("\n".join(parts).rstrip())


def _redact(samples: Samples) -> Samples:
    from ..develop.capture import Redaction

    redaction = Redaction()
    return msgspec.structs.replace(samples, records=tuple(map(redaction.text, samples.records)))


def _warn(proposal: ParserProposal, samples: Samples) -> None:
    shape = proposal.shape
    warn(f"{shape.kind}, cut by {escaped(shape.framing)}: {shape.read} of {len(samples.records)} records fit")
    warn(f"fields: {escaped(', '.join(shape.fields))}")
    warn(f"time: {escaped(shape.time)}" if shape.time else "time: not found; the object's counts")
    warn(escaped(_mapping(proposal)))


def _mapping(proposal: ParserProposal) -> str:
    """Return the line for slips.yml. Where the parser itself sets a framing, its name is enough."""
    from ..develop.new_format.framings import chain_of

    framing = proposal.shape.framing
    chain = chain_of(framing, proposal.name)
    short = f", or short: {proposal.name} (its parser sets the framing)" if framing != "lines" else ""
    return f"in slips.yml, under bucket_mapping: - {{prefix: …, format: {chain}}}{short}"


def _test_file(proposal: ParserProposal) -> Path:
    return Path("tests") / f"test_format_{proposal.function}.py"


def _write(proposal: ParserProposal) -> None:
    from ..develop.new_format import insert
    from ..develop.new_format.code import without_utc

    if not APP.is_file():
        raise click.UsageError(f"there is no app.py in {Path.cwd()}; call slips in the folder of your project")
    text, test = APP.read_text(), _test_file(proposal)
    if f"def {proposal.function}(" in text or test.exists():
        raise SlipsError(f"app.py or {test} has {proposal.function} already; choose another NAME")
    parser = without_utc(proposal.parser) if "def _utc(" in text else proposal.parser
    edited = insert(text, proposal.imports, parser)
    test.parent.mkdir(exist_ok=True)
    test.write_text(proposal.test)
    partial = APP.with_suffix(".py.new")
    partial.write_text(edited)
    partial.replace(APP)
    click.echo(f"{APP}\n{test}")
