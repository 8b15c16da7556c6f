"""`slips new-format`: a format proposed from samples."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from ...config import load
from ...errors import SlipsError
from ...wording import plural
from ..output import escaped
from ..target import config_path
from ..text_files import read_text_file
from .parameters import command
from .target import config_option
from .terminal import print_json, warn

if TYPE_CHECKING:
    from ..develop.new_format import ParserProposal, PatternProposal, Samples

APP = Path("app.py")
_NAME = re.compile(r"[\w.-]+")


@command("new-format")
@click.argument("name")
@click.option("--from", "sample", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A file with records of the format, compressed or not.")  # fmt: skip
@click.option("--cut", "framing", metavar="FRAMING", default="",
              help="How to cut the file into records: lines, multiline:REGEX, json:KEY, csv, xml:ELEMENT, …  "
                   "[default: found from the first records]")  # fmt: skip
@click.option("--code", is_flag=True, help="Propose a parser in Python, with its test, even if a pattern is enough.")
@click.option(
    "--write", is_flag=True, help="Write into slips.yml, or the parser into app.py and tests/test_format_NAME.py."
)
@click.option("--redact", is_flag=True, help="Replace IP addresses, e-mail addresses and tokens in the test.")
@click.option("--json", "as_json", is_flag=True, help="Print the proposal as one JSON object.")
def new_format(
    name: str, sample: Path, framing: str, code: bool, write: bool, redact: bool, as_json: bool
) -> None:  # fmt: skip
    """Propose a format of your own from samples: a pattern for slips.yml (docs/patterns.md) or, for JSON and key=value,
    a parser in Python with its test. Fields, types and the time come from the samples. Lines that continue a record,
    such as those of a stack trace, are recognized by how records begin. Without --write, the command only prints the
    proposal.

    \b
    slips new-format door-badge --from badges.log
    slips new-format door-badge --from badges.log.gz --write && slips parse --format door-badge badges.log.gz
    slips new-format my-app --from app.log --code --cut 'multiline:^\\d{4}-'
    """
    from ...formats.registry import is_known
    from ..develop.new_format import propose_parser, propose_pattern, read_samples
    from ..develop.new_format.place import slips_name

    if not _NAME.fullmatch(name) or not any(char.isalnum() for char in name):
        raise click.UsageError(f"NAME: {name!r}: letters and digits, with - or _ and without spaces: door-badge")
    if is_known(name):
        raise click.UsageError(f"there is a format {name} already: `slips formats {name}`; choose another name")
    try:
        samples = read_samples(sample, framing)
    except ValueError as fault:
        raise click.UsageError(f"--cut: {fault}") from None
    if not samples.records:
        raise click.UsageError(f"--from {sample}: no records in it")
    pattern = None if code else propose_pattern(name, samples)
    if pattern is not None:
        _propose(pattern, samples, sample, write=write, as_json=as_json)
        return
    if redact:
        samples = _redact(samples)
    proposal = propose_parser(name, samples, slips_name(read_text_file(APP)) if APP.is_file() else "slips")
    _warn(proposal, samples)
    if write:
        _write(proposal)
    elif as_json:
        print_json(msgspec.to_builtins(proposal))
    else:
        parts = [*proposal.imports, "", "", proposal.parser, "", f"# {_test_file(proposal)}", "", proposal.test]
        click.echo("\n".join(parts).rstrip())


def _propose(pattern: PatternProposal, samples: Samples, sample: Path, *, write: bool, as_json: bool) -> None:
    warn(f"a pattern: {pattern.read} of {plural(len(samples.records), 'record')} fit")
    warn(f"fields: {escaped(', '.join(pattern.fields))}")
    warn(f"time: {escaped(pattern.time)}" if pattern.time else "time: not found; the object's counts")
    if write:
        path = config_path(config_option(None))
        edited = pattern.insert(path.read_text())
        partial = path.with_name(f"{path.name}.new")
        try:
            partial.write_text(edited)
            load(partial)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        click.echo(path)
    elif as_json:
        print_json(msgspec.to_builtins(pattern))
    else:
        click.echo(pattern.text, nl=False)
    warn(f"in slips.yml, under bucket_mapping: - {{prefix: …, format: {pattern.name}}}")
    warn(f"try it: slips parse --format {pattern.name} {escaped(shlex.quote(str(sample)))}")
    warn(f'in app.py: @slips.on_format("{pattern.name}")')


def _redact(samples: Samples) -> Samples:
    from ..develop.capture import Redaction

    redaction = Redaction()
    return msgspec.structs.replace(samples, records=tuple(map(redaction.text, samples.records)))


def _warn(proposal: ParserProposal, samples: Samples) -> None:
    shape = proposal.shape
    warn(f"{shape.kind}, cut by {escaped(shape.framing)}: {shape.read} of {plural(len(samples.records), 'record')} fit")
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
    text, test = read_text_file(APP), _test_file(proposal)
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
